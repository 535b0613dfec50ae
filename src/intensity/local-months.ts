import type { Period } from '../model/time/windows.js';
import type { TimeZone } from '../model/time/zone.js';
import { type Month, monthOf, yearOf } from './model/statistics/period.js';

const startOf = (zone: TimeZone, month: Month): number =>
  zone.toInstant(new Date(0).setUTCFullYear(yearOf(month), month % 12, 1));

/** Of each zone, as they are asked for again and again. */
const known = new WeakMap<TimeZone, Map<Month, Period>>();
const MAX_KNOWN = 4_096;

/** The instants between which a month of the zone lies. */
export function monthSpan(zone: TimeZone, month: Month): Period {
  const ofZone = known.get(zone) ?? new Map<Month, Period>();
  known.set(zone, ofZone);
  const before = ofZone.get(month);
  if (before !== undefined) return before;
  const span = { from: startOf(zone, month), to: startOf(zone, month + 1) };
  if (ofZone.size >= MAX_KNOWN) ofZone.clear();
  ofZone.set(month, span);
  return span;
}

/** The month of the zone that an instant lies in. */
export function monthAt(zone: TimeZone, instant: number): Month {
  const local = new Date(zone.toLocal(instant));
  return monthOf(local.getUTCFullYear(), local.getUTCMonth() + 1);
}

/** The day of the zone that an instant lies in, `YYYY-MM-DD`. */
export const dayAt = (zone: TimeZone, instant: number): string =>
  new Date(zone.toLocal(instant)).toISOString().slice(0, 10);
