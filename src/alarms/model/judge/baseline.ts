import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { decimal } from '../signal/compare.js';
import { sizeOf } from '../signal/deviation.js';
import type { DeviationSpec } from '../signal/spec.js';

const WEEK_MS = 7 * DAY_MS;

/** From and to, epoch milliseconds; `from <= t < to`. */
export type Hour = readonly [from: number, to: number];

/** The hour by the clocks of the zone that holds `at`. */
export function localHour(at: number, zone: TimeZone): Hour {
  const local = Math.floor(zone.toLocal(at) / HOUR_MS) * HOUR_MS;
  const from = zone.toInstant(local);
  // Where clocks are set back the same hour comes twice, and `at` may be in the second.
  return from + HOUR_MS > at ? [from, from + HOUR_MS] : [from + HOUR_MS, from + 2 * HOUR_MS];
}

/** The same hour by the clocks, one to `weeks` weeks before. */
export function pastHours([from]: Hour, weeks: number, zone: TimeZone): Hour[] {
  const local = zone.toLocal(from);
  return Array.from({ length: weeks }, (_, n) => {
    const start = zone.toInstant(local - (n + 1) * WEEK_MS);
    return [start, start + HOUR_MS] as const;
  });
}

/** Mean of the weeks that have a value; null when fewer than half of them do: a single odd week is no custom. */
export function usualOf(means: readonly (number | null)[]): number | null {
  const known = means.filter((mean) => mean !== null);
  if (known.length === 0 || known.length < means.length / 2) return null;
  return known.reduce((sum, mean) => sum + mean, 0) / known.length;
}

/**
 * What was usual when a recorded deviation was measured, from the reading that it was measured at; null where that
 * reading was 0 and the deviation a share. Of a series that changes its sign, a share beyond 100 % may have two origins:
 * the one above 0 is given.
 */
export function usualBehind(spec: DeviationSpec, value: number, measure: number): number | null {
  const { as, minBaseline = 0 } = spec;
  if (as === 'absolute') return decimal(value - measure);
  // From a small mean the share is one of the least of the rule.
  const small = value - (minBaseline * measure) / 100;
  if (Math.abs(small) <= minBaseline && sizeOf(spec, small) > 0) return decimal(small);
  if (value === 0) return null;
  // value = mean + |mean| · share
  const share = measure / 100;
  const above = value / (1 + share);
  return decimal(above > 0 && Number.isFinite(above) ? above : value / (1 - share));
}
