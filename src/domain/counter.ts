import { type CounterBounds, RiseBound } from './counter/rise-bound.js';
import { type CounterDetail, type CounterState, type Doubt, LeftLines, type Point } from './counter/state.js';
import { GENEROUS, rateOf } from './counter/usual.js';

export type { CounterBounds } from './counter/rise-bound.js';
export type { CounterState } from './counter/state.js';

/**
 * What a reading of a counter was taken for.
 * `first`: nothing before it. `rise`: an ordinary step, zero included. `jitter`: a fall too small to mean anything.
 * `rollover`: the register passed its modulus. `glitch`: not believable yet, counted as nothing; later readings decide.
 * `recovered`: back on a line that was left. `reset`: the counter had restarted from zero. `swap`: it had gone on from
 * another value, such as that of an exchanged meter. `stale`: not later than the reading before it, ignored.
 */
export type CounterVerdict =
  | 'first'
  | 'rise'
  | 'jitter'
  | 'rollover'
  | 'glitch'
  | 'recovered'
  | 'reset'
  | 'swap'
  | 'stale';

export interface CounterStep {
  /** What was consumed in the interval this reading ends; never negative. */
  readonly increment: number;
  readonly verdict: CounterVerdict;
}

/** The last two digits of a register that shows hundredths: it counts no rise, and no fall, of less. */
export const JITTER = 0.0201;
/** A small fall is less than this share of the value, and than what is usual in an hour. */
const JITTER_SHARE = 1 / 20;
/** An unusual rise counts once so many readings stayed on its line, however they went on. */
const STAYS = 4;
/** An ordinary rise so many times the usual rate is more likely the way back to a line above that was left. */
const UNLIKELY = 4;
/** Doubtful lines that are kept beside each other. */
const MAX_DOUBTS = 3;

const step = (verdict: CounterVerdict, increment = 0): CounterStep => ({ verdict, increment });

/**
 * Turns the successive good readings of one counter into increments. An increment belongs to the reading that ends it,
 * and no increment is taken back: what cannot be told yet counts nothing until later readings have decided.
 *
 * The register is a line of readings that rise, up to an ordinary rate:
 * - where the device's own bound is known, up to that, since the value was first read;
 * - else up to eight times the highest rate learned from the rises that were counted (`Usual`), and while there are
 *   fewer than four of them up to the metric's `usualRatePerHour` at least; never more than its `maxRatePerHour`.
 *
 * A fall within an hour's usual rise, and within a twentieth of the value, is jitter; the value has to come back before
 * it counts again. Rises within the jitter of the last digits wait until they are more, so an idle register counts
 * nothing and the total is late by 0.02 at most.
 *
 * Every other reading begins a line in doubt. The readings after it decide:
 * - one goes on from the line before: it was a glitch, and neither the way there nor the way back counts;
 * - one rises from it after a fall (two, where the rise is more than usual): a `rollover` or `reset` counts in full, where
 *   the register could have got there at such a rate, else it was a `swap`, whose first value counts nothing.
 *   Equal readings confirm nothing, so a spell stuck at zero still ends in a recovery;
 * - two rise from it, after a rise, about as fast: the load has changed, and all of it counts;
 * - four stay: it counts in full if eight times the ordinary rate since the value last changed reaches there, such as
 *   after a gateway repeated an old value, else it was a `swap`. With a bound of the device's own one rise decides.
 * - A first reading that nothing followed proves nothing: one rise from the next decides, and the way there does not
 *   count unless the line goes on as fast.
 *
 * A line that was left is known again for a week when it comes back, and what was counted meanwhile is taken off what
 * it rose by; what is over is made up for by its next rises.
 */
export class CounterIncrements {
  private readonly bound: RiseBound;
  private readonly modulus: number;
  private latestTs = Number.NEGATIVE_INFINITY;
  /** The line: its highest value, when that was first read, the time of its newest reading. NaN before the first. */
  private value = Number.NaN;
  private since = Number.NaN;
  private lastTs = Number.NaN;
  /** Everything up to this value of the line has been counted; above it after more was counted than the line rose. */
  private mark = Number.NaN;
  private alone = false;
  private doubts: readonly Doubt[] = [];
  private left: LeftLines;

  constructor(bounds: CounterBounds, state?: CounterState | null) {
    this.modulus = bounds.rollover ?? Number.POSITIVE_INFINITY;
    const { last, doubtful, beforeRollover, latestTs, detail } = state ?? {};
    this.bound = new RiseBound(bounds, detail?.usual ?? null);
    this.latestTs = latestTs ?? Number.NEGATIVE_INFINITY;
    this.left = LeftLines.of(beforeRollover ?? null, detail?.left);
    if (last) {
      this.lastTs = last.ts;
      this.value = last.value;
      this.since = detail?.since ?? last.ts;
      this.mark = detail?.mark ?? last.value;
    }
    this.alone = detail?.alone ?? false;
    if (doubtful) this.doubts = [doubtful, ...(detail?.doubts ?? [])];
  }

