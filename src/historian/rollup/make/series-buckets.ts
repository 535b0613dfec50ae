import type { BucketChunk } from '../../port/queries.js';
import { type Bucket, emptyBucket } from '../model/bucket.js';
import { SeriesSums } from './series-sums.js';

/** A chunk of an answer has at most this many buckets. */
const CHUNK_BUCKETS = 2048;
const FIELDS = Object.keys(emptyBucket(0)) as (keyof Bucket)[];
const WIDTH = FIELDS.length;
/** Room for two days of hours at first: most answers are short. */
const FIRST_ROOM = 48;

/**
 * Gathers the buckets of one series as they are. Rows that say that nothing is there any more are left out. They are held
 * as plain numbers: as objects those of many series would keep the garbage collector busy.
 */
export class SeriesBuckets extends SeriesSums {
  private numbers = new Float64Array(FIRST_ROOM * WIDTH);
  private count = 0;

  *chunks(): Generator<BucketChunk, void, undefined> {
    this.finishDay();
    for (let i = 0; i < this.count; i += CHUNK_BUCKETS) yield this.chunk(i, Math.min(this.count, i + CHUNK_BUCKETS));
  }

  protected accept(bucket: Bucket): void {
    if (!(bucket.count > 0 || bucket.coveredMs > 0)) return;
    if ((this.count + 1) * WIDTH > this.numbers.length) {
      const larger = new Float64Array(this.numbers.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    let at = this.count * WIDTH;
    for (const field of FIELDS) {
      this.numbers[at] = bucket[field];
      at += 1;
    }
    this.count += 1;
  }

  private chunk(from: number, to: number): BucketChunk {
    // One buffer goes to another thread faster than twelve.
    const rows = to - from;
    const numbers = new Float64Array(WIDTH * rows);
    const columns = Object.fromEntries(
      FIELDS.map((field, n) => {
        const column = numbers.subarray(n * rows, (n + 1) * rows);
        for (let i = 0; i < rows; i += 1) column[i] = this.numbers[(from + i) * WIDTH + n]!;
        return [field, column];
      }),
    );
    return { series: this.series, ...(columns as { [Field in keyof Bucket]: Float64Array }) };
  }
}
