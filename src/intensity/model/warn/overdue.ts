import type { AddedValues } from '../statistics/added-value.js';
import { type Month, monthOf, type PeriodKind, parsePeriod, yearOf } from '../statistics/period.js';

/** The length of the periods in which a subject's added value is published. */
export type Grain = 'month' | 'quarter' | 'year';

const GRAINS: readonly Grain[] = ['month', 'quarter', 'year'];

/** The finest grain in which each subject was ever published. */
export function grainsOf(
  entries: Iterable<{ readonly subject: string; readonly period: string }>,
): ReadonlyMap<string, Grain> {
  const grains = new Map<string, Grain>();
  for (const { subject, period } of entries) {
    const kind = grainOf(parsePeriod(period)?.kind ?? 'year');
    const before = grains.get(subject);
    if (before === undefined || GRAINS.indexOf(kind) < GRAINS.indexOf(before)) grains.set(subject, kind);
  }
  return grains;
}

const grainOf = (kind: PeriodKind): Grain => (kind === 'jan_feb' ? 'month' : kind);

/**
 * The last month of the oldest period that is over and not published, last year or this year; null when there is none.
 * January is due with February, since the bureau publishes the two as one. A figure that is there but cannot be used is not
 * overdue: that is for the verdict to say.
 * @param running the month that runs
 */
export function oldestDue(
  values: Pick<AddedValues, 'over'>,
  member: string,
  grain: Grain,
  year: number,
  running: Month,
): Month | null {
  const january = monthOf(year, 1);
  const due = values
    .over(member, january, january + 11)
    .gaps.filter(({ reason }) => reason === 'not_published')
    .map(({ period }) => endOf(parsePeriod(period)?.first ?? january, grain))
    .filter((end) => end < running);
  return due.length === 0 ? null : Math.min(...due);
}

function endOf(month: Month, grain: Grain): Month {
  if (grain === 'year') return monthOf(yearOf(month), 12);
  const place = month % 12;
  if (grain === 'quarter') return month + 2 - (place % 3);
  return place === 0 ? month + 1 : month;
}
