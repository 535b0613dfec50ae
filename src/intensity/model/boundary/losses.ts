import { type FieldError, must } from '../../../model/field-error.js';
import type { Period } from '../../../model/time/windows.js';
import type { Thousandths } from '../quantity/grid.js';
import { add, amountOf, completenessOf, NO_QUANTITY, type Quantity } from '../quantity/quantity.js';
import type { QuantityOf } from './scope.js';
import { type Meter, type MeterTree, type MeterVersion, meterKey, sameMeter, stretchesOf, treeAt } from './tree.js';

/**
 * `negative`: the meters below measured more than came in. `above_share`: more is lost than the set share. `unknown`: nothing
 * is below, or too little was measured to say.
 */
type LossVerdict = 'ok' | 'negative' | 'above_share' | 'unknown';

/** What the losses below a meter are judged by; all three are shares of 1. */
export interface LossLimits {
  /** What may be lost, as a share of what came in: 0.05 is 5 %. */
  readonly maxShare: number;
  /** By how much the meters below may measure more, as a share: meters of class 1 differ by 0.02 between two of them. */
  readonly toleranceShare: number;
  /** The share of the time that has to be measured of every meter, 0 to 1. */
  readonly minCompleteness: number;
}

/** What the service begins with; all three are customary and from memory: each site sets its own. */
export const DEFAULT_LOSS_LIMITS: LossLimits = { maxShare: 0.05, toleranceShare: 0.02, minCompleteness: 0.9 };

/** What is wrong with limits, by field. */
export const lossLimitErrors = ({ maxShare, toleranceShare, minCompleteness }: LossLimits): readonly FieldError[] => [
  ...must(maxShare > 0 && maxShare < 1, 'maxShare', 'a share between 0 and 1: 0.05 for 5 %'),
  ...must(toleranceShare >= 0 && toleranceShare < 1, 'toleranceShare', 'a share from 0 to below 1'),
  ...must(minCompleteness > 0 && minCompleteness <= 1, 'minCompleteness', 'a share above 0, at most 1'),
];

/** What one meter let through and the meters right below it measured; amounts in thousandths of the register's unit. */
export interface Losses {
  readonly supply: Quantity;
  readonly subs: Quantity;
  /** Supply less subs; below 0 where the subs measured more. */
  readonly amount: Thousandths;
  /** Of what came in; null where nothing did. */
  readonly share: number | null;
  /** The time compared: in which the meter had any below it. */
  readonly comparedMs: number;
  readonly verdict: LossVerdict;
  /** Meters that were not measured for long enough. */
  readonly incomplete: readonly Meter[];
}

/**
 * The losses below a meter: what it measured, and what is made and feeds in below it, less what its sub-meters measured.
 * Every meter for the time in which it was there; time in which none was below is left out.
 */
export function lossesBelow(
  tree: MeterTree,
  meter: Meter,
  period: Period,
  quantityOf: QuantityOf,
  limits: LossLimits,
): Losses {
  const near = tree.filter((one) => sameMeter(one, meter) || (one.parent !== null && sameMeter(one.parent, meter)));
  let [supply, subs, comparedMs] = [NO_QUANTITY, NO_QUANTITY, 0];
  const each = new Map<string, { readonly meter: MeterVersion; quantity: Quantity }>();
  const measure = (one: MeterVersion, stretch: Period) => {
    const quantity = quantityOf(one, stretch);
    const before = each.get(meterKey(one))?.quantity ?? NO_QUANTITY;
    each.set(meterKey(one), { meter: one, quantity: add(before, quantity) });
    return quantity;
  };
  for (const stretch of stretchesOf(near, period)) {
    const there = treeAt(near, stretch.from);
    const main = there.get(meterKey(meter));
    const below = [...there.values()].filter((one) => one !== main);
    if (main === undefined || !below.some(({ role }) => role === 'sub')) continue;
    comparedMs += stretch.to - stretch.from;
    supply = add(supply, measure(main, stretch));
    for (const one of below) {
      if (one.role === 'generation') supply = add(supply, measure(one, stretch));
      else subs = add(subs, measure(one, stretch));
    }
  }
  const [came, went] = [amountOf(supply), amountOf(subs)];
  const amount = came - went;
  const incomplete = [...each.values()]
    .filter(({ quantity }) => (completenessOf(quantity) ?? 0) < limits.minCompleteness)
    .map(({ meter: { device, register } }) => ({ device, register }));
  const share = came > 0 ? amount / came : null;
  const verdict = comparedMs === 0 || incomplete.length > 0 ? 'unknown' : verdictOf(came, amount, limits);
  return { supply, subs, amount, share, comparedMs, verdict, incomplete };
}

function verdictOf(came: Thousandths, lost: Thousandths, { maxShare, toleranceShare }: LossLimits): LossVerdict {
  if (lost < -toleranceShare * came) return 'negative';
  return lost > maxShare * came ? 'above_share' : 'ok';
}

/**
 * By how much losses are outside their limits, in % of what came in; at or below 0 they are within, null: it is not known.
 * Where nothing came in and the meters below measured something, all of it is beyond.
 */
export function lossBeyond(
  { verdict, share }: Pick<Losses, 'verdict' | 'share'>,
  { maxShare, toleranceShare }: LossLimits,
): number | null {
  if (verdict === 'unknown') return null;
  if (share === null) return verdict === 'negative' ? 100 : 0;
  return 100 * Math.max(share - maxShare, -share - toleranceShare);
}
