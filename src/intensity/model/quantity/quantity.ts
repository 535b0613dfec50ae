import { plus, type Thousandths } from './grid.js';

/**
 * What was consumed, and how it is known. Quantities of adjacent periods, and of several meters, add up field by field.
 * What was consumed in all is `amountOf`.
 */
export interface Quantity {
  /** By the register itself, with readings close enough beside each other. */
  readonly measured: Thousandths;
  /** Power or flow, integrated where the register is missing. */
  readonly estimated: Thousandths;
  /** By the method that is declared for gaps. */
  readonly filled: Thousandths;
  /** What of `estimated` and `filled` two register readings vouch for in sum: only when it was consumed is not known. */
  readonly metered: Thousandths;
  /** The time of the period, times the number of meters. */
  readonly dueMs: number;
  /** Of it, the time that the register measured. */
  readonly measuredMs: number;
  /** Of it, the time of which anything is known; in the rest nothing is counted. */
  readonly knownMs: number;
}

/** Nothing, of no time: what sums begin with. */
export const NO_QUANTITY: Quantity = {
  ...{ measured: 0, estimated: 0, filled: 0, metered: 0 },
  ...{ dueMs: 0, measuredMs: 0, knownMs: 0 },
};

/** How many numbers a quantity is. */
export const QUANTITY_WIDTH = 7;

/** A quantity as `QUANTITY_WIDTH` numbers, in their order. */
export const quantityNumbers = ({ measured, estimated, filled, metered, dueMs, measuredMs, knownMs }: Quantity) =>
  [measured, estimated, filled, metered, dueMs, measuredMs, knownMs] as const;

/** The quantity whose numbers begin at an index. */
export const quantityAt = (numbers: Float64Array, at: number): Quantity => ({
  measured: numbers[at]!,
  estimated: numbers[at + 1]!,
  filled: numbers[at + 2]!,
  metered: numbers[at + 3]!,
  dueMs: numbers[at + 4]!,
  measuredMs: numbers[at + 5]!,
  knownMs: numbers[at + 6]!,
});

/** Everything that was consumed, as far as it is known. */
export const amountOf = ({ measured, estimated, filled }: Quantity): Thousandths =>
  plus(plus(measured, estimated), filled);

/** The share of the time that was measured, 0 to 1; null where no time was due. */
export const completenessOf = ({ measuredMs, dueMs }: Quantity): number | null =>
  dueMs > 0 ? measuredMs / dueMs : null;

/**
 * `a` and `b` together; with `sign` -1 the amounts of `b` are taken off, while its time is due and measured all the same:
 * a difference is known as well as both its sides.
 * @throws RangeError where a sum is not exact
 */
export function add(a: Quantity, b: Quantity, sign: 1 | -1 = 1): Quantity {
  return {
    measured: plus(a.measured, sign * b.measured),
    estimated: plus(a.estimated, sign * b.estimated),
    filled: plus(a.filled, sign * b.filled),
    metered: plus(a.metered, sign * b.metered),
    dueMs: a.dueMs + b.dueMs,
    measuredMs: a.measuredMs + b.measuredMs,
    knownMs: a.knownMs + b.knownMs,
  };
}

/** The sum of quantities, field by field. @throws RangeError where a sum is not exact */
export const totalQuantity = (quantities: Iterable<Quantity>): Quantity => {
  let sum = NO_QUANTITY;
  for (const one of quantities) sum = add(sum, one);
  return sum;
};
