import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import { monthAt, monthSpan } from '../local-months.js';
import type { Month } from '../model/statistics/period.js';

/** Part of a month, or all of it. */
export interface MonthPart extends Period {
  readonly month: Month;
  readonly isWhole: boolean;
}

/** The parts of a period in each month of the zone, rising. */
export function byMonth({ from, to }: Period, zone: TimeZone): MonthPart[] {
  const parts: MonthPart[] = [];
  for (let month = monthAt(zone, from), at = from; at < to; month += 1) {
    const whole = monthSpan(zone, month);
    const end = Math.min(to, whole.to);
    if (end > at) parts.push({ month, isWhole: at === whole.from && end === whole.to, from: at, to: end });
    at = Math.max(at, end);
  }
  return parts;
}