  /** Enough for another one to go on in this one's place. */
  get state(): CounterState {
    const { value, lastTs, latestTs, mark, since } = this;
    const { usual } = this.bound;
    const [doubtful = null, ...doubts] = this.doubts;
    const [beforeRollover = null, ...left] = this.left.all;
    const detail: CounterDetail = {
      ...(mark !== value && !Number.isNaN(value) && { mark }),
      ...(since !== lastTs && !Number.isNaN(value) && { since }),
      ...(this.alone && { alone: true as const }),
      ...(usual !== null && { usual }),
      ...(doubts.length > 0 && { doubts }),
      ...(left.length > 0 && { left }),
    };
    return {
      last: Number.isNaN(value) ? null : { ts: lastTs, value },
      doubtful,
      beforeRollover,
      latestTs: Number.isFinite(latestTs) ? latestTs : null,
      ...(Object.keys(detail).length > 0 && { detail }),
    };
  }

  /** @param ts epoch milliseconds, rising from call to call */
  push(ts: number, value: number): CounterStep {
    if (!(ts > this.latestTs)) return step('stale');
    this.latestTs = ts;
    if (!(value >= 0 && value <= this.modulus)) return step('glitch');
    if (Number.isNaN(this.value)) {
      this.moveTo(ts, value, value);
      this.alone = true;
      return step('first');
    }
    if (!this.left.isEmpty) this.left.forget(ts);
    const rise = value - this.value;
    if (rise >= 0 && rise <= this.ordinary(ts)) return this.riseOrRecovery(ts, value);
    if (rise < 0 && -rise <= this.jitter(ts)) return this.stay(ts);
    const above = rise > 0 ? this.value : undefined;
    return this.recovery({ ts, value }, above) ?? this.decide({ ts, value }) ?? this.doubt({ ts, value });
  }

  private riseOrRecovery(ts: number, value: number): CounterStep {
    const rate = rateOf(value - this.value, ts - this.lastTs);
    const known = this.bound.usualAt(ts);
    if (rate > UNLIKELY * known) {
      const back = this.recovery({ ts, value }, this.value);
      if (back !== null) return back;
    }
    const gain = value - this.mark;
    const increment = gain > JITTER ? gain : 0;
    this.left.count(increment);
    if (rate > known && increment > 0 && this.bound.isLearned) {
      const until = ts + STAYS * (ts - this.lastTs);
      this.left.add({ ts: this.lastTs, value: this.value }, value - this.value, this.bound.usual, until);
    }
    const verdict = this.doubts.length > 0 ? 'recovered' : 'rise';
    const since = value > this.value ? ts : this.since;
    this.bound.learn(rate, ts);
    this.moveTo(ts, value, increment > 0 ? value : this.mark, since);
    return step(verdict, increment);
  }

  private stay(ts: number): CounterStep {
    this.moveTo(ts, this.value, this.mark, this.since);
    return step('jitter');
  }

  /** Back to a line that was left, above `above`. */
  private recovery(point: Point, above = Number.NEGATIVE_INFINITY): CounterStep | null {
    const line = this.left.find(point, above, (from) => this.mostSince(from.ts, point.ts));
    if (line === null) return null;
    const mark = line.point.value + line.counted;
    const increment = Math.max(0, point.value - mark);
    this.left.remove(line);
    // A line far below that its own came back from was none.
    if (point.value < this.value) this.leave(increment);
    else this.left.count(increment);
    this.bound.usual = line.usual ?? null;
    this.moveTo(point.ts, point.value, Math.max(mark, point.value));
    return step('recovered', increment);
  }

  private decide(point: Point): CounterStep | null {
    for (const doubt of this.doubts) {
      if (!this.follows(doubt, point)) continue;
      const rises = (doubt.rises ?? 0) + (point.value > doubt.value ? 1 : 0);
      const stays = (doubt.stays ?? 0) + 1;
      const { ts, value } = doubt;
      const first = doubt.first ?? { ts, value };
      const next = { ...point, value: Math.max(point.value, value), first, rises, stays };
      const decided = first.value < this.value ? this.afterFall(doubt, next) : this.afterRise(next);
      if (decided !== null) return decided;
      this.doubts = [next, ...this.doubts.filter((one) => one !== doubt)];
      return step('glitch');
    }
    return this.rollOver(point);
  }

  private follows(doubt: Doubt, { ts, value }: Point): boolean {
    const rise = value - doubt.value;
    if (rise < -JITTER) return false;
    if (!this.bound.isLearned) {
      const fromZero = doubt.value < this.value && value <= this.bound.at(this.bound.most, ts - this.lastTs);
      return fromZero || rise <= this.bound.at(this.bound.most, ts - doubt.ts);
    }
    const { ts: firstTs, value: firstValue } = doubt.first ?? doubt;
    const there = firstValue > this.value ? firstValue - this.value : firstValue;
    const asBefore = GENEROUS * rateOf(there, firstTs - this.lastTs);
    return (
      rise <= this.bound.at(Math.min(this.bound.most, Math.max(this.bound.rate(ts, GENEROUS), asBefore)), ts - doubt.ts)
    );
  }

