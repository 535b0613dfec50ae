import { sameCounter } from '../../../model/counter/state.js';
import type { Bucket, Carry } from './bucket.js';

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
