import fastifyPlugin from 'fastify-plugin';
import { framePlugin } from '../http/frame.js';
import { holdPlaces, OpenQueries } from '../http/open-queries.js';
import { TimeZone } from '../model/time/zone.js';
import { alarmChannelRoutes, alarmDeliveryRoutes } from './alarm-channels/routes.js';
import { alarmEscalationRoutes } from './alarm-escalation/routes.js';
import { alarmKpiRoutes } from './alarm-kpis/routes.js';
import { dryRunRoutes } from './alarm-rules/dry-run.js';
import { alarmRuleRoutes } from './alarm-rules/routes.js';
import { explanationRoutes } from './alarms/explanation.js';
import { alarmRoutes } from './alarms/routes.js';
import { auditRoutes } from './audit/routes.js';
import { catalogueRoutes } from './catalogue/routes.js';
import { consumptionRoutes } from './consumption/routes.js';
import type { ApiDeps } from './deps.js';
import { deviceRoutes } from './devices/routes.js';
import { docsPlugin } from './docs/plugin.js';
import { emissionLedgerRoutes } from './emissions/ledgers.js';
import { enterpriseRoutes } from './enterprises/routes.js';
import { gatewayRoutes } from './gateways/routes.js';
import { markLag } from './history-lag.js';
import { intensityRoutes } from './intensity/routes.js';
import { latestRoutes } from './latest/routes.js';
import { loggerRoutes } from './loggers/routes.js';
import { gapRuleRoutes } from './meters/gap-rules.js';
import { lossLimitRoutes } from './meters/loss-limits.js';
import { meterSwapRoutes } from './meters/swaps.js';
import { meterTreeRoutes } from './meters/tree.js';
import { meterVoidRoutes } from './meters/voids.js';
import { parkRoutes } from './parks/routes.js';
import { quarantineRoutes } from './quarantine/routes.js';
import { readingsRoutes } from './readings/routes.js';
import { addedValueRoutes } from './statistics/added-value.js';
import { billRoutes } from './statistics/bills/routes.js';
import { tableUploadRoutes } from './statistics/bills/upload.js';
import { countedSetRoutes } from './statistics/counted-sets.js';
import { statisticsRoutes } from './statistics/routes.js';
import { intensitySettingRoutes } from './statistics/settings.js';
import { statisticsUploadRoutes, templateRoutes } from './statistics/upload.js';
import { tokenRoutes } from './tokens/routes.js';

/** The HTTP API: the frame, then its documents, then every resource below `/api/v1`. */
export const apiPlugin = fastifyPlugin<ApiDeps>(
  async (app, given) => {
    const { queries = new OpenQueries() } = given;
    const deps = { ...given, queries };
    await app.register(framePlugin, { registry: deps.registry, audit: deps.audit });
    await app.register(docsPlugin);
    const resources = [
      parkRoutes(deps),
      catalogueRoutes,
      gatewayRoutes(deps),
      loggerRoutes(deps),
      deviceRoutes(deps),
      enterpriseRoutes(deps),
      tokenRoutes(deps),
      auditRoutes(deps),
      quarantineRoutes(deps),
      alarmRoutes(deps),
      alarmKpiRoutes(deps),
      alarmChannelRoutes(deps),
      alarmDeliveryRoutes(deps),
      alarmEscalationRoutes(deps),
      explanationRoutes(deps),
      alarmRuleRoutes(deps),
      dryRunRoutes(deps),
      meterTreeRoutes(deps),
      lossLimitRoutes(deps),
      meterSwapRoutes(deps),
      meterVoidRoutes(deps),
      gapRuleRoutes(deps),
      statisticsUploadRoutes(deps),
      templateRoutes(deps),
      tableUploadRoutes(deps),
      billRoutes(deps),
      statisticsRoutes(deps),
      addedValueRoutes(deps),
      countedSetRoutes(deps),
      intensitySettingRoutes(deps),
      readingsRoutes(deps),
      latestRoutes(deps),
      intensityRoutes(deps),
      consumptionRoutes(deps),
      emissionLedgerRoutes(deps),
    ];
    holdPlaces(app, queries);
    markLag(app, deps.historian, new TimeZone(deps.timeZone));
    for (const routes of resources) await app.register(routes, { prefix: '/api/v1' });
  },
  { name: 'api' },
);
