import type { Metric } from '../../../model/catalogue/types.js';
import { type CounterBounds, CounterIncrements } from '../../../model/counter/counter.js';
import { type Bucket, type Carry, emptyBucket, MAX_HOLD_MS } from './bucket.js';

/** A stretch of time, `start <= ts < end`, epoch ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The bucket a time lies in; asked with rising times. Buckets do not overlap. */
export type Cut = (ts: number) => Span;

/** Told of a finished bucket, with what the next one begins with. */
type EmitBucket = (bucket: Bucket, carry: Carry) => void;

export type FoldedMetric = Pick<Metric, 'kind'> & CounterBounds;

export interface FoldStart {
  /** Nothing before this is counted; the readings begin here, epoch ms. */
  readonly from: number;
  /** What the buckets before `from` handed on. */
  readonly carry: Carry;
}

/**
 * Turns the good readings of one series into the buckets of a cut. Taken up again from a bucket's end with its carry it
 * goes on as if it had never stopped: the buckets are the same to the last bit.
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

  /** Ends the range before `upTo`, later than every reading; returns what a fold from there begins with. */
  finish(upTo: number): Carry {
    this.hold(upTo);
    this.leave();
    return this.carry;
  }

  private get carry(): Carry {
    return { last: this.last, counter: this.counter?.state ?? null };
  }

  /** Covers the time for which the last value held before `until`, in every bucket it reaches into. */
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
