import type { Period } from '../model/time/windows.js';
import type { TimeZone } from '../model/time/zone.js';
import { type Month, monthOf, yearOf } from './model/statistics/period.js';

const startOf = (zone: TimeZone, month: Month): number =>
  zone.toInstant(new Date(0).setUTCFullYear(yearOf(month), month % 12, 1));

/** The instants between which a month of the zone lies. */
export const monthSpan = (zone: TimeZone, month: Month): Period => ({
  from: startOf(zone, month),
  to: startOf(zone, month + 1),
});

/** The month of the zone that an instant lies in. */
export function monthAt(zone: TimeZone, instant: number): Month {
  const local = new Date(zone.toLocal(instant));
  return monthOf(local.getUTCFullYear(), local.getUTCMonth() + 1);
}

/** The day of the zone that an instant lies in, `YYYY-MM-DD`. */
export const dayAt = (zone: TimeZone, instant: number): string =>
  new Date(zone.toLocal(instant)).toISOString().slice(0, 10);
