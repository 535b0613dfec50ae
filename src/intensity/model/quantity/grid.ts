/**
 * A quantity in whole thousandths of its metric's unit: Wh, litres, kg of steam, MJ. Sums of whole numbers have no
 * rounding, so money and verdicts may rest on them in any order.
 */
export type Thousandths = number;

const PER_UNIT = 1000;

/** The nearest point of the grid, of a value in the metric's unit. */
export const toThousandths = (value: number): Thousandths => Math.round(value * PER_UNIT);

/** The value in the metric's unit. */
export const fromThousandths = (amount: Thousandths): number => amount / PER_UNIT;

/**
 * The sum, exact.
 * @throws RangeError beyond 2^53 thousandths, 9 · 10^12 units: nothing here measures so much
 */
export function plus(a: Thousandths, b: Thousandths): Thousandths {
  const sum = a + b;
  if (!Number.isSafeInteger(sum)) throw new RangeError(`${a} + ${b} thousandths cannot be summed exactly`);
  return sum;
}
