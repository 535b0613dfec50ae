import { MINUTE_MS } from '../time/duration.js';
import { type CounterBounds, JITTER, RiseBound } from './rise-bound.js';
import { type CounterState, type Doubt, LeftLines, type Point, stateOf } from './state.js';
import { type CounterStep, type CounterVerdict, counterStep } from './step.js';
import { CONFIRMS, GENEROUS, LIKELY, rateOf, STAYS } from './usual.js';

/** A register read at this interval or a shorter one is read often. */
const OFTEN_MS = 30 * MINUTE_MS;
/** Most lines in doubt at the same time. */
const MAX_DOUBTS = 3;

/**
 * Turns the successive good readings of one counter into increments. An increment belongs to the reading that ends it,
 * and is never taken back: a doubtful rise counts nothing until later readings decide.
 *
 * The register is a line of readings that rise by no more than an ordinary rate:
 * - with the device's own bound: up to that bound, since the value was first read;
 * - without: up to eight times the highest rate learned from the rises that counted (`Usual`), and with fewer than four
 *   of them at least up to the metric's `usualRatePerHour`; never above its `maxRatePerHour`. A rise of twice that rate
 *   over more than half an hour counts once two readings have stayed there.
 *
 * A fall within an hour's usual rise and a twentieth of the value is jitter; readings count again above the value
 * before the fall. Rises within the jitter of the last digits wait until their sum exceeds it: an idle register counts
 * nothing, and the total lags by 0.02 at most.
 *
 * Every other reading begins a line in doubt, which counts nothing; `CounterVerdict` says what decides.
 *
 * A line that the register left is remembered for a week. When it comes back, what counted meanwhile is subtracted from
 * its rise; its next rises make up for a remainder. After an unusual rise the line below is on trial for four
 * intervals: a fall refutes the rise, and until then no rate learned from it allows more. Thus what a spell of three
 * glitches or fewer adds is paid back; a longer line, or one that rises like the register, becomes its new line.
 */
export class CounterIncrements {
  private readonly bound: RiseBound;
  private readonly modulus: number;
  private latestTs = Number.NEGATIVE_INFINITY;
  /** The line: its highest value, when that was first read, the time of its newest reading. NaN before the first. */
  private value = Number.NaN;
  private since = Number.NaN;
  private lastTs = Number.NaN;
  /** The value up to which the line has counted; above `value` when more counted than the line rose. */
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

  /** State from which another instance can continue. */
  get state(): CounterState {
    const { value, lastTs, since, mark, alone, latestTs, doubts, bound, left } = this;
    const line = { value, lastTs, since, mark, alone, latestTs, doubts };
    return stateOf({ ...line, usual: bound.usual, left: left.all });
  }

  /** @param ts epoch milliseconds, rising from call to call */
  push(ts: number, value: number): CounterStep {
    if (!(ts > this.latestTs)) return counterStep('stale');
    this.latestTs = ts;
    if (!(value >= 0 && value <= this.modulus)) return counterStep('glitch');
    if (Number.isNaN(this.value)) {
      this.moveTo(ts, value, value);
      this.alone = true;
      return counterStep('first');
    }
    if (!this.left.isEmpty) this.left.forget(ts);
    const rise = value - this.value;
    const rises = rise >= 0 && !this.hasBetter && rise <= this.ordinary(ts);
    if (rises && !this.isUnlikely(rise, ts)) return this.riseOrRecovery(ts, value);
    if (rise < 0) {
      this.endTrial(value);
      if (Math.max(this.mark, this.value) - value <= this.bound.jitter(this.value, ts)) {
        this.moveTo(ts, value, this.mark, this.since);
        return counterStep('jitter');
      }
    }
    const above = rise > 0 ? this.value : undefined;
    return this.recovery({ ts, value }, above) ?? this.decide({ ts, value }) ?? this.doubt({ ts, value });
  }

