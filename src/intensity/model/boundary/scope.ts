import type { Period } from '../../../model/time/windows.js';
import { add, NO_QUANTITY, type Quantity } from '../quantity/quantity.js';
import type { Carrier } from './carriers.js';
import { type MeterTree, type MeterVersion, meterKey, type Owner, sameOwner, stretchesOf, treeAt } from './tree.js';

/**
 * Whose quantity is asked for. `park`: all that comes into it. `owner`: what one enterprise consumes, or the park itself:
 * what is left of it when its enterprises are taken off, losses included. What all owners of a park consume adds up to the
 * park's quantity.
 */
export type MeterScope =
  | { readonly kind: 'park'; readonly park: string }
  | { readonly kind: 'owner'; readonly park: string; readonly owner: Owner };

/** A meter that counts: +1, or -1 where it measures what somebody else consumes of it. */
interface Counted {
  readonly meter: MeterVersion;
  readonly sign: 1 | -1;
}

/**
 * The meters whose sum is the scope's quantity of the carrier at a time. No meter stands above or below another one of the
 * same sign, so nothing is counted twice: an enterprise's first meter counts, and the first one below it that is
 * another's is taken off. Generation counts for `green_power` alone.
 */
export function countedAt(tree: MeterTree, scope: MeterScope, carrier: Carrier, ts: number): Counted[] {
  const meters = treeAt(tree, ts);
  const counted: Counted[] = [];
  for (const meter of meters.values()) {
    if (meter.park !== scope.park || meter.carrier !== carrier) continue;
    const isMade = meter.role === 'generation';
    if (isMade !== (carrier === 'green_power')) continue;
    const above = isMade || meter.parent === null ? undefined : meters.get(meterKey(meter.parent));
    const sign = signOf(scope, meter, above);
    if (sign !== 0) counted.push({ meter, sign });
  }
  return counted;
}

function signOf(scope: MeterScope, meter: MeterVersion, above: MeterVersion | undefined): 1 | -1 | 0 {
  if (scope.kind === 'park') return above === undefined ? 1 : 0;
  const isOwn = sameOwner(meter.owner, scope.owner);
  const isBelowOwn = above !== undefined && sameOwner(above.owner, scope.owner);
  if (isOwn === isBelowOwn) return 0;
  return isOwn ? 1 : -1;
}

/** A meter for the time in which it counts. */
export interface CountedSpan extends Counted, Period {}

/** A meter's part in a sum, for the time in which it counted. */
export interface ScopePart extends CountedSpan {
  readonly quantity: Quantity;
}

interface ScopeQuantity {
  readonly quantity: Quantity;
  /** What it is the sum of, each with its sign. */
  readonly parts: readonly ScopePart[];
}

/** What one meter consumed in a period, by its register's unit in thousandths. */
export type QuantityOf = (meter: MeterVersion, period: Period) => Quantity;

/**
 * A scope's quantity of a carrier in a period, each meter for the time in which it counted: one that was moved counts for
 * its old place until then. A time in which no meter counts is due to nobody: see `countedAt`.
 */
export function scopeQuantity(
  tree: MeterTree,
  scope: MeterScope,
  carrier: Carrier,
  period: Period,
  quantityOf: QuantityOf,
): ScopeQuantity {
  const parts = countedSpans(tree, scope, carrier, period).map((span) => ({
    ...span,
    quantity: quantityOf(span.meter, { from: span.from, to: span.to }),
  }));
  return { quantity: sumOf(parts), parts };
}

/** The parts' quantities, each with its sign. */
export const sumOf = (parts: readonly ScopePart[]): Quantity =>
  parts.reduce((sum, one) => add(sum, one.quantity, one.sign), NO_QUANTITY);

/** The meters that count in a period, each with the time in which it does, in the order in which these times begin. */
export function countedSpans(tree: MeterTree, scope: MeterScope, carrier: Carrier, period: Period): CountedSpan[] {
  const ofScope = tree.filter((one) => one.park === scope.park && one.carrier === carrier);
  const open = new Map<string, Counted & Period>();
  const spans: (Counted & Period)[] = [];
  for (const { from, to } of stretchesOf(ofScope, period)) {
    for (const { meter, sign } of countedAt(ofScope, scope, carrier, from)) {
      const key = `${sign} ${meterKey(meter)}`;
      const before = open.get(key);
      if (before?.to === from) open.set(key, { ...before, to });
      else {
        if (before !== undefined) spans.push(before);
        open.set(key, { meter, sign, from, to });
      }
    }
  }
  return [...spans, ...open.values()].sort((a, b) => a.from - b.from);
}
