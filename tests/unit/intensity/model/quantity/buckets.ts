import type { Bucket } from '../../../../../src/historian/rollup/model/bucket.js';
import { NO_CARRY } from '../../../../../src/historian/rollup/model/bucket.js';
import { cutHours } from '../../../../../src/historian/rollup/model/calendar.js';
import { BucketFold, type Cut, type FoldedMetric } from '../../../../../src/historian/rollup/model/fold.js';
import type { RegisterReading } from '../../../../../src/intensity/model/quantity/meter.js';
import { DAY_MS } from '../../../../../src/model/time/duration.js';
import { MONDAY } from './helpers.js';

/** Days of Shanghai. */
export const cutDays: Cut = (ts) => {
  const start = MONDAY + Math.floor((ts - MONDAY) / DAY_MS) * DAY_MS;
  return { start, end: start + DAY_MS };
};

/** The buckets that the historian makes of a register's readings. */
export function bucketsOf(
  readings: readonly RegisterReading[],
  bounds: Omit<FoldedMetric, 'kind'>,
  cut: Cut = cutHours,
) {
  const buckets: Bucket[] = [];
  if (readings.length === 0) return buckets;
  const start = { from: Number.NEGATIVE_INFINITY, carry: NO_CARRY };
  const fold = new BucketFold({ ...bounds, kind: 'counter' }, cut, start, (bucket) => buckets.push(bucket));
  for (const { ts, value, quality } of readings) if (quality === 'good') fold.push(ts, value);
  fold.finish(readings.at(-1)!.ts + 1);
  return buckets;
}
