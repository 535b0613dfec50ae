import type { CounterState } from '../../../model/counter/state.js';
import { sameCounter } from '../../../model/counter/state.js';

/**
 * Statistics of the good readings of one series in one bucket, which begins at `start`. Buckets add up: those of the
 * hours make those of a day. Times are epoch milliseconds, values in the metric's unit.
 */
export interface Bucket {
  readonly start: number;
  readonly count: number;
  readonly sum: number;
  /** NaN in a bucket without a reading, into which only a held value reaches. So are `max`, `first` and `last`. */
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly firstTs: number;
  readonly last: number;
  readonly lastTs: number;
  /** Integral of the value over the time it held, value · ms, and that time; see `MAX_HOLD_MS`. */
  readonly integral: number;
  readonly coveredMs: number;
  /** Sum of a counter's increments that end in the bucket; 0 for other kinds of metric. */
  readonly delta: number;
}

/** A good value holds until the next one, and at most this long: a gap in the readings stays a gap. */
export const MAX_HOLD_MS = 15 * 60_000;

/** State handed from one bucket to the next: a fold that starts with it equals a fold over all earlier readings. */
export interface Carry {
  readonly last: { readonly ts: number; readonly value: number } | null;
  /** Only for counters. */
  readonly counter: CounterState | null;
}

export const NO_CARRY: Carry = { last: null, counter: null };

type Statistic = 'mean' | 'time_weighted_mean' | 'min' | 'max' | 'first' | 'last' | 'sum' | 'count' | 'delta';

/** A statistic of the bucket, in the metric's unit; null without a reading: a gap stays a gap. */
export function statisticOf(bucket: Bucket, statistic: Statistic): number | null {
  if (bucket.count === 0) return null;
  if (statistic === 'mean') return bucket.sum / bucket.count;
  if (statistic !== 'time_weighted_mean') return bucket[statistic];
  return bucket.coveredMs > 0 ? bucket.integral / bucket.coveredMs : bucket.last;
}

type MutableBucket = { -readonly [Field in keyof Bucket]: Bucket[Field] };

/** A bucket without readings and without a held value. */
export function emptyBucket(start: number): MutableBucket {
  const none = Number.NaN;
  return {
    start,
    count: 0,
    sum: 0,
    min: none,
    max: none,
    first: none,
    firstTs: none,
    last: none,
    lastTs: none,
    integral: 0,
    coveredMs: 0,
    delta: 0,
  };
}

/** Adds a later bucket to an earlier one; the fixed order keeps the digits the same each time. */
export function addBucket(to: MutableBucket, later: Bucket): void {
  to.sum += later.sum;
  to.integral += later.integral;
  to.coveredMs += later.coveredMs;
  to.delta += later.delta;
  if (later.count === 0) return;
  if (to.count === 0) {
    to.first = later.first;
    to.firstTs = later.firstTs;
    to.min = later.min;
    to.max = later.max;
  } else {
    to.min = Math.min(to.min, later.min);
    to.max = Math.max(to.max, later.max);
  }
  to.last = later.last;
  to.lastTs = later.lastTs;
  to.count += later.count;
}

/** Merges buckets, which are in order of time, into one that begins at `start`. */
export function mergeBuckets(start: number, buckets: Iterable<Bucket>): Bucket {
  const sum = emptyBucket(start);
  for (const bucket of buckets) addBucket(sum, bucket);
  return sum;
}

const FIELDS = Object.keys(emptyBucket(0)) as (keyof Bucket)[];

/** Whether two buckets are equal; NaN equals NaN. */
export const sameBucket = (a: Bucket, b: Bucket): boolean => FIELDS.every((field) => same(a[field], b[field]));

/** Whether both carries lead to the same later buckets. */
export function sameCarry(a: Carry, b: Carry): boolean {
  return samePoint(a.last, b.last) && sameCounter(a.counter, b.counter);
}

type Point = NonNullable<Carry['last']>;

const samePoint = (a: Point | null, b: Point | null) => a?.ts === b?.ts && a?.value === b?.value;
const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));
