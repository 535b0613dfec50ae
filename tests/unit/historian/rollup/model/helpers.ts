import { type Bucket, type Carry, NO_CARRY } from '../../../../../src/historian/rollup/model/bucket.js';
import { cutHours } from '../../../../../src/historian/rollup/model/calendar.js';
import { BucketFold, type Cut, type FoldedMetric } from '../../../../../src/historian/rollup/model/fold.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** 2026-11-02 00:00 UTC. */
export const T0 = Date.UTC(2026, 10, 2);

export const GAUGE: FoldedMetric = { kind: 'gauge' };
export const METER: FoldedMetric = { kind: 'counter', maxRatePerHour: 600, rollover: 10_000 };

export type Point = readonly [ts: number, value: number];

export interface Folded {
  readonly bucket: Bucket;
  readonly carry: Carry;
}

/** The buckets of `from <= ts < to`. */
export function fold(
  metric: FoldedMetric,
  points: readonly Point[],
  { from = T0, to, carry = NO_CARRY, cut = cutHours }: { from?: number; to: number; carry?: Carry; cut?: Cut },
): { readonly buckets: Folded[]; readonly carry: Carry } {
  const buckets: Folded[] = [];
  const run = new BucketFold(metric, cut, { from, carry }, (bucket, after) => buckets.push({ bucket, carry: after }));
  for (const [ts, value] of points) if (ts >= from && ts < to) run.push(ts, value);
  return { buckets, carry: run.finish(to) };
}