  private riseOrRecovery(ts: number, value: number): CounterStep {
    const rate = rateOf(value - this.value, ts - this.lastTs);
    const known = this.bound.usualAt(ts);
    if (rate > LIKELY * known) {
      const back = this.recovery({ ts, value }, this.value);
      if (back !== null) return back;
    }
    const gain = value - this.mark;
    const increment = gain > JITTER ? gain : 0;
    const mark = increment > 0 ? value : this.mark;
    this.left.count(increment);
    if (rate > known && this.bound.isLearned) {
      const until = ts + STAYS * (ts - this.lastTs);
      this.left.add({ ts: this.lastTs, value: this.value }, Math.max(0, mark - this.value), this.bound.known, until);
    }
    const verdict = this.doubts.length > 0 ? 'recovered' : 'rise';
    const since = value > this.value ? ts : this.since;
    if (gain > 0) this.bound.learn(rate, ts, this.isUnproven);
    this.moveTo(ts, value, mark, since);
    return counterStep(verdict, increment);
  }

  /** A fall to the line below refutes the rise on trial: restores the usual rate from before it. */
  private endTrial(value: number): void {
    const trial = this.left.onTrial;
    if (trial !== null && value >= trial.point.value - JITTER) this.bound.usual = trial.usual ?? null;
  }

  /** Returns to a line that was left, above `above`. */
  private recovery(point: Point, above = Number.NEGATIVE_INFINITY): CounterStep | null {
    const little = this.usualSince(this.lastTs, point.ts);
    const found = this.left.find(point, above, little, (from) => this.mostSince(from.ts, point.ts));
    if (found === null) return null;
    const { line, rise } = found;
    const { point: from, counted, usual = null } = line;
    const increment = Math.max(0, rise - counted);
    this.left.remove(line);
    // The current line was never the register's where the point lies above it, or the rise to it was on trial.
    if (point.value < this.value && line.until === undefined) this.leave(increment);
    else this.left.count(increment);
    this.bound.usual = usual;
    const isUnusual = this.bound.isLearned && rise > this.usualSince(from.ts, point.ts);
    const until = line.until ?? (isUnusual ? point.ts + STAYS * (point.ts - from.ts) : undefined);
    if (until !== undefined) this.left.add(from, counted + increment, usual, until);
    this.moveTo(point.ts, point.value, point.value + Math.max(0, counted - rise));
    return counterStep('recovered', increment);
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
      return counterStep('glitch');
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
    const first = doubt.first ?? doubt;
    const asBefore = GENEROUS * rateOf(first.value - this.value, first.ts - this.lastTs);
    const most = Math.min(this.bound.most, Math.max(this.bound.rate(ts, GENEROUS), asBefore));
    return rise <= this.bound.at(most, ts - doubt.ts);
  }

  private afterFall(before: Doubt, { first, rises, ...point }: Required<Doubt>): CounterStep | null {
    const usual = point.value - before.value <= this.usualSince(before.ts, point.ts);
    if (rises === 0 || (rises === 1 && (!usual || this.doubts.length > 1) && this.bound.isLearned)) return null;
    const across = first.value + this.modulus - this.value;
    if (this.isAcross(first.value) && across <= this.bound.over(first.ts - this.since, first.ts, LIKELY))
      return this.roll(point);
    const fromZero =
      !this.isUnproven && first.value <= this.value / 2 && first.value <= this.usualSince(this.lastTs, first.ts);
    return this.switchTo(point, fromZero ? 'reset' : 'swap', point.value - (fromZero ? 0 : first.value));
  }

  private afterRise({ first, rises, stays, ...point }: Required<Doubt>): CounterStep | null {
    const jump = first.value - this.value;
    const onward = point.value - first.value;
    const [jumpRate, onwardRate] = [rateOf(jump, first.ts - this.lastTs), rateOf(onward, point.ts - first.ts)];
    const asFast = jumpRate <= this.bound.most && onwardRate * (this.alone ? 2 : GENEROUS) >= jumpRate;
    const oneIsEnough = this.alone || !this.bound.isLearned;
    const isOrdinary = [first, point].every(
      ({ ts, value }) => value - this.value <= this.bound.over(ts - this.lastTs, ts, GENEROUS),
    );
    if (!(oneIsEnough ? rises > 0 : stays >= (isOrdinary ? CONFIRMS : STAYS))) return null;
    const counts = this.bound.isLearned && (asFast || (!this.alone && jump <= this.reach(first.ts)));
    if (!counts) return this.switchTo(point, 'swap', onward);
    const increment = Math.max(0, point.value - this.mark);
    const mark = Math.max(point.value, this.mark);
    this.leave(increment);
    const known = this.bound.usualAt(point.ts);
    this.bound.learn(Math.min(jumpRate, asFast ? onwardRate : known * GENEROUS), point.ts);
    this.moveTo(point.ts, point.value, mark);
    return counterStep('rise', increment);
  }

