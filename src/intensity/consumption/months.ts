import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import { type Month, monthOf, yearOf } from '../model/statistics/period.js';

/** Of each zone, as they are asked for again and again. */
const known = new WeakMap<TimeZone, Map<Month, Period>>();
const MAX_KNOWN = 4_096;

/** When a month of the zone begins and ends, epoch ms. */
export function periodOfMonth(month: Month, zone: TimeZone): Period {
  const ofZone = known.get(zone) ?? new Map<Month, Period>();
  known.set(zone, ofZone);
  const before = ofZone.get(month);
  if (before !== undefined) return before;
  const start = (one: Month) => zone.toInstant(new Date(0).setUTCFullYear(yearOf(one), one % 12, 1));
  const period = { from: start(month), to: start(month + 1) };
  if (ofZone.size >= MAX_KNOWN) ofZone.clear();
  ofZone.set(month, period);
  return period;
}

/** The month of the zone in which an instant lies. */
export function monthAt(ts: number, zone: TimeZone): Month {
  const date = new Date(zone.toLocal(ts));
  return monthOf(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** Part of a month, or all of it. */
export interface MonthPart extends Period {
  readonly month: Month;
  readonly isWhole: boolean;
}

/** The parts of a period in each month of the zone, rising. */
export function byMonth({ from, to }: Period, zone: TimeZone): MonthPart[] {
  const parts: MonthPart[] = [];
  for (let month = monthAt(from, zone), at = from; at < to; month += 1) {
    const whole = periodOfMonth(month, zone);
    const end = Math.min(to, whole.to);
    if (end > at) parts.push({ month, isWhole: at === whole.from && end === whole.to, from: at, to: end });
    at = Math.max(at, end);
  }
  return parts;
}
