import type { BucketChunk } from '../../historian/port/queries.js';
import { firstIndex } from '../../model/first-index.js';
import type { Period } from '../../model/time/windows.js';
import type { RateBucket } from '../model/quantity/bucket-increments.js';
import type { RegisterBucket } from '../model/quantity/bucket-segments.js';

/** An hour of a register, or of the gauge beside it. */
export interface HourBucket extends RegisterBucket, RateBucket {}

const FIELDS = [
  ...(['start', 'count', 'min', 'max', 'first', 'firstTs'] as const),
  ...(['last', 'lastTs', 'delta', 'integral', 'coveredMs'] as const),
];
const WIDTH = FIELDS.length;

/** Hours of one series as plain numbers: years of them as objects would keep the garbage collector busy. */
export class HourColumns {
  private numbers = new Float64Array(64 * WIDTH);
  private rows = 0;

  /** The rows of a chunk that are wanted, by their index. */
  add(chunk: BucketChunk, isWanted: (index: number) => boolean): void {
    for (let i = 0; i < chunk.start.length; i += 1) {
      if (!isWanted(i)) continue;
      if ((this.rows + 1) * WIDTH > this.numbers.length) this.grow();
      const at = this.rows * WIDTH;
      for (let field = 0; field < WIDTH; field += 1) this.numbers[at + field] = chunk[FIELDS[field]!][i]!;
      this.rows += 1;
    }
  }

  /** Takes out the rows whose hours begin in the span. */
  remove({ from, to }: Period): void {
    let kept = 0;
    for (let row = 0; row < this.rows; row += 1) {
      const start = this.startOf(row);
      if (start >= from && start < to) continue;
      if (kept < row) this.numbers.copyWithin(kept * WIDTH, row * WIDTH, (row + 1) * WIDTH);
      kept += 1;
    }
    this.rows = kept;
  }

  /** Puts the rows in order of time; `cut` needs that. */
  sort(): void {
    const order = Array.from({ length: this.rows }, (_, row) => row);
    if (order.every((row) => row === 0 || this.startOf(row - 1) <= this.startOf(row))) return;
    order.sort((a, b) => this.startOf(a) - this.startOf(b));
    const sorted = new Float64Array(this.rows * WIDTH);
    for (const [to, from] of order.entries()) {
      sorted.set(this.numbers.subarray(from * WIDTH, (from + 1) * WIDTH), to * WIDTH);
    }
    this.numbers = sorted;
  }

  /** The rows whose hours begin in the span. */
  cut({ from, to }: Period): HourBucket[] {
    const found: HourBucket[] = [];
    for (
      let row = firstIndex(this.rows, (at) => this.startOf(at) < from);
      row < this.rows && this.startOf(row) < to;
      row += 1
    )
      found.push(this.at(row));
    return found;
  }

  private startOf(row: number): number {
    return this.numbers[row * WIDTH]!;
  }

  private at(row: number): HourBucket {
    const [numbers, at] = [this.numbers, row * WIDTH];
    return {
      start: numbers[at]!,
      count: numbers[at + 1]!,
      min: numbers[at + 2]!,
      max: numbers[at + 3]!,
      first: numbers[at + 4]!,
      firstTs: numbers[at + 5]!,
      last: numbers[at + 6]!,
      lastTs: numbers[at + 7]!,
      delta: numbers[at + 8]!,
      integral: numbers[at + 9]!,
      coveredMs: numbers[at + 10]!,
    };
  }

  private grow(): void {
    const larger = new Float64Array(this.numbers.length * 2);
    larger.set(this.numbers);
    this.numbers = larger;
  }
}
