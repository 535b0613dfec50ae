import { sameCounter } from '../../../model/counter/state.js';
import type { Bucket, Carry } from './bucket.js';

/** A bucket that nothing lies in or reaches into. */
export function emptyBucket(start: number): Bucket {
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

/** Adds up buckets that follow each other in time; always in this order, so that the digits are the same each time. */
export class BucketSum implements Bucket {
  start = 0;
  count = 0;
  sum = 0;
  min = Number.NaN;
  max = Number.NaN;
  first = Number.NaN;
  firstTs = Number.NaN;
  last = Number.NaN;
  lastTs = Number.NaN;
  integral = 0;
  coveredMs = 0;
  delta = 0;

  /** Begins anew with nothing. */
  reset(start: number): void {
    this.start = start;
    this.count = 0;
    this.sum = 0;
    this.min = Number.NaN;
    this.max = Number.NaN;
    this.first = Number.NaN;
    this.firstTs = Number.NaN;
    this.last = Number.NaN;
    this.lastTs = Number.NaN;
    this.integral = 0;
    this.coveredMs = 0;
    this.delta = 0;
  }

  add(later: Bucket): void {
    this.sum += later.sum;
    this.integral += later.integral;
    this.coveredMs += later.coveredMs;
    this.delta += later.delta;
    if (later.count === 0) return;
    if (this.count === 0) {
      this.first = later.first;
      this.firstTs = later.firstTs;
      this.min = later.min;
      this.max = later.max;
    } else {
      this.min = Math.min(this.min, later.min);
      this.max = Math.max(this.max, later.max);
    }
    this.last = later.last;
    this.lastTs = later.lastTs;
    this.count += later.count;
  }
}

/** The bucket from `start` that these make, which follow each other in time. */
export function mergeBuckets(start: number, buckets: Iterable<Bucket>): Bucket {
  const sum = new BucketSum();
  sum.reset(start);
  for (const bucket of buckets) sum.add(bucket);
  return { ...sum };
}

/** Whether two buckets say the same, NaN being the same as NaN. */
export function sameBucket(a: Bucket, b: Bucket): boolean {
  return (
    a.start === b.start &&
    a.count === b.count &&
    a.sum === b.sum &&
    same(a.min, b.min) &&
    same(a.max, b.max) &&
    same(a.first, b.first) &&
    same(a.firstTs, b.firstTs) &&
    same(a.last, b.last) &&
    same(a.lastTs, b.lastTs) &&
    a.integral === b.integral &&
    a.coveredMs === b.coveredMs &&
    a.delta === b.delta
  );
}

/** Whether what follows is the same after either. */
export function sameCarry(a: Carry, b: Carry): boolean {
  return samePoint(a.last, b.last) && sameCounter(a.counter, b.counter);
}

type Point = NonNullable<Carry['last']>;

const samePoint = (a: Point | null, b: Point | null) => a?.ts === b?.ts && a?.value === b?.value;
const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));
