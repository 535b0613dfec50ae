import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../../model/time/duration.js';
import type { SuppressionName } from '../../state.js';
import { ownerOf, SUPPRESSION_BITS } from '../event.js';
import {
  KPI_DEFINITIONS,
  KPI_NAMES,
  type KpiDefinition,
  type KpiName,
  type KpiVerdict,
  kpiVerdict,
} from '../targets.js';
import { isStale, type TrackedAlarm } from './alarm-book.js';
import type { KpiFold } from './fold.js';

export const MAX_LISTED = 100;
const TOP = 10;

export interface Kpi extends KpiDefinition {
  readonly name: KpiName;
  readonly value: number | null;
  readonly verdict: KpiVerdict;
}

/** A list of alarms, cut; `total` is the full number. */
export interface CutList<T> {
  readonly total: number;
  readonly items: readonly T[];
}

/** The figures behind the KPIs; `alarms` counts annunciations, percents are of all. */
export type KpiDetail = ReturnType<typeof detailOf>;

export interface KpiReport {
  readonly kpis: readonly Kpi[];
  /** Null when no record of the period is left. */
  readonly detail: KpiDetail | null;
}

/** Each KPI with its target, from a finished fold. */
export function reportOf(fold: KpiFold): KpiReport & { readonly detail: KpiDetail } {
  const detail = detailOf(fold);
  return { kpis: judge(valuesOf(fold, detail)), detail };
}

/** The report of a period without records: no target is met or missed. */
export function emptyReport(): KpiReport {
  return { kpis: judge(() => null), detail: null };
}

function judge(read: (name: KpiName) => number | null): Kpi[] {
  return KPI_NAMES.map((name) => {
    const definition: KpiDefinition = KPI_DEFINITIONS[name];
    const value = read(name);
    return { name, value, verdict: kpiVerdict(definition.target, value), ...definition };
  });
}

function valuesOf(fold: KpiFold, detail: KpiDetail): (name: KpiName) => number | null {
  const { alarms, book, days, period } = fold;
  const length = period.to - period.from;
  const answered = detail.acknowledgement.byOperators + detail.acknowledgement.byService;
  const { times } = book.acknowledged;
  const seconds = (ms: number | null) => (ms === null ? null : ms / SECOND_MS);
  const values: Record<KpiName, number | null> = {
    alarms,
    alarms_per_day: (alarms * DAY_MS) / length,
    alarms_per_hour: (alarms * HOUR_MS) / length,
    alarms_per_10_min: detail.per10Min.mean,
    peak_per_10_min: detail.per10Min.peak,
    windows_above_10_pct: detail.per10Min.abovePct,
    hours_above_30_pct: detail.perHour.abovePct,
    flood_count: detail.floods.count,
    flood_time_pct: (100 * detail.floods.durationMs) / length,
    top_ten_pct: alarms === 0 ? null : detail.topTen.reduce((sum, one) => sum + one.pct, 0),
    chattering_alarms: detail.chattering.total,
    fleeting_alarms: detail.fleeting.total,
    stale_on_worst_day: days.mostStale,
    stale_at_end: countOf(book.alarms, (one) => isStale(one, period.to)),
    low_priority_pct: fold.priorityPct('low'),
    medium_priority_pct: fold.priorityPct('medium'),
    high_priority_pct: fold.priorityPct('high'),
    critical_priority_pct: fold.priorityPct('critical'),
    standing_average: detail.standing.average,
    shelved_at_end: detail.suppression.shelved.atEnd,
    acknowledged_pct: book.waits === 0 ? null : (100 * answered) / book.waits,
    acknowledge_p50: seconds(times.percentile(0.5)),
    acknowledge_p95: seconds(times.percentile(0.95)),
    acknowledge_max: times.count === 0 ? null : seconds(times.max),
    unacknowledged_at_end: countOf(book.alarms, (one) => one.unacknowledgedSince !== null),
    late_occurrences: fold.late,
  };
  return (name) => values[name];
}

function detailOf(fold: KpiFold) {
  const { book, period, floods } = fold;
  const all = [...book.alarms.values()];
  const frequent = top(all, (one) => one.alarms, TOP).items;
  /** Times in the period, and alarms at its end. */
  const suppressed = (name: SuppressionName) => ({
    times: book.suppressions[name],
    atEnd: countOf(book.alarms, (one) => (one.suppression & SUPPRESSION_BITS[name]) !== 0),
  });
  return {
    per10Min: fold.per10Min.finish(),
    perHour: fold.perHour.finish(),
    days: fold.days.finish(),
    floods: { count: floods.count, durationMs: floods.durationMs, worst: floods.worst },
    topTen: frequent.map((one) => ({
      ...ownerOf(one.owner),
      alarms: one.alarms,
      pct: (100 * one.alarms) / fold.alarms,
    })),
    chattering: mapped(
      top(all, (one) => one.chatterAlarms),
      nuisanceOf,
    ),
    // Only alarms that did not chatter: an alarm is in one list or the other.
    fleeting: mapped(
      top(all, (one) => (one.chatters === 0 ? one.fleeting : 0)),
      nuisanceOf,
    ),
    stale: mapped(
      top(all, (one) => one.staleMs),
      (one) => ({
        ...ownerOf(one.owner),
        longestMs: one.staleMs,
        atEnd: isStale(one, period.to),
      }),
    ),
    priorities: fold.priorities(),
    acknowledgement: {
      byOperators: book.acknowledged.byOperators,
      byService: book.acknowledged.byService,
      waits: book.waits,
    },
    suppression: {
      shelved: suppressed('shelved'),
      byDesign: suppressed('suppressed_by_design'),
      outOfService: suppressed('out_of_service'),
    },
    standing: book.standing(),
    // Events of alarms beyond the bound.
    untrackedEvents: book.stats.untrackedEvents,
    clockSteps: fold.clockSteps,
  };
}

function countOf(alarms: ReadonlyMap<string, TrackedAlarm>, meant: (one: TrackedAlarm) => boolean): number {
  let count = 0;
  for (const one of alarms.values()) if (meant(one)) count += 1;
  return count;
}

/** Items with a rank above 0, the highest first, equal ones by id. */
function top(
  all: readonly TrackedAlarm[],
  rank: (one: TrackedAlarm) => number,
  most = MAX_LISTED,
): CutList<TrackedAlarm> {
  const ranked = all.filter((one) => rank(one) > 0);
  ranked.sort((a, b) => rank(b) - rank(a) || (a.owner.alarm < b.owner.alarm ? -1 : 1));
  return { total: ranked.length, items: ranked.slice(0, most) };
}

function mapped<T>(listed: CutList<TrackedAlarm>, map: (one: TrackedAlarm) => T): CutList<T> {
  return { total: listed.total, items: listed.items.map(map) };
}

/** Times it began to chatter, alarms while it did, and times it was fleeting. */
function nuisanceOf(one: TrackedAlarm) {
  return { ...ownerOf(one.owner), chatters: one.chatters, chatterAlarms: one.chatterAlarms, fleeting: one.fleeting };
}