  /** A fall from the register's upper half to its lower half that fits a usual rise across the modulus. */
  private rollOver(point: Point): CounterStep | null {
    if (!this.isAcross(point.value)) return null;
    const across = point.value + this.modulus - this.value;
    if (this.bound.isLearned && rateOf(across, point.ts - this.lastTs) > LIKELY * this.bound.guessAt(point.ts))
      return null;
    return across <= this.usualSince(this.from, point.ts) ? this.roll(point) : null;
  }

  /** The line consists of a first reading alone. */
  private get isUnproven(): boolean {
    return this.alone && this.bound.isLearned;
  }

  /** A line in doubt lies above a first reading: the next reading decides between them, not the elapsed time. */
  private get hasBetter(): boolean {
    return this.isUnproven && this.doubts.some(({ value }) => value > this.value);
  }

  private isAcross(value: number): boolean {
    return !this.isUnproven && this.value >= this.modulus / 2 && value < this.modulus / 2;
  }

  private roll(point: Point): CounterStep {
    const increment = Math.max(0, point.value + this.modulus - this.mark);
    const mark = Math.max(point.value, this.mark - this.modulus);
    this.leave(increment);
    this.moveTo(point.ts, point.value, mark);
    return counterStep('rollover', increment);
  }

  /** Continues on another line; also counts what the old line had not counted yet. */
  private switchTo(point: Point, verdict: CounterVerdict, counted: number): CounterStep {
    const gain = this.value - this.mark + counted;
    const increment = Math.max(0, gain);
    this.leave(increment);
    this.moveTo(point.ts, point.value, point.value + Math.max(0, -gain));
    return counterStep(verdict, increment);
  }

  private leave(increment: number): void {
    this.left.count(increment);
    const counted = Math.max(0, this.mark + increment - this.value);
    // A first reading without a successor is remembered only as long as a glitch.
    const until = this.isUnproven ? this.lastTs + 2 * (this.latestTs - this.lastTs) : undefined;
    this.left.add({ ts: this.lastTs, value: this.value }, counted, this.bound.known, until);
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
    return counterStep('glitch');
  }

  /** The most that the line may rise until `ts` without doubt; during a trial, at most 64 times the rate before it. */
  private ordinary(ts: number): number {
    // A rise back from jitter repeats values that the register has shown before.
    const wavered = Math.max(0, Math.min(this.mark - this.value, this.bound.jitter(this.value, ts)));
    const most = wavered + this.bound.over(ts - this.from, ts, GENEROUS);
    const trial = this.left.onTrial;
    if (trial === null || trial.point.value > this.value) return most;
    return Math.min(most, this.bound.at(this.bound.rate(ts, GENEROUS ** 2, trial.usual), ts - this.from));
  }

  /** A rise that may be a glitch: it counts once two readings stayed. A register read often pays it back within hours. */
  private isUnlikely(rise: number, ts: number): boolean {
    const [known, span] = [this.bound.usualAt(ts), ts - this.lastTs];
    return this.bound.isLearned && known > 0 && span > OFTEN_MS && rise > this.bound.at(LIKELY * known, span);
  }

  /** A learned rate applies from reading to reading. */
  private get from(): number {
    return this.bound.isLearned ? this.lastTs : this.since;
  }

  /** How far a jump at `ts` may reach and still count, once later readings stay there. */
  private reach(ts: number): number {
    return Math.max(this.bound.over(ts - this.lastTs, ts, GENEROUS ** 2), this.usualSince(this.since, ts));
  }

  /** Most that a left line may have risen: the usual rise, plus the ordinary one of the last step. */
  private mostSince(leftTs: number, ts: number): number {
    return this.usualSince(leftTs, ts) + (this.bound.isLearned ? this.ordinary(ts) : 0);
  }

  private usualSince(from: number, ts: number): number {
    return this.bound.over(ts - from, ts, 1);
  }
}
