import type { Metric } from '../catalogue/types.js';
import { HOUR_MS, MINUTE_MS } from '../time/duration.js';
import { ENOUGH, learn, MIN_SPAN_MS, type Usual, usualRate } from './usual.js';

/** What the catalogue and the device say of a counter. With `usualRatePerHour` its bound is learned, else fixed. */
export type CounterBounds = Pick<Metric, 'maxRatePerHour' | 'rollover' | 'usualRatePerHour'>;

/** Loads come in bursts: a learned rate allows at least the rise of this span. */
const LEARNED_SPAN_MS = 5 * MINUTE_MS;

/** The last two digits of a register that shows hundredths: a smaller rise or fall counts nothing. */
export const JITTER = 0.0201;
/** A fall is small below this share of the value and below the usual rise of an hour. */
const JITTER_SHARE = 1 / 20;

/** How far one register may rise: by its own bound, or by the bound learned from it. */
export class RiseBound {
  /** The metric has no bound for this meter: it is learned. */
  readonly isLearned: boolean;
  /** Units per hour that no meter exceeds. */
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

  /** The highest usual rate in units per hour; 0 while it is unknown. */
  usualAt(ts: number): number {
    return usualRate(this.usual, ts);
  }

  /** What was learned; null where it is but a guess. */
  get known(): Usual | null {
    return this.usual?.rises === 0 ? null : this.usual;
  }

  /** As `usualAt`; before anything was learned, what the first rise says; without any, no bound. */
  guessAt(ts: number): number {
    if (this.usual === null) return this.most;
    return this.usual.rises === 0 ? this.usual.rate : this.usualAt(ts);
  }

  /** @param isGuess the rise may have begun with a wrong first reading */
  learn(ratePerHour: number, ts: number, isGuess = false): void {
    const learned = learn(this.usual, ratePerHour, ts);
    this.usual = isGuess && learned !== null ? { ...learned, rises: 0 } : learned;
  }

  /** The most that the register may rise over a span that ends at `ts`, at `times` the usual rate. */
  over(spanMs: number, ts: number, times: number): number {
    return this.at(this.rate(ts, times), spanMs);
  }

  /** @param usual the usual rate of the line in question */
  rate(ts: number, times: number, usual = this.usual): number {
    if (!this.isLearned) return this.most;
    const learned = times * usualRate(usual, ts);
    const isKnown = usual !== null && usual.rises >= ENOUGH;
    return Math.min(this.most, isKnown ? learned : Math.max(learned, this.atFirst));
  }

  /** How far a reading may fall below `value` without meaning. */
  jitter(value: number, ts: number): number {
    return Math.max(JITTER, Math.min(value * JITTER_SHARE, this.usualAt(ts)));
  }

  at(ratePerHour: number, spanMs: number): number {
    return (ratePerHour / HOUR_MS) * Math.max(spanMs, this.minSpanMs);
  }
}
