import type { CounterState } from '../../../model/counter/counter.js';
import { sameCounter } from '../../../model/counter/state.js';

/**
 * Statistics of the good readings of one series in one bucket of time, `start <= ts`. Buckets of a series add up: those
 * of an hour make those of a day. Times are epoch milliseconds, values in the metric's unit.
 */
export interface Bucket {
  readonly start: number;
  readonly count: number;
  readonly sum: number;
  /** NaN in a bucket without a reading: one that only a held value reaches into. So are `max`, `first` and `last`. */
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

/** What a bucket hands on to the next: enough to go on as if all before had been read. */
export interface Carry {
  readonly last: { readonly ts: number; readonly value: number } | null;
  /** Of counters alone. */
  readonly counter: CounterState | null;
}

export const NO_CARRY: Carry = { last: null, counter: null };

type Statistic = 'mean' | 'time_weighted_mean' | 'min' | 'max' | 'first' | 'last' | 'sum' | 'count' | 'delta';

/** What a bucket says, in the metric's unit; null without a reading: a gap stays a gap. */
export function statisticOf(bucket: Bucket, statistic: Statistic): number | null {
  if (bucket.count === 0) return null;
  if (statistic === 'mean') return bucket.sum / bucket.count;
  if (statistic !== 'time_weighted_mean') return bucket[statistic];
  return bucket.coveredMs > 0 ? bucket.integral / bucket.coveredMs : bucket.last;
}

type MutableBucket = { -readonly [Field in keyof Bucket]: Bucket[Field] };

/** A bucket that nothing lies in or reaches into. */
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

/** Adds to a bucket one that follows it in time; always in this order, so that the digits are the same each time. */
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

/** The bucket from `start` that these make, which follow each other in time. */
export function mergeBuckets(start: number, buckets: Iterable<Bucket>): Bucket {
  const sum = emptyBucket(start);
  for (const bucket of buckets) addBucket(sum, bucket);
  return sum;
}

const FIELDS = Object.keys(emptyBucket(0)) as (keyof Bucket)[];

/** Whether two buckets say the same, NaN being the same as NaN. */
export const sameBucket = (a: Bucket, b: Bucket): boolean => FIELDS.every((field) => same(a[field], b[field]));

/** Whether what follows is the same after either. */
export function sameCarry(a: Carry, b: Carry): boolean {
  return samePoint(a.last, b.last) && sameCounter(a.counter, b.counter);
}

type Point = NonNullable<Carry['last']>;

const samePoint = (a: Point | null, b: Point | null) => a?.ts === b?.ts && a?.value === b?.value;
const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));
