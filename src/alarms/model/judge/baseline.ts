import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { TimeZone } from '../../../model/time/zone.js';

const WEEK_MS = 7 * DAY_MS;

/** From and to, epoch milliseconds; `from <= t < to`. */
export type Hour = readonly [from: number, to: number];

/** The local hour that holds `at`. */
export function localHour(at: number, zone: TimeZone): Hour {
  const local = Math.floor(zone.toLocal(at) / HOUR_MS) * HOUR_MS;
  const from = zone.toInstant(local);
  // Where clocks are set back the same hour comes twice, and `at` may be in the second.
  return from + HOUR_MS > at ? [from, from + HOUR_MS] : [from + HOUR_MS, from + 2 * HOUR_MS];
}

/** The same local hour, one to `weeks` weeks before. */
export function pastHours([from]: Hour, weeks: number, zone: TimeZone): Hour[] {
  const local = zone.toLocal(from);
  return Array.from({ length: weeks }, (_, n) => {
    const start = zone.toInstant(local - (n + 1) * WEEK_MS);
    return [start, start + HOUR_MS] as const;
  });
}

/** Mean of the weeks that have a value; null when fewer than half have: a single odd week is not usual. */
export function usualOf(means: readonly (number | null)[]): number | null {
  const known = means.filter((mean) => mean !== null);
  if (known.length === 0 || known.length < means.length / 2) return null;
  return known.reduce((sum, mean) => sum + mean, 0) / known.length;
}
