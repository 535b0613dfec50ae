import { HOUR_MS } from '../../../model/time/duration.js';
import type { TimeZone } from '../../../model/time/zone.js';
import type { ProgrammeInterval } from '../statistics/programme.js';

/** What has to be done when an analyser fails; from memory, for the site to set. */
export interface OutageRules {
  /** Times without a valid value that last longer are an outage. */
  readonly afterMs: number;
  readonly reportWithinMs: number;
  readonly repairWithinWorkdays: number;
  /** Manual samples meanwhile. */
  readonly sampleEveryMs: number;
}

export const DEFAULT_OUTAGE_RULES: OutageRules = {
  ...{ afterMs: HOUR_MS, reportWithinMs: 12 * HOUR_MS, repairWithinWorkdays: 5, sampleEveryMs: 6 * HOUR_MS },
};
export const OUTAGE_RULES_MARK = 'M';

/** A time without valid values. `to` is null while it lasts. */
export interface Outage {
  readonly from: number;
  readonly to: number | null;
}

/** What was done about an outage, epoch ms. */
export interface OutageActions {
  readonly reportedAt: number | null;
  readonly samples: readonly number[];
}

export type OutageDuty = 'report' | 'repair' | 'sample';

/** The clocks of an outage, epoch ms. */
export interface OutageClocks {
  readonly reportDue: number;
  readonly repairDue: number;
  /** When the next manual sample is due; null once it is over. */
  readonly sampleDue: number | null;
  /** Duties that are overdue, or were met late. */
  readonly overdue: readonly OutageDuty[];
}

/**
 * Outages in the intervals of an analyser: rising, only those with discharge. Calibration is no outage, neither does it end one.
 * @param until up to when intervals are known; an outage that reaches it lasts
 */
export function outagesOf(
  intervals: readonly Pick<ProgrammeInterval, 'from' | 'to' | 'value' | 'reason'>[],
  until: number,
  { afterMs }: OutageRules,
): Outage[] {
  const runs: { from: number; to: number }[] = [];
  let isOpen = false;
  for (const { from, to, value, reason } of intervals) {
    if (value !== null) isOpen = false;
    else if (isOpen) runs.at(-1)!.to = to;
    else if (reason !== 'calibration') {
      isOpen = true;
      runs.push({ from, to });
    }
  }
  const lasting = isOpen ? runs.at(-1) : undefined;
  return runs
    .filter(({ from, to }) => to - from > afterMs)
    .map((run) => ({ from: run.from, to: run === lasting && run.to >= until ? null : run.to }));
}

/** Most days that are looked through for workdays; the longest holiday has nine. */
const MAX_DAYS = 60;

/**
 * The clocks of an outage at `now`. Repair is due at the end of the last of its working days, counted from the day after
 * the outage began.
 * @param isWorkday by local date, months from 1
 */
export function outageClocks(
  { from, to }: Outage,
  { reportedAt, samples }: OutageActions,
  rules: OutageRules,
  now: number,
  zone: TimeZone,
  isWorkday: (year: number, month: number, day: number) => boolean,
): OutageClocks {
  const reportDue = from + rules.reportWithinMs;
  const repairDue = endOfWorkday(from, rules.repairWithinWorkdays, zone, isWorkday);
  const end = to ?? now;
  const taken = samples.filter((ts) => ts >= from && ts <= end).sort((a, b) => a - b);
  const due = [from, ...taken].map((ts) => ts + rules.sampleEveryMs);
  const isSampleLate = due.some((dueAt, at) => (taken[at] ?? end) > dueAt);
  const late: Record<OutageDuty, boolean> = {
    // An outage that ended within the time needs no report.
    report: (reportedAt ?? end) > reportDue,
    repair: end > repairDue,
    sample: isSampleLate,
  };
  return {
    ...{ reportDue, repairDue, sampleDue: to === null ? due.at(-1)! : null },
    overdue: (['report', 'repair', 'sample'] as const).filter((duty) => late[duty]),
  };
}

function endOfWorkday(
  from: number,
  workdays: number,
  zone: TimeZone,
  isWorkday: (year: number, month: number, day: number) => boolean,
): number {
  const local = new Date(zone.toLocal(from));
  const [year, month, date] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  let left = workdays;
  for (let ahead = 1; ahead <= MAX_DAYS; ahead++) {
    const day = new Date(Date.UTC(year, month, date + ahead));
    if (isWorkday(day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate())) left--;
    if (left <= 0) return zone.toInstant(Date.UTC(year, month, date + ahead + 1));
  }
  return zone.toInstant(Date.UTC(year, month, date + MAX_DAYS + 1));
}
