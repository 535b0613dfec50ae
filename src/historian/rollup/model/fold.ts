import type { Metric } from '../../../model/catalogue/types.js';
import { CounterIncrements } from '../../../model/counter/counter.js';
import type { CounterBounds } from '../../../model/counter/rise-bound.js';
import { type Bucket, type Carry, emptyBucket, MAX_HOLD_MS } from './bucket.js';

/** A span of time, `start <= ts < end`, epoch ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Returns the bucket of a time; called with rising times. Buckets do not overlap. */
export type Cut = (ts: number) => Span;

/** Receives a finished bucket with the carry for the next. */
type EmitBucket = (bucket: Bucket, carry: Carry) => void;

export type FoldedMetric = Pick<Metric, 'kind'> & CounterBounds;

export interface FoldStart {
  /** Start of the range and of its readings, epoch ms. */
  readonly from: number;
  /** Carry of the buckets before `from`. */
  readonly carry: Carry;
}

/**
 * Turns the good readings of one series into the buckets of a cut. A fold that resumes at a bucket's end with its carry
 * makes the same buckets, to the last bit, as one that never stopped.
 */
export class BucketFold {
  private readonly counter: CounterIncrements | null;
  private readonly from: number;
  private last: { readonly ts: number; readonly value: number } | null;
  private open = false;
  private end = Number.NEGATIVE_INFINITY;
  private bucket = emptyBucket(Number.NaN);

  constructor(
    metric: FoldedMetric | undefined,
    private readonly cut: Cut,
    { from, carry }: FoldStart,
    private readonly emit: EmitBucket,
  ) {
    this.counter = metric?.kind === 'counter' ? new CounterIncrements(metric, carry.counter) : null;
    this.from = from;
    this.last = carry.last;
  }

  /** @param ts epoch ms, rising from call to call */
  push(ts: number, value: number): void {
    this.hold(ts);
    this.enter(ts);
    const { bucket } = this;
    if (bucket.count === 0) {
      bucket.first = value;
      bucket.firstTs = ts;
      bucket.min = value;
      bucket.max = value;
    } else if (value < bucket.min) bucket.min = value;
    else if (value > bucket.max) bucket.max = value;
    bucket.count += 1;
    bucket.sum += value;
    this.last = { ts, value };
    if (this.counter !== null) bucket.delta += this.counter.push(ts, value).increment;
  }

  /** Ends the range at `upTo`, later than every reading; returns the carry for a fold from there. */
  finish(upTo: number): Carry {
    this.hold(upTo);
    this.leave();
    return this.carry;
  }

  private get carry(): Carry {
    return { last: this.last, counter: this.counter?.state ?? null };
  }

  /** Adds the time until `until` for which the last value holds, to every bucket it reaches into. */
  private hold(until: number): void {
    if (this.last === null) return;
    const { ts, value } = this.last;
    const to = Math.min(until, ts + MAX_HOLD_MS);
    for (let at = Math.max(ts, this.from); at < to; ) {
      this.enter(at);
      const end = Math.min(to, this.end);
      this.bucket.integral += value * (end - at);
      this.bucket.coveredMs += end - at;
      at = end;
    }
  }

  private enter(ts: number): void {
    if (ts < this.end) return;
    this.leave();
    const { start, end } = this.cut(ts);
    this.bucket = emptyBucket(start);
    this.end = end;
    this.open = true;
  }

  private leave(): void {
    if (!this.open) return;
    const { bucket, last } = this;
    if (bucket.count > 0 && last !== null) {
      bucket.last = last.value;
      bucket.lastTs = last.ts;
    }
    this.emit(bucket, this.carry);
    this.open = false;
  }
}
