import { covers, type OperatorPosition } from '../../alarms/model/kpi/event.js';
import { proposeShelving } from '../../alarms/model/kpi/live/chatter-detector.js';
import { KpiFold } from '../../alarms/model/kpi/report/fold.js';
import {
  type MeasuredPeriod,
  measuredPeriod,
  notesOn,
  RECOMMENDED_MS,
} from '../../alarms/model/kpi/report/measured-period.js';
import { emptyReport, type KpiReport, MAX_LISTED, reportOf } from '../../alarms/model/kpi/report/report.js';
import type { AlarmKpis } from '../../alarms/port.js';
import { principalOf, READERS } from '../../http/auth/access.js';
import { CSV_TYPE, JSON_OR_CSV, jsonOrCsv, negotiate } from '../../http/negotiate.js';
import { OpenQueries } from '../../http/open-queries.js';
import { ok, route, routes } from '../../http/route.js';
import { requirePeriod } from '../../http/times.js';
import { instantFormatter } from '../../model/time/rfc3339.js';
import type { Period } from '../../model/time/windows.js';
import { TimeZone } from '../../model/time/zone.js';
import type { ApiDeps } from '../deps.js';
import { ownersFor, positionOf, positionToWire } from './position.js';
import { kpisAnswer, kpisCsv, kpisQuery, nuisanceAnswer, nuisanceQuery } from './schemas.js';
import { kpisToCsv, kpisToWire } from './wire.js';

type AlarmKpiDeps = Pick<ApiDeps, 'registry' | 'timeZone' | 'clock' | 'alarmKpis'> & {
  /** Bounds the reports in progress; created when left out. */
  readonly reports?: OpenQueries;
};

export const MAX_PERIOD_DAYS = 400;
/** Most reports in progress; each reads the stored events of its period. */
const MAX_REPORTS = 4;

/** `GET /alarm-kpis`, `GET /alarm-nuisance`. */
export function alarmKpiRoutes(deps: AlarmKpiDeps) {
  const { registry, timeZone, clock, alarmKpis, reports = new OpenQueries(MAX_REPORTS) } = deps;
  const zone = new TimeZone(timeZone);

  return routes((app) => {
    app.get(
      '/alarm-kpis',
      route(READERS, 'alarms', 'How well the alarm system does, beside the targets of EEMUA 191 and ISA-18.2', {
        description:
          'Per operator position, JSON or CSV with `Accept: text/csv`. Alarms are annunciations: raised, raised to a ' +
          'higher level, or raised again after the re-alarm time; the time is that of receipt by the service. The targets ' +
          `are for one operator position and at least 30 days. A period has at most ${MAX_PERIOD_DAYS} days.`,
        querystring: kpisQuery,
        response: jsonOrCsv('The KPIs', kpisAnswer, kpisCsv),
      }),
      async (request, reply) => {
        const type = negotiate(request.headers.accept, JSON_OR_CSV);
        const now = clock();
        const asked = periodOf(request.query, now);
        const position = positionOf(request, registry, request.query.position);
        const leave = reports.enter(principalOf(request).id);
        let complete = false;
        try {
          const measured = await measure(alarmKpis, { asked, position, zone, now });
          const answered = { ...positionToWire(position, registry), ...asked, timeZone, ...measured };
          complete = true;
          if (type === 'application/json') {
            return kpisToWire(answered, instantFormatter(zone), ownersFor(request, registry));
          }
          return reply
            .type(CSV_TYPE)
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
        ...ok(nuisanceAnswer, 'As of now, the worst first'),
      }),
      async (request) => {
        const position = positionOf(request, registry, request.query.position);
        const named = ownersFor(request, registry);
        const seen = alarmKpis
          .nuisances()
          .filter((one) => covers(position, one))
          .map((one) => named(one));
        return {
          ...positionToWire(position, registry),
          chattering: cut(seen.filter((one) => one.chattering)),
          fleeting: cut(seen.filter((one) => !one.chattering && one.fleeting > 0)),
          proposals: proposeShelving(seen),
        };
      },
    );
  });
}

/** @throws ProblemError 422 for an empty or too long period */
function periodOf(query: { from?: number | undefined; to?: number | undefined }, now: number) {
  const to = query.to ?? now;
  const from = query.from ?? to - RECOMMENDED_MS;
  requirePeriod({ from, to }, 'query', MAX_PERIOD_DAYS);
  return { from, to };
}

function cut<T>(all: T[]): { total: number; items: T[] } {
  return { total: all.length, items: all.slice(0, MAX_LISTED) };
}

/** Computes the KPIs of a position over the stored part of a period. */
async function measure(
  source: Pick<AlarmKpis, 'readEvents'>,
  { asked, position, zone, now }: { asked: Period; position: OperatorPosition; zone: TimeZone; now: number },
): Promise<MeasuredPeriod & { readonly completeSince: number; readonly report: KpiReport }> {
  const { completeSince, standing, events } = await source.readEvents(asked);
  const measured = measuredPeriod(asked, completeSince, now);
  if (!measured.period) return { ...measured, completeSince, report: emptyReport() };
  const fold = new KpiFold(measured.period, zone);
  for (const one of standing) if (covers(position, one)) fold.begin(one);
  for await (const batch of events) {
    for (const event of batch) if (covers(position, event)) fold.append(event);
  }
  fold.finish();
  const report = reportOf(fold);
  return { ...measured, notes: [...measured.notes, ...notesOn(report.detail)], completeSince, report };
}
