import { HOUR_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import type { BucketLine, BucketSegment } from './bucket-segments.js';
import { increments as incrementsOfSegment, ruleAt } from './gaps.js';
import type { Thousandths } from './grid.js';
import { consumption, type Increment, incrementsWithin } from './increment.js';
import type { MeterContext } from './meter.js';
import { HOLD_MS, type RateReading } from './rate.js';

type BucketContext = Pick<MeterContext, 'gapRules' | 'rates' | 'zone'>;

/**
 * A meter's increments over a span as its buckets say: the same as of its raw readings where the register just rose.
 * @param span what is before its first reading, and after its last where that leaves a gap, is a hole
 */
export function incrementsOfBuckets({ segments }: BucketLine, span: Period, context: BucketContext): Increment[] {
  const measured: Increment[] = [];
  const sources = { ...context, measuredHour: (hour: number) => measuredHour(measured, hour) };
  const rule = (ts: number) => ruleAt(context.gapRules, ts);
  for (const segment of segments) {
    const { from, to, amount } = segment;
    if (isGap(segment, context)) continue;
    measured.push({ from, to, amount, mark: 'measured', metered: false });
  }
  const [first, last] = [segments[0], segments.at(-1)];
  const found: Increment[] = [];
  const hole = (from: number, to: number) => {
    if (to > from) found.push(...incrementsOfSegment({ from, to, amount: null }, rule(from), sources));
  };
  hole(span.from, first?.from ?? span.to);
  for (const segment of segments) {
    const { from, to, amount } = segment;
    if (isGap(segment, context)) found.push(...incrementsOfSegment({ from, to, amount }, rule(from), sources));
    else found.push({ from, to, amount, mark: 'measured', metered: false });
  }
  if (last !== undefined && span.to - last.to > rule(last.to).longerThanMs) hole(last.to, span.to);
  return found;
}

/** Whether two readings are so far apart that the rule in force has to say what is done with the time between them. */
export function isGap({ from, to, isInside }: BucketSegment, { gapRules }: Pick<BucketContext, 'gapRules'>): boolean {
  return !isInside && to - from > ruleAt(gapRules, from).longerThanMs;
}

function measuredHour(measured: readonly Increment[], hour: number): Thousandths | null {
  const { measured: amount, measuredMs } = consumption(measured, { from: hour, to: hour + HOUR_MS });
  return measuredMs === HOUR_MS ? amount : null;
}

/** Puts other increments in place of those of a stretch; what reaches across its ends is cut there. */
export function replaced(increments: readonly Increment[], stretch: Period, others: readonly Increment[]): Increment[] {
  const { from, to } = stretch;
  const before = incrementsWithin(increments, { from: Number.NEGATIVE_INFINITY, to: from });
  const after = incrementsWithin(increments, { from: to, to: Number.POSITIVE_INFINITY });
  return [...before, ...incrementsWithin(others, stretch), ...after];
}

/** What an hour of power or flow comes to: its integral in gauge units · ms, and the time covered. */
export interface RateBucket {
  readonly start: number;
  readonly integral: number;
  readonly coveredMs: number;
}

/**
 * The hours as rates that hold for as long as was covered, from the start of the hour on: buckets know how long a rate
 * held in the hour, not when.
 * @param perHour the register's units in an hour at one of the gauge's
 */
export function ratesOfBuckets(buckets: readonly RateBucket[], perHour: number): RateReading[] {
  return buckets.flatMap(({ start, integral, coveredMs }) => {
    const slices = Math.min(HOUR_MS / HOLD_MS, Math.round(coveredMs / HOLD_MS));
    if (slices === 0) return [];
    const rate = (perHour * integral) / (slices * HOLD_MS);
    return Array.from({ length: slices }, (_, i) => ({ ts: start + i * HOLD_MS, perHour: rate }));
  });
}
