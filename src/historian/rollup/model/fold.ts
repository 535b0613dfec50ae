import type { Metric } from '../../../model/catalogue/types.js';
import { type CounterBounds, CounterIncrements } from '../../../model/counter/counter.js';
import { type Bucket, type Carry, MAX_HOLD_MS } from './bucket.js';

/** A stretch of time, `start <= ts < end`, epoch ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The bucket a time lies in; asked with rising times. Buckets do not overlap. */
export type Cut = (ts: number) => Span;

/** Takes a finished bucket, with what the next one begins with. */
export type EmitBucket = (bucket: Bucket, carry: Carry) => void;

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
  private start = Number.NaN;
  private end = Number.NEGATIVE_INFINITY;
  private count = 0;
  private sum = 0;
  private min = Number.NaN;
  private max = Number.NaN;
  private first = Number.NaN;
  private firstTs = Number.NaN;
  private integral = 0;
  private coveredMs = 0;
  private delta = 0;

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
    if (this.count === 0) {
      this.first = value;
      this.firstTs = ts;
      this.min = value;
      this.max = value;
    } else if (value < this.min) this.min = value;
    else if (value > this.max) this.max = value;
    this.count += 1;
    this.sum += value;
    this.last = { ts, value };
    if (this.counter !== null) this.delta += this.counter.push(ts, value).increment;
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
      this.integral += value * (end - at);
      this.coveredMs += end - at;
      at = end;
    }
  }

  private enter(ts: number): void {
    if (ts < this.end) return;
    this.leave();
    const { start, end } = this.cut(ts);
    this.start = start;
    this.end = end;
    this.open = true;
  }

  private leave(): void {
    if (!this.open) return;
    const { start, count, sum, min, max, first, firstTs, integral, coveredMs, delta } = this;
    const { ts: lastTs, value: last } = count > 0 && this.last !== null ? this.last : NO_READING;
    this.emit({ start, count, sum, min, max, first, firstTs, last, lastTs, integral, coveredMs, delta }, this.carry);
    this.open = false;
    this.count = 0;
    this.sum = 0;
    this.min = Number.NaN;
    this.max = Number.NaN;
    this.first = Number.NaN;
    this.firstTs = Number.NaN;
    this.integral = 0;
    this.coveredMs = 0;
    this.delta = 0;
  }
}

const NO_READING = { ts: Number.NaN, value: Number.NaN };
