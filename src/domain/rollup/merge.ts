import type { CounterState } from '../counter.js';
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

/** One bucket of two: `later` follows `earlier`, whose start counts. */
export function addBuckets(earlier: Bucket, later: Bucket): Bucket {
  const sums = {
    start: earlier.start,
    count: earlier.count + later.count,
    sum: earlier.sum + later.sum,
    integral: earlier.integral + later.integral,
    coveredMs: earlier.coveredMs + later.coveredMs,
    delta: earlier.delta + later.delta,
  };
  const head = earlier.count > 0 ? earlier : later;
  const tail = later.count > 0 ? later : earlier;
  return {
    ...sums,
    min: Math.min(head.min, tail.min),
    max: Math.max(head.max, tail.max),
    first: head.first,
    firstTs: head.firstTs,
    last: tail.last,
    lastTs: tail.lastTs,
  };
}

/** The bucket from `start` that these make, which follow each other in time. */
export function mergeBuckets(start: number, buckets: Iterable<Bucket>): Bucket {
  let merged = emptyBucket(start);
  for (const bucket of buckets) merged = addBuckets(merged, bucket);
  return merged;
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

function sameCounter(a: CounterState | null, b: CounterState | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.latestTs === b.latestTs &&
    samePoint(a.last, b.last) &&
    samePoint(a.doubtful, b.doubtful) &&
    a.beforeRollover?.counted === b.beforeRollover?.counted &&
    samePoint(a.beforeRollover?.point ?? null, b.beforeRollover?.point ?? null)
  );
}

type Point = NonNullable<Carry['last']>;

const samePoint = (a: Point | null, b: Point | null) => a?.ts === b?.ts && a?.value === b?.value;
const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));