  private afterFall(before: Doubt, { first, rises, ...point }: Required<Doubt>): CounterStep | null {
    const usual = point.value - before.value <= this.usualSince(before.ts, point.ts);
    if (rises === 0 || (rises === 1 && !usual && this.bound.isLearned)) return null;
    const across = first.value + this.modulus - this.value;
    if (this.isAcross(first.value) && across <= this.bound.over(first.ts - this.since, first.ts, GENEROUS))
      return this.roll(point);
    const fromZero = first.value <= this.value / 2 && first.value <= this.usualSince(this.lastTs, first.ts);
    return this.switchTo(point, fromZero ? 'reset' : 'swap', point.value - (fromZero ? 0 : first.value));
  }

  private afterRise({ first, rises, stays, ...point }: Required<Doubt>): CounterStep | null {
    const jump = first.value - this.value;
    const onward = point.value - first.value;
    const [jumpRate, onwardRate] = [rateOf(jump, first.ts - this.lastTs), rateOf(onward, point.ts - first.ts)];
    const asFast = jumpRate <= this.bound.most && onwardRate * (this.alone ? 2 : GENEROUS) >= jumpRate;
    const oneIsEnough = this.alone || !this.bound.isLearned;
    if (!(oneIsEnough ? rises > 0 : stays >= STAYS || (rises > 1 && asFast))) return null;
    const counts = this.bound.isLearned && (asFast || (!this.alone && jump <= this.reach(first.ts)));
    if (!counts) return this.switchTo(point, 'swap', onward);
    const increment = Math.max(0, point.value - this.mark);
    const mark = Math.max(point.value, this.mark);
    this.leave(increment);
    const known = this.bound.usualAt(point.ts);
    this.bound.learn(Math.min(jumpRate, asFast ? onwardRate : known * GENEROUS), point.ts);
    this.moveTo(point.ts, point.value, mark);
    return step('rise', increment);
  }

  /** A fall from the register's upper half to its lower half that is a usual rise across the modulus. */
  private rollOver(point: Point): CounterStep | null {
    if (!this.isAcross(point.value)) return null;
    const across = point.value + this.modulus - this.value;
    return across <= this.usualSince(this.from, point.ts) ? this.roll(point) : null;
  }

  private isAcross(value: number): boolean {
    return this.value >= this.modulus / 2 && value < this.modulus / 2;
  }

  private roll(point: Point): CounterStep {
    const increment = Math.max(0, point.value + this.modulus - this.mark);
    const mark = Math.max(point.value, this.mark - this.modulus);
    this.leave(increment);
    this.moveTo(point.ts, point.value, mark);
    return step('rollover', increment);
  }

  /** Goes on with another line; what the old one had not counted yet counts now. */
  private switchTo(point: Point, verdict: CounterVerdict, counted: number): CounterStep {
    const increment = Math.max(0, this.value - this.mark) + counted;
    this.leave(increment);
    this.moveTo(point.ts, point.value, point.value);
    return step(verdict, increment);
  }

  private leave(increment: number): void {
    this.left.count(increment);
    const counted = Math.max(0, this.mark + increment - this.value);
    this.left.add({ ts: this.lastTs, value: this.value }, counted, this.bound.usual);
  }

  private moveTo(ts: number, value: number, mark: number, since = ts): void {
    this.lastTs = ts;
    this.value = value;
    this.since = since;
    this.mark = mark;
    this.alone = false;
    if (this.doubts.length > 0) this.doubts = [];
  }

  private doubt({ ts, value }: Point): CounterStep {
    this.doubts = [{ ts, value }, ...this.doubts].slice(0, MAX_DOUBTS);
    return step('glitch');
  }

  /** The most the line may rise until `ts` without a doubt. */
  private ordinary(ts: number): number {
    return this.bound.over(ts - this.from, ts, GENEROUS);
  }

  /** Since when the line may have risen: a rate that was learned is one from reading to reading. */
  private get from(): number {
    return this.bound.isLearned ? this.lastTs : this.since;
  }

  /** How far a jump at `ts` may have gone and still count, once it proved to stay. */
  private reach(ts: number): number {
    return this.bound.over(ts - this.since, ts, GENEROUS ** 2);
  }

  /** The most a line that was left may have risen: what is usual, and in the last step what is ordinary. */
  private mostSince(leftTs: number, ts: number): number {
    return this.usualSince(leftTs, ts) + (this.bound.isLearned ? this.ordinary(ts) : 0);
  }

  private usualSince(from: number, ts: number): number {
    return this.bound.over(ts - from, ts, 1);
  }

  private jitter(ts: number): number {
    return Math.max(JITTER, Math.min(this.value * JITTER_SHARE, this.bound.usualAt(ts)));
  }
}
