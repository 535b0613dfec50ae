import { firstIndex } from '../../../model/first-index.js';
import type { Period } from '../../../model/time/windows.js';
import type { Thousandths } from './grid.js';
import type { Quantity } from './quantity.js';

/**
 * How an amount is known. `measured`: the register. `estimated`: integrated power or flow. `filled`: the declared method
 * for gaps.
 */
type Mark = 'measured' | 'estimated' | 'filled';

/**
 * What one meter consumed from one time to another, evenly. Increments of a meter rise in time and do not overlap; of
 * what lies between them nothing is known. One with `from` = `to` is a step that belongs to what ends there.
 */
export interface Increment extends Period {
  readonly amount: Thousandths;
  readonly mark: Mark;
  /** Not measured as it went, but two register readings vouch for a sum that this is part of. */
  readonly metered: boolean;
}

/** What lies in one window of a calendar. */
export interface Row extends Period {
  readonly quantity: Quantity;
}

/** The increment's own cumulative function on the grid: never falls, 0 where it begins, all of it where it ends. */
function upTo({ from, to, amount }: Increment, ts: number): Thousandths {
  if (ts >= to) return amount;
  return ts <= from ? 0 : Math.round(amount * ((ts - from) / (to - from)));
}

/**
 * The quantity between each two edges, `edges[i] < t <= edges[i + 1]`. All figures of a meter come from here: each is the
 * difference of one cumulative function at two edges, so what an increment gives to neighbours adds up to it, to the
 * last thousandth, however it is cut.
 * @param edges epoch ms, rising
 */
export function quantitiesBetween(increments: readonly Increment[], edges: ArrayLike<number>): Quantity[] {
  const quantities: Quantity[] = [];
  let first = firstIndex(increments.length, (at) => increments[at]!.to <= (edges[0] ?? 0));
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const [from, to] = [edges[i]!, edges[i + 1]!];
    while (first < increments.length && increments[first]!.to <= from) first += 1;
    quantities.push(between(increments, first, from, to));
  }
  return quantities;
}

function between(increments: readonly Increment[], first: number, from: number, to: number): Quantity {
  let [measured, estimated, filled] = [0, 0, 0];
  let [metered, measuredMs, knownMs] = [0, 0, 0];
  for (let i = first; i < increments.length; i += 1) {
    const one = increments[i]!;
    if (one.from > to) break;
    const amount = upTo(one, to) - upTo(one, from);
    const ms = Math.max(0, Math.min(one.to, to) - Math.max(one.from, from));
    if (one.mark === 'measured') measured += amount;
    else if (one.mark === 'estimated') estimated += amount;
    else filled += amount;
    if (one.metered) metered += amount;
    if (one.mark === 'measured') measuredMs += ms;
    knownMs += ms;
  }
  return { measured, estimated, filled, metered, dueMs: to - from, measuredMs, knownMs };
}

/** Those of a period, `from < t <= to`; what reaches across its ends is cut there, and nothing of it is lost. */
export function incrementsWithin(increments: readonly Increment[], { from, to }: Period): Increment[] {
  return increments.flatMap((one) => {
    if (one.from === one.to) return one.to > from && one.to <= to ? [one] : [];
    if (one.to <= from || one.from >= to) return [];
    if (one.from >= from && one.to <= to) return [one];
    const amount = upTo(one, to) - upTo(one, from);
    return [{ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to), amount }];
  });
}

/** What was consumed in a period, whatever its edges. */
export function consumption(increments: readonly Increment[], { from, to }: Period): Quantity {
  return quantitiesBetween(increments, [from, to])[0]!;
}
