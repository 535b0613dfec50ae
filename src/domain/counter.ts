import type { Metric } from './catalogue/types.js';

/**
 * What a reading of a counter was taken for.
 * `first`: nothing before it. `rise`: an ordinary step, zero included. `rollover`: the register passed its modulus.
 * `glitch`: not believable yet, counted as nothing; the next reading decides. `recovered`: back on the line left before
 * a glitch. `reset`: the counter had restarted from zero. `swap`: it had gone on from another value, such as that of
 * an exchanged meter. `stale`: not later than the reading before it, ignored.
 */
export type CounterVerdict = 'first' | 'rise' | 'rollover' | 'glitch' | 'recovered' | 'reset' | 'swap' | 'stale';

export interface CounterStep {
  /** What was consumed in the interval this reading ends; never negative. */
  readonly increment: number;
  readonly verdict: CounterVerdict;
}

interface Point {
  readonly ts: number;
  readonly value: number;
}

/** Where the decisions about one counter stand; plain data, to be kept and taken up again. */
export interface CounterState {
  readonly last: Point | null;
  readonly doubtful: Point | null;
  readonly beforeRollover: { readonly point: Point; readonly counted: number } | null;
  /** Null before the first reading. */
  readonly latestTs: number | null;
}

const HOUR_MS = 3_600_000;
/** Registers are refreshed in steps: a rise is bounded by the rate over at least this span. */
const MIN_SPAN_MS = 60_000;

const step = (verdict: CounterVerdict, increment = 0): CounterStep => ({ verdict, increment });

/**
 * Turns the successive readings of one counter into increments. An increment belongs to the reading that ends it.
 * A reading that leaves the line by more than the physical rate allows, or falls, counts nothing and stays in doubt:
 * - the next reading goes on from before it: it was a glitch, and neither the fall nor the recovery is counted;
 * - the next reading goes on from it: it was a `reset` when it could have been reached from zero since the last good
 *   reading and lies below half of that one (it then counts in full), else a `swap`, whose first value counts nothing;
 * - neither: the newer reading is the one in doubt.
 * Equal readings confirm nothing, so a spell stuck at zero still ends in a recovery.
 */
export class CounterIncrements {
  private readonly ratePerMs: number;
  private readonly modulus: number;
  private last: Point | null = null;
  private doubtful: Point | null = null;
  /** The reading before a roll-over, and what the roll-over counted, until the next reading. */
  private beforeRollover: { readonly point: Point; readonly counted: number } | null = null;
  private latestTs = Number.NEGATIVE_INFINITY;

  constructor(metric: Pick<Metric, 'maxRatePerHour' | 'rollover'>, state?: CounterState | null) {
    this.ratePerMs = (metric.maxRatePerHour ?? Number.POSITIVE_INFINITY) / HOUR_MS;
    this.modulus = metric.rollover ?? Number.POSITIVE_INFINITY;
    if (!state) return;
    this.last = state.last;
    this.doubtful = state.doubtful;
    this.beforeRollover = state.beforeRollover;
    this.latestTs = state.latestTs ?? Number.NEGATIVE_INFINITY;
  }

  /** Enough for another one to go on in this one's place. */
  get state(): CounterState {
    const { last, doubtful, beforeRollover, latestTs } = this;
    return { last, doubtful, beforeRollover, latestTs: Number.isFinite(latestTs) ? latestTs : null };
  }

  /** @param ts epoch milliseconds, rising from call to call */
  push(ts: number, value: number): CounterStep {
    if (!(ts > this.latestTs)) return step('stale');
    this.latestTs = ts;
    if (!(value >= 0 && value <= this.modulus)) return step('glitch');
    const point = { ts, value };
    if (this.last === null) {
      this.last = point;
      return step('first');
    }
    const before = this.beforeRollover;
    this.beforeRollover = null;
    if (this.doubtful !== null) return this.decide(this.last, this.doubtful, point);

    if (this.follows(this.last, point)) return this.accept(point, 'rise', value - this.last.value);
    if (before !== null && this.follows(before.point, point)) {
      const sinceThen = value - before.point.value;
      return this.accept(point, 'recovered', Math.max(0, sinceThen - before.counted));
    }
    return this.rollOver(this.last, point) ?? this.doubt(point);
  }

  private decide(last: Point, doubtful: Point, point: Point): CounterStep {
    if (this.follows(last, point)) return this.accept(point, 'recovered', point.value - last.value);
    if (point.value === doubtful.value) return step('glitch');
    if (!this.follows(doubtful, point)) return this.rollOver(last, point) ?? this.doubt(point);
    const fromZero =
      doubtful.value <= last.value / 2 && doubtful.value <= this.mostSince(last.ts, doubtful.ts)
        ? doubtful.value
        : null;
    const rise = point.value - doubtful.value;
    return fromZero === null ? this.accept(point, 'swap', rise) : this.accept(point, 'reset', fromZero + rise);
  }

  /** A fall from the register's upper half to its lower half that the rate allows across the modulus. */
  private rollOver(last: Point, point: Point): CounterStep | null {
    const across = point.value + this.modulus - last.value;
    const halves = last.value >= this.modulus / 2 && point.value < this.modulus / 2;
    if (!halves || !(across <= this.mostSince(last.ts, point.ts))) return null;
    const result = this.accept(point, 'rollover', across);
    this.beforeRollover = { point: last, counted: across };
    return result;
  }

  private follows(from: Point, to: Point): boolean {
    return to.value >= from.value && to.value - from.value <= this.mostSince(from.ts, to.ts);
  }

  private mostSince(from: number, to: number): number {
    return this.ratePerMs * Math.max(to - from, MIN_SPAN_MS);
  }

  private accept(point: Point, verdict: CounterVerdict, increment: number): CounterStep {
    this.last = point;
    this.doubtful = null;
    return step(verdict, increment);
  }

  private doubt(point: Point): CounterStep {
    this.doubtful = point;
    return step('glitch');
  }
}
