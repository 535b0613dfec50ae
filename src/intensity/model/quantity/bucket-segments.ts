import { JITTER } from '../../../model/counter/rise-bound.js';
import type { Period } from '../../../model/time/windows.js';
import { type Thousandths, toThousandths } from './grid.js';

/** What an hour or a day of a register's good readings comes to, in its unit; times are epoch ms, `delta` the rise counted in it. */
export interface RegisterBucket {
  readonly start: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly firstTs: number;
  readonly last: number;
  readonly lastTs: number;
  readonly delta: number;
}

/** What buckets say of the time between two readings of them. */
export interface BucketSegment extends Period {
  readonly amount: Thousandths;
  /** Between the first and the last reading of one bucket: there is no gap in it. */
  readonly isInside: boolean;
}

/** What the buckets of one register say of a stretch of time. */
export interface BucketLine {
  /** Rising in time, without overlap; their amounts add up to what the buckets count. */
  readonly segments: readonly BucketSegment[];
  /**
   * The first and last reading of buckets in which the register just rose: both are readings that count. Where nothing was
   * counted, the bucket may as well be of a line in doubt that began before it.
   */
  readonly anchors: readonly { readonly first: number; readonly last: number; readonly hasCounted: boolean }[];
  /** Where the register did more than rise, so that the buckets know how much was consumed, and not when exactly. */
  readonly doubtful: readonly Period[];
}

/** Rounding of sums of a bucket's increments, in register units. */
const EXACT = 1e-6;

/** Where the buckets before one have left the register. */
interface Left {
  readonly ts: number;
  /** Up to where it has counted; two where a doubt was not decided. */
  readonly marks: readonly number[];
}

/**
 * Cuts time into what the buckets of one register say of it. Where it just rose, a bucket has two segments: up to its
 * first reading, and from there to its last, as raw readings would have it. Where it was exchanged, reset, rolled over or
 * misread, there is one segment of what was counted.
 * @param buckets rising in time; those without a reading say nothing
 */
export function bucketLine(buckets: Iterable<RegisterBucket>): BucketLine {
  const segments: BucketSegment[] = [];
  const anchors: { first: number; last: number; hasCounted: boolean }[] = [];
  const doubtful: Period[] = [];
  let left: Left | null = null;
  const emit = (from: number, to: number, amount: Thousandths, isInside: boolean) => {
    if (to > from || amount !== 0) segments.push({ from, to, amount, isInside });
  };
  for (const bucket of buckets) {
    if (bucket.count === 0) continue;
    const { firstTs, last, lastTs, delta } = bucket;
    const from: number = left?.ts ?? firstTs;
    const risen = risenFrom(left, bucket);
    if (risen === null) {
      emit(from, lastTs, toThousandths(delta), false);
      doubtful.push({ from, to: lastTs });
      const marks: readonly number[] = left?.marks ?? [bucket.first];
      left = { ts: lastTs, marks: [last, ...marks.map((mark) => mark + delta)].slice(0, 3) };
    } else {
      const { before, across, end } = risen;
      const [begun, met, ended] = [before, before + across, end].map(toThousandths) as [number, number, number];
      emit(from, firstTs, met - begun, false);
      emit(firstTs, lastTs, ended - met, true);
      anchors.push({ first: firstTs, last: lastTs, hasCounted: delta > 0 });
      left = { ts: lastTs, marks: [end] };
    }
  }
  return { segments, anchors, doubtful };
}

/** Whether a period in doubt begins before anything was counted: what led up to it has to be known. */
export function beginsInDoubt({ anchors, doubtful: [first] }: BucketLine, { to }: Period): boolean {
  if (first === undefined || first.from > to) return false;
  return !anchors.some(({ last, hasCounted }) => hasCounted && last <= first.from);
}

/** Whether a period in doubt that concerns `period` is not over: what follows has to be known. */
export function endsInDoubt({ anchors, doubtful }: BucketLine, { to }: Period): boolean {
  const last = doubtful.at(-1);
  return last !== undefined && last.from <= to && !anchors.some(({ first }) => first >= last.to);
}

/** How the register rose through the bucket; null where it did not just rise. */
function risenFrom(left: Left | null, bucket: RegisterBucket) {
  const { first, last, min, max, delta } = bucket;
  if (min < first - JITTER || max > last + JITTER) return null;
  // The rise up to the first reading there is: what the bucket counts beyond its own.
  const marks = left?.marks ?? [Math.min(first, last - delta)];
  for (const mark of marks) {
    const gain = first - mark;
    const across = gain > JITTER ? gain : 0;
    const end = mark + delta;
    const isOnLine = gain >= -JITTER - EXACT && Math.abs(last - end) <= JITTER + EXACT && delta >= across - EXACT;
    if (isOnLine) return { before: mark, across, end: Math.abs(last - end) < EXACT ? last : end };
  }
  return null;
}

/**
 * The stretches around these periods that raw readings can take the place of: from a reading that counts to one that
 * counts. One at the end of what is known reaches to the end of `within`. Rising, without overlap.
 */
export function stretchesAround(
  periods: readonly Period[],
  anchors: readonly { readonly first: number; readonly last: number }[],
  within: Period,
): readonly Period[] {
  const found: { from: number; to: number }[] = [];
  const near = periods.filter(({ from, to }) => from <= within.to && to >= within.from);
  for (const { from, to } of [...near].sort((a, b) => a.from - b.from)) {
    const before = anchors.findLast(({ last }) => last <= from)?.last ?? within.from;
    const after = anchors.find(({ first }) => first >= to)?.first ?? within.to;
    const latest = found.at(-1);
    if (latest !== undefined && before <= latest.to) latest.to = Math.max(latest.to, after);
    else found.push({ from: before, to: after });
  }
  return found;
}
