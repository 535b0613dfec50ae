import { HOUR_MS, MINUTE_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import type { Increment } from './increment.js';

/** Clocks of all zones differ by whole quarters of an hour: every hour and day of a zone consists of such slices. */
export const SLICE_MS = 15 * MINUTE_MS;

/** The parts of a period in each hour of UTC. */
export function hoursOf({ from, to }: Period): Period[] {
  const hours: Period[] = [];
  for (let at = from; at < to; ) {
    const end = Math.min(to, Math.floor(at / HOUR_MS) * HOUR_MS + HOUR_MS);
    hours.push({ from: at, to: end });
    at = end;
  }
  return hours;
}

/** A part of a period, and its share of what has to be divided. */
export interface Weighted extends Period {
  readonly weight: number;
}

/**
 * Divides an amount in the proportion of the weights. Each part ends at the cumulative amount on the grid, so that no
 * rounding is left over. Null where there is no weight.
 */
export function divide(
  { amount, ...marks }: Pick<Increment, 'amount' | 'mark' | 'metered'>,
  parts: readonly Weighted[],
): Increment[] | null {
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (!(whole > 0)) return null;
  let [weights, given] = [0, 0];
  return parts.map(({ from, to, weight }, i) => {
    weights += weight;
    const upTo = i === parts.length - 1 ? amount : Math.min(amount, Math.round(amount * (weights / whole)));
    const part = upTo - given;
    given = upTo;
    return { from, to, amount: part, ...marks };
  });
}

/**
 * Parts of which the amount is known, in thousandths that are not whole: the grid takes their running sum within each
 * hour of UTC, so that an hour is the same wherever the parts begin.
 */
export function onGrid(parts: readonly Weighted[], marks: Pick<Increment, 'mark' | 'metered'>): Increment[] {
  let [sum, given, hour] = [0, 0, Number.NaN];
  return parts.map(({ from, to, weight }) => {
    const hourOfPart = Math.floor(from / HOUR_MS);
    if (hourOfPart !== hour) [sum, given, hour] = [0, 0, hourOfPart];
    sum += weight;
    const part = Math.round(sum) - given;
    given += part;
    return { from, to, amount: part, ...marks };
  });
}
