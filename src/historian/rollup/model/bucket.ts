import type { CounterState } from '../../../model/counter/counter.js';

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
