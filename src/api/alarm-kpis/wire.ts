import { stringify } from 'csv-stringify/sync';
import type { AlarmOwner } from '../../alarms/model/kpi/event.js';
import { type MeasuredPeriod, PERIOD_NOTES } from '../../alarms/model/kpi/report/measured-period.js';
import type { KpiDetail, KpiReport } from '../../alarms/model/kpi/report/report.js';
import { PRIORITY_TARGETS } from '../../alarms/model/kpi/targets.js';
import { maybe } from '../../alarms/model/wire.js';
import { SECOND_MS } from '../../model/time/duration.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { KpisAnswer } from './schemas.js';

/** A report with its request. */
interface AnsweredReport extends MeasuredPeriod {
  readonly position: string;
  readonly parks: string[];
  readonly system: boolean;
  readonly from: number;
  readonly to: number;
  readonly completeSince: number;
  readonly timeZone: string;
  readonly report: KpiReport;
}

/** Gives alarms their ids for the client. */
type Named = <T extends AlarmOwner>(one: T) => T;

export function kpisToWire(answered: AnsweredReport, time: WriteTime, named: Named): KpisAnswer {
  const { report, period, notes, from, to, completeSince, ...rest } = answered;
  return {
    ...rest,
    from: time(from),
    to: time(to),
    measured: period && { from: time(period.from), to: time(period.to) },
    completeSince: time(completeSince),
    notes: notes.map((code) => ({ code, text: PERIOD_NOTES[code] })),
    kpis: [...report.kpis],
    detail: report.detail && detailToWire(report.detail, time, named),
  };
}

const COLUMNS = [
  ...['position', 'from', 'to', 'kpi', 'value', 'unit', 'target_is', 'target', 'manageable', 'verdict'],
  ...['standard', 'clause', 'certainty'],
];

/** One row per KPI; an unknown value is empty. */
export function kpisToCsv({ report, period, position }: AnsweredReport, time: WriteTime): string {
  const span = period ? [time(period.from), time(period.to)] : ['', ''];
  const rows = report.kpis.map(({ name, value, unit, target, verdict, source }) => [
    ...[position, ...span, name, value, unit, target?.is, target?.value, target?.manageable, verdict],
    ...[source.standard, source.clause, source.certainty],
  ]);
  return stringify([COLUMNS, ...rows], { record_delimiter: '\r\n' });
}

function detailToWire(detail: KpiDetail, time: WriteTime, named: Named): NonNullable<KpisAnswer['detail']> {
  const windows = ({ peakAt, distribution, ...rest }: KpiDetail['per10Min']) => ({
    ...rest,
    peakAt: maybe(time)(peakAt),
    distribution: [...distribution],
  });
  const span = <T extends { readonly from: number; readonly to: number }>(one: T) => ({
    ...one,
    from: time(one.from),
    to: time(one.to),
  });
  const list = <T, W>(
    { total, items }: { readonly total: number; readonly items: readonly T[] },
    map: (one: T) => W,
  ) => ({
    total,
    items: items.map(map),
  });
  return {
    ...detail,
    per10Min: windows(detail.per10Min),
    perHour: windows(detail.perHour),
    days: detail.days.map(span),
    floods: {
      count: detail.floods.count,
      durationS: detail.floods.durationMs / SECOND_MS,
      worst: detail.floods.worst.map(span),
    },
    topTen: detail.topTen.map((one) => named(one)),
    chattering: list(detail.chattering, (one) => named(one)),
    fleeting: list(detail.fleeting, (one) => named(one)),
    stale: list(detail.stale, ({ longestMs, ...rest }) => ({ ...named(rest), longestS: longestMs / SECOND_MS })),
    priorities: detail.priorities.map((one) => ({ ...one, targetPct: PRIORITY_TARGETS[one.priority] })),
  };
}
