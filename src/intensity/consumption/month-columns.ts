import { QUANTITY_WIDTH, type Quantity, quantityAt, quantityNumbers } from '../model/quantity/quantity.js';
import type { Month } from '../model/statistics/period.js';

const WIDTH = QUANTITY_WIDTH;
const DUE = 4;
/** Months of room beside those that are there. */
const ROOM = 12;

/**
 * Quantities of adjacent months as plain numbers: as objects those of a city's meters would keep the garbage collector busy
 * and take several times the memory.
 */
export class MonthColumns {
  /** @param numbers seven of each month from `first` on; of a month that is not there the due time is NaN */
  constructor(
    private first: Month = 0,
    private numbers: Float64Array = new Float64Array(0),
  ) {}

  /** What another one may be made from. */
  get columns(): { readonly first: Month; readonly numbers: Float64Array } {
    return { first: this.first, numbers: this.numbers };
  }

  /** How many months are there. */
  get size(): number {
    let size = 0;
    for (let at = DUE; at < this.numbers.length; at += WIDTH) size += Number.isNaN(this.numbers[at]) ? 0 : 1;
    return size;
  }

  get(month: Month): Quantity | undefined {
    const at = (month - this.first) * WIDTH;
    const { numbers } = this;
    if (at < 0 || at >= numbers.length || Number.isNaN(numbers[at + DUE])) return undefined;
    return quantityAt(numbers, at);
  }

  /** @returns whether the month was not there */
  set(month: Month, quantity: Quantity): boolean {
    this.makeRoomFor(month);
    const at = (month - this.first) * WIDTH;
    const isNew = Number.isNaN(this.numbers[at + DUE]);
    this.numbers.set(quantityNumbers(quantity), at);
    return isNew;
  }

  private makeRoomFor(month: Month): void {
    const rows = this.numbers.length / WIDTH;
    if (rows > 0 && month >= this.first && month < this.first + rows) return;
    const first = rows === 0 ? month : Math.min(month, this.first);
    const end = rows === 0 ? month + 1 : Math.max(month + 1, this.first + rows);
    const from = first < this.first && rows > 0 ? first - ROOM : first;
    const to = rows > 0 && month >= this.first ? end + ROOM : end;
    const larger = new Float64Array((to - from) * WIDTH).fill(Number.NaN);
    larger.set(this.numbers, rows === 0 ? 0 : (this.first - from) * WIDTH);
    this.numbers = larger;
    this.first = from;
  }
}
