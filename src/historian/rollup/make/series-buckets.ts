import type { BucketChunk, SeriesKey } from '../../port/queries.js';
import { type Bucket, emptyBucket } from '../model/bucket.js';
import { SeriesSums } from './series-sums.js';

/** A chunk of an answer has at most this many buckets. */
const CHUNK_BUCKETS = 2048;
const FIELDS = Object.keys(emptyBucket(0)) as (keyof Bucket)[];

/** Gathers the buckets of one series as they are. Rows that say that nothing is there any more are left out. */
export class SeriesBuckets extends SeriesSums {
  private readonly buckets: Bucket[] = [];

  *chunks(): Generator<BucketChunk, void, undefined> {
    this.finishDay();
    for (let i = 0; i < this.buckets.length; i += CHUNK_BUCKETS) {
      yield chunkOf(this.series, this.buckets.slice(i, i + CHUNK_BUCKETS));
    }
  }

  protected accept(bucket: Bucket): void {
    if (bucket.count > 0 || bucket.coveredMs > 0) this.buckets.push(bucket);
  }
}

function chunkOf(series: SeriesKey, buckets: readonly Bucket[]): BucketChunk {
  // One buffer goes to another thread faster than twelve.
  const numbers = new Float64Array(FIELDS.length * buckets.length);
  const columns = Object.fromEntries(
    FIELDS.map((field, n) => {
      const column = numbers.subarray(n * buckets.length, (n + 1) * buckets.length);
      for (let i = 0; i < column.length; i += 1) column[i] = buckets[i]![field];
      return [field, column];
    }),
  );
  return { series, ...(columns as { [Field in keyof Bucket]: Float64Array }) };
}
