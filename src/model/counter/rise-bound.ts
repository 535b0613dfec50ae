import type { Metric } from '../catalogue/types.js';
import { HOUR_MS, MINUTE_MS } from '../time/duration.js';
import { ENOUGH, learn, MIN_SPAN_MS, type Usual, usualRate } from './usual.js';

/** What is known of a counter beforehand. With `usualRatePerHour` its bound is learned, else `maxRatePerHour` is it. */
export type CounterBounds = Pick<Metric, 'maxRatePerHour' | 'rollover' | 'usualRatePerHour'>;

/** A load comes and goes: what is allowed of a rate that was learned is that of so long at least. */
const LEARNED_SPAN_MS = 5 * MINUTE_MS;

/** The last two digits of a register that shows hundredths: it counts no rise, and no fall, of less. */
export const JITTER = 0.0201;
/** A small fall is less than this share of the value, and than what is usual in an hour. */
const JITTER_SHARE = 1 / 20;

/** How far one register may rise: by its own bound, or by what was learned from it. */
export class RiseBound {
  /** The metric says nothing of this meter: its bound is learned. */
  readonly isLearned: boolean;
  /** Units per hour that no meter passes. */
  readonly most: number;
  private readonly atFirst: number;
  private readonly minSpanMs: number;

  constructor(
    bounds: CounterBounds,
    public usual: Usual | null,
  ) {
    this.most = bounds.maxRatePerHour ?? Number.POSITIVE_INFINITY;
    this.isLearned = bounds.usualRatePerHour !== undefined;
    this.atFirst = bounds.usualRatePerHour ?? this.most;
    this.minSpanMs = this.isLearned ? LEARNED_SPAN_MS : MIN_SPAN_MS;
  }

  /** Units per hour that were usual at most; 0 while nothing is known. */
  usualAt(ts: number): number {
    return usualRate(this.usual, ts);
  }

  learn(ratePerHour: number, ts: number): void {
    this.usual = learn(this.usual, ratePerHour, ts);
  }

  /** The most it may rise over a span that ends at `ts`, at so many times the usual rate. */
  over(spanMs: number, ts: number, times: number): number {
    return this.at(this.rate(ts, times), spanMs);
  }

  /** @param usual what was usual on the line in question */
  rate(ts: number, times: number, usual = this.usual): number {
    if (!this.isLearned) return this.most;
    const learned = times * usualRate(usual, ts);
    const isKnown = usual !== null && usual.rises >= ENOUGH;
    return Math.min(this.most, isKnown ? learned : Math.max(learned, this.atFirst));
  }

  /** How far below `value` a reading means nothing. */
  jitter(value: number, ts: number): number {
    return Math.max(JITTER, Math.min(value * JITTER_SHARE, this.usualAt(ts)));
  }

  at(ratePerHour: number, spanMs: number): number {
    return (ratePerHour / HOUR_MS) * Math.max(spanMs, this.minSpanMs);
  }
}
