import { DAY_MS } from '../../../../model/time/duration.js';
import type { Period } from '../../../../model/time/windows.js';
import type { KpiDetail } from './report.js';

/** Shortest period that the standards recommend for judging (ISA-18.2 table of metrics: at least 30 days of data). */
export const RECOMMENDED_MS = 30 * DAY_MS;

/** Facts that a reader needs to interpret a report. */
export const PERIOD_NOTES = {
  below_recommended_length: 'the period is shorter than the 30 days of data that the targets are meant for',
  reaches_before_record: 'the period begins before the oldest event kept; only what was kept is measured',
  reaches_into_future: 'the period ends in the future; only what has passed is measured',
  nothing_kept: 'no event of the period is kept',
  clock_went_back: 'the clock of the service was set back in the period; the events after it count at the time before',
  too_many_alarms: 'there were more alarms than are told apart; lists, standing and acknowledgement leave some out',
} as const;
type PeriodNote = keyof typeof PERIOD_NOTES;

export interface MeasuredPeriod {
  /** The part of the period with complete records; null when there is none. */
  readonly period: Period | null;
  readonly notes: readonly PeriodNote[];
}

/**
 * Cuts the requested period to complete records: a window without records must not look quiet.
 * @param completeSince time from which every event is kept, epoch ms
 */
export function measuredPeriod(asked: Period, completeSince: number, now: number): MeasuredPeriod {
  const from = Math.max(asked.from, completeSince);
  const to = Math.min(asked.to, now);
  const notes: PeriodNote[] = [];
  if (asked.from < completeSince) notes.push('reaches_before_record');
  if (asked.to > now) notes.push('reaches_into_future');
  if (from >= to) return { period: null, notes: [...notes, 'nothing_kept'] };
  if (to - from < RECOMMENDED_MS) notes.push('below_recommended_length');
  return { period: { from, to }, notes };
}

/** Notes on the events of the period. */
export function notesOn(detail: KpiDetail): PeriodNote[] {
  const notes: PeriodNote[] = [];
  if (detail.clockSteps > 0) notes.push('clock_went_back');
  if (detail.untrackedEvents > 0) notes.push('too_many_alarms');
  return notes;
}
