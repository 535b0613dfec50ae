import type { CounterBounds } from '../../../model/counter/rise-bound.js';
import type { Quality } from '../../../model/reading.js';
import { HOUR_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import { isVoided, type MeterSwap, type Void } from './corrections.js';
import { type GapRule, type GapSources, increments, ruleAt } from './gaps.js';
import type { Thousandths } from './grid.js';
import { consumption, type Increment } from './increment.js';
import { type Finding, type RegisterCarry, RegisterFold, type Segment } from './register.js';

/** A register's reading in its unit, event time in epoch ms. */
export interface RegisterReading {
  readonly ts: number;
  readonly value: number;
  readonly quality: Quality;
}

/** What is known of one meter beside its readings. */
export interface MeterContext extends GapSources {
  /** The counter's bounds: the device's own where it has any (`withMaxRate`), else the metric's. */
  readonly bounds: CounterBounds;
  /** In any order. */
  readonly gapRules: readonly GapRule[];
  readonly swaps: readonly MeterSwap[];
  readonly voids: readonly Void[];
}

/** Where an evaluation stood before the first reading of `at` (epoch ms) or later: another goes on from here. */
export interface Checkpoint extends RegisterCarry {
  readonly at: number;
}

/**
 * Before a meter's first reading; a meter without a register may be counted from any whole hour on.
 * @param at when the meter began to count, epoch ms
 */
export const beginning = (at: number): Checkpoint => ({ at, counter: null, readAt: null });

/** The increments of one meter from a checkpoint on, reading by reading. */
export class MeterEvaluation {
  readonly increments: Increment[] = [];
  readonly findings: Finding[] = [];
  private readonly fold: RegisterFold;
  private readonly swaps: readonly MeterSwap[];
  private readonly sources: GapSources;
  private nextSwap = 0;
  private hasBegun: boolean;

  constructor(
    private readonly start: Checkpoint,
    private readonly context: MeterContext,
  ) {
    this.swaps = context.swaps.filter(({ ts }) => ts >= start.at).sort((a, b) => a.ts - b.ts);
    this.sources = { ...context, measuredHour: (hour) => this.measuredHour(hour) };
    this.hasBegun = start.readAt !== null;
    const emit = (segment: Segment) => this.resolve(segment);
    this.fold = new RegisterFold(context.bounds, start, emit, (finding) => this.findings.push(finding));
  }

  /** Where the increment begins that `ts` lies in: at the newest reading that counts, none of them later than `ts`. */
  readBefore(ts: number): number {
    this.swapUpTo(ts - 1);
    return this.fold.readAt ?? this.start.at;
  }

  /**
   * Adds a reading; one that is not good or is voided counts for nothing.
   * @param reading later in event time than every one before
   */
  push({ ts, value, quality }: RegisterReading): void {
    this.swapUpTo(ts);
    if (quality !== 'good' || isVoided(ts, this.context.voids)) return;
    this.fold.push(ts, value);
    this.begin();
  }

  /**
   * Where the evaluation stands.
   * @param at epoch ms, later than every reading so far and not later than any to come
   */
  checkpoint(at: number): Checkpoint {
    this.swapUpTo(at - 1);
    return { at, ...this.fold.carry };
  }

  /** Ends at `until`, epoch ms: what came after the last reading is a gap where it is long enough to be one. */
  finish(until: number): void {
    this.swapUpTo(until);
    const { readAt } = this.fold;
    const from = readAt ?? this.start.at;
    const isGap = readAt === null || until - from > ruleAt(this.context.gapRules, from).longerThanMs;
    if (isGap && until > from) this.resolve({ from, to: until, amount: null });
  }

  private swapUpTo(ts: number): void {
    for (let swap = this.swaps[this.nextSwap]; swap !== undefined && swap.ts <= ts; ) {
      this.fold.swap(swap);
      this.begin();
      this.nextSwap += 1;
      swap = this.swaps[this.nextSwap];
    }
  }

  /** Before the register was first read nobody says what it counted. */
  private begin(): void {
    const { readAt } = this.fold;
    if (this.hasBegun || readAt === null) return;
    this.hasBegun = true;
    if (readAt > this.start.at) this.resolve({ from: this.start.at, to: readAt, amount: null });
  }

  private resolve(segment: Segment): void {
    this.increments.push(...increments(segment, ruleAt(this.context.gapRules, segment.from), this.sources));
  }

  private measuredHour(hour: number): Thousandths | null {
    if (hour < (this.start.readAt ?? this.start.at)) return this.context.measuredHour(hour);
    const { measured, measuredMs, estimated, filled } = consumption(this.increments, hourAt(hour));
    return measuredMs === HOUR_MS && estimated === 0 && filled === 0 ? measured : null;
  }
}

const hourAt = (hour: number): Period => ({ from: hour, to: hour + HOUR_MS });

/**
 * A meter's increments over the time from `start` to `until`, in one go.
 * @param readings of `start.at <= ts <= until`, rising in time
 */
export function incrementsOf(
  start: Checkpoint,
  readings: Iterable<RegisterReading>,
  until: number,
  context: MeterContext,
): readonly Increment[] {
  const evaluation = new MeterEvaluation(start, context);
  for (const reading of readings) evaluation.push(reading);
  evaluation.finish(until);
  return evaluation.increments;
}
