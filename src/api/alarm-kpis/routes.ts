import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { covers } from '../../alarms/model/kpi/event.js';
import { proposeShelving } from '../../alarms/model/kpi/live/chatter-detector.js';
import { RECOMMENDED_MS } from '../../alarms/model/kpi/report/measured-period.js';
import { MAX_LISTED } from '../../alarms/model/kpi/report/report.js';
import { READERS } from '../../http/auth/access.js';
import { negotiate } from '../../http/negotiate.js';
import { OpenQueries } from '../../http/open-queries.js';
import { route } from '../../http/route.js';
import { requirePeriod } from '../../http/times.js';
import { instantFormatter } from '../../model/time/rfc3339.js';
import { TimeZone } from '../../model/time/zone.js';
import type { ApiDeps } from '../deps.js';
import { measure } from './measure.js';
import { ownersFor, parksOf, positionOf } from './position.js';
import { kpisAnswer, kpisCsv, kpisQuery, nuisanceAnswer, nuisanceQuery } from './schemas.js';
import { kpisToCsv, kpisToWire } from './wire.js';

type AlarmKpiDeps = Pick<ApiDeps, 'registry' | 'timeZone' | 'clock' | 'alarmLoad'> & {
  /** Bounds the reports being made at once; one is made when left out. */
  readonly reports?: OpenQueries;
};

/** Longest period of one report, in days. */
export const MAX_PERIOD_DAYS = 400;
/** Reports made at once; each reads the record of its period. */
const MAX_REPORTS = 4;
const MEDIA_TYPES = ['application/json', 'text/csv'] as const;

/** `GET /alarm-kpis`, `GET /alarm-nuisance`. */
export function alarmKpiRoutes(deps: AlarmKpiDeps): FastifyPluginAsync {
  const { registry, timeZone, clock, alarmLoad, reports = new OpenQueries(MAX_REPORTS) } = deps;
  const zone = new TimeZone(timeZone);

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/alarm-kpis',
      route(READERS, 'alarms', 'How well the alarm system does, beside the targets of EEMUA 191 and ISA-18.2', {
        description:
          'Per operator position, JSON or CSV with `Accept: text/csv`. Alarms are annunciations: raised, raised to a ' +
          'higher level, or raised again after the re-alarm time; the time is that of receipt by the service. The targets ' +
          `are for one operator position and at least 30 days. A period has at most ${MAX_PERIOD_DAYS} days.`,
        querystring: kpisQuery,
        response: {
          200: {
            description: 'The KPIs',
            content: { 'application/json': { schema: kpisAnswer }, 'text/csv': { schema: kpisCsv } },
          },
        },
      }),
      async (request, reply) => {
        const type = negotiate(request.headers.accept, MEDIA_TYPES);
        const now = clock();
        const asked = periodOf(request.query, now);
        const position = positionOf(request, registry, request.query.position);
        const leave = reports.enter();
        let complete = false;
        try {
          const measured = await measure(alarmLoad, { asked, position, zone, now });
          const { name, system } = position;
          const parks = parksOf(position, registry);
          const answered = { position: name, parks, system, ...asked, timeZone, ...measured };
          complete = true;
          if (type === 'application/json') {
            return kpisToWire(answered, instantFormatter(zone), ownersFor(request, registry));
          }
          return reply
            .type('text/csv; charset=utf-8; header=present')
            .header('content-disposition', 'attachment; filename="alarm-kpis.csv"')
            .serializer(String)
            .send(kpisToCsv(answered, instantFormatter(zone)) as never);
        } finally {
          leave(complete);
        }
      },
    );
    app.get(
      '/alarm-nuisance',
      route(READERS, 'alarms', 'Alarms that chatter or are fleeting, and which are worth shelving', {
        querystring: nuisanceQuery,
        response: { 200: nuisanceAnswer.describe('As of now, the worst first') },
      }),
      async (request) => {
        const position = positionOf(request, registry, request.query.position);
        const named = ownersFor(request, registry);
        const seen = alarmLoad
          .nuisances()
          .filter((one) => covers(position, one))
          .map((one) => named(one));
        return {
          position: position.name,
          parks: parksOf(position, registry),
          system: position.system,
          chattering: cut(seen.filter((one) => one.chattering)),
          fleeting: cut(seen.filter((one) => !one.chattering && one.fleeting > 0)),
          proposals: proposeShelving(seen),
        };
      },
    );
  };
}

/** @throws ProblemError 422 when that is no period, or too long a one */
function periodOf(query: { from?: number | undefined; to?: number | undefined }, now: number) {
  const to = query.to ?? now;
  const from = query.from ?? to - RECOMMENDED_MS;
  requirePeriod({ from, to }, 'query', MAX_PERIOD_DAYS);
  return { from, to };
}

function cut<T>(all: T[]): { total: number; items: T[] } {
  return { total: all.length, items: all.slice(0, MAX_LISTED) };
}
