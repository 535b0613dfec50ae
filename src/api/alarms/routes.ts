import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { READERS } from '../auth/access.js';
import type { ApiDeps } from '../deps.js';
import { pageAfter } from '../paging.js';
import { alarmActionRoutes } from './actions.js';
import { bulkActionRoutes } from './bulk.js';
import { alarmEventRoutes } from './events.js';
import { alarmListRoutes } from './list.js';
import { oneAlarmRoutes } from './one.js';
import { ruleList, rulesQuery } from './schemas.js';

export type AlarmDeps = Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone' | 'clock' | 'queries'>;

/** Alarms, what people do to them, their record; and `GET /alarm-rules`. */
export function alarmRoutes(deps: AlarmDeps): FastifyPluginAsync {
  const { alarms } = deps;
  return async (plain) => {
    const parts = [alarmListRoutes, oneAlarmRoutes, alarmActionRoutes, bulkActionRoutes, alarmEventRoutes];
    for (const routes of parts) await plain.register(routes(deps));
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/alarm-rules',
      {
        config: { access: READERS },
        schema: {
          tags: ['alarms'],
          summary: 'The alarm rules in their newest version',
          querystring: rulesQuery,
          response: { 200: ruleList.describe('A page of rules') },
        },
      },
      async (request) => {
        const { domain, metric, ...paging } = request.query;
        const rules = alarms
          .rules()
          .filter((rule) => (!domain || rule.domain === domain) && (!metric || rule.metric === metric));
        return pageAfter(rules, (rule) => rule.id, paging);
      },
    );
  };
}
