import type { Bucket } from './bucket.js';

const VALUE_OF = {
  mean: ({ sum, count }: Bucket) => sum / count,
  time_weighted_mean: ({ integral, coveredMs, last }: Bucket) => (coveredMs > 0 ? integral / coveredMs : last),
  min: ({ min }: Bucket) => min,
  max: ({ max }: Bucket) => max,
  first: ({ first }: Bucket) => first,
  last: ({ last }: Bucket) => last,
  sum: ({ sum }: Bucket) => sum,
  count: ({ count }: Bucket) => count,
  delta: ({ delta }: Bucket) => delta,
};
export type Statistic = keyof typeof VALUE_OF;

/** What a bucket says, in the metric's unit; null without a reading: a gap stays a gap. */
export function statisticOf(bucket: Bucket, statistic: Statistic): number | null {
  return bucket.count === 0 ? null : VALUE_OF[statistic](bucket);
}
