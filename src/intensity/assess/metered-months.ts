import type { Period } from '../../model/time/windows.js';
import type { MeteredMonth } from '../model/assess/quantity-book.js';
import type { Carrier } from '../model/boundary/carriers.js';
import { meterKey } from '../model/boundary/tree.js';
import { QUANTITY_WIDTH, quantityAt, quantityNumbers } from '../model/quantity/quantity.js';
import { type Month, monthText, parseMonth } from '../model/statistics/period.js';
import type { MonthConsumption } from '../port.js';

/** Month, the numbers of its quantity, how many entries of `periods` are its own, and how many meters counted. */
const WIDTH = 1 + QUANTITY_WIDTH + 2;

/**
 * What the meters say of one carrier, held as plain numbers: as objects the months of a city's members take several times
 * the memory, and they are looked at once.
 */
export class MeteredMonths {
  readonly #numbers: Float64Array;
  /** From, to, and how many meters counted so. */
  readonly #periods: Float64Array;
  readonly #unit: string;
  /** Of the few months that have some, by their index. */
  readonly #corrections = new Map<number, MeteredMonth['corrections']>();

  constructor(
    readonly carrier: Carrier,
    months: readonly MonthConsumption[],
  ) {
    const numbers: number[] = [];
    const periods: number[] = [];
    for (const [n, { month, quantity, parts, corrections }] of months.entries()) {
      if (corrections !== undefined) this.#corrections.set(n, corrections);
      const before = periods.length;
      // Most of a member's meters count for the whole month.
      for (const { from, to } of parts) {
        const at = periods.length - 3;
        if (at >= before && periods[at] === from && periods[at + 1] === to) periods[at + 2]! += 1;
        else periods.push(from, to, 1);
      }
      numbers.push(parseMonth(month) ?? 0, ...quantityNumbers(quantity));
      numbers.push((periods.length - before) / 3, new Set(parts.map(({ meter }) => meterKey(meter))).size);
    }
    this.#numbers = Float64Array.from(numbers);
    this.#periods = Float64Array.from(periods);
    this.#unit = months[0]?.unit ?? '';
  }

  /** Made anew each time. */
  get months(): MeteredMonth[] {
    const [numbers, months] = [this.#numbers, [] as MeteredMonth[]];
    let period = 0;
    for (let at = 0; at < numbers.length; at += WIDTH) {
      const parts: Period[] = [];
      for (let left = numbers[at + WIDTH - 2]!; left > 0; left -= 1, period += 1) this.#partsInto(parts, period);
      const corrections = this.#corrections.get(at / WIDTH);
      months.push({
        month: monthText(numbers[at]! as Month),
        unit: this.#unit,
        quantity: quantityAt(numbers, at + 1),
        parts,
        meters: numbers[at + WIDTH - 1]!,
        ...(corrections && { corrections }),
      });
    }
    return months;
  }

  #partsInto(parts: Period[], period: number): void {
    const [from, to, times] = this.#periods.subarray(period * 3, period * 3 + 3) as unknown as [number, number, number];
    const one = { from, to };
    for (let left = times; left > 0; left -= 1) parts.push(one);
  }
}
