import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incrementsOfBuckets } from '../../../../../src/intensity/model/quantity/bucket-increments.js';
import { bucketLine } from '../../../../../src/intensity/model/quantity/bucket-segments.js';
import type { GapMethod } from '../../../../../src/intensity/model/quantity/gaps.js';
import { quantitiesBetween } from '../../../../../src/intensity/model/quantity/increment.js';
import { beginning, incrementsOf, type RegisterReading } from '../../../../../src/intensity/model/quantity/meter.js';
import { amountOf } from '../../../../../src/intensity/model/quantity/quantity.js';
import { CounterIncrements } from '../../../../../src/model/counter/counter.js';
import type { CounterBounds } from '../../../../../src/model/counter/rise-bound.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../../src/model/time/duration.js';
import { bucketsOf } from './buckets.js';
import { ENERGY, MONDAY, meter } from './helpers.js';

const DAYS = Array.from({ length: 40 }, (_, i) => MONDAY + i * DAY_MS);
const HOURS = Array.from({ length: 40 * 24 }, (_, i) => MONDAY + i * HOUR_MS);

/** A register read at odd times, idle at times, with gaps of up to two days. */
const readings = fc
  .array(
    fc.record({
      afterMs: fc.oneof(
        { weight: 12, arbitrary: fc.integer({ min: 1, max: 40 * MINUTE_MS }) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 * DAY_MS }) },
      ),
      // Thousandths per reading: steps within the last digits too, which count only when they are more.
      step: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 100, max: 20_000 })),
    }),
    { minLength: 2, maxLength: 150 },
  )
  .map((steps) => {
    let [ts, thousandths] = [MONDAY, 17_123];
    return steps.map(({ afterMs, step }): RegisterReading => {
      ts += afterMs;
      // No faster than 150 kWh an hour.
      thousandths += Math.min(step, Math.floor((150_000 * afterMs) / HOUR_MS));
      return { ts, value: thousandths / 1000, quality: 'good' };
    });
  });
const method = fc.constantFrom<GapMethod>('none', 'linear', 'same_hours_before');

const fromBuckets = (sent: readonly RegisterReading[], context: ReturnType<typeof meter>, to: number) =>
  incrementsOfBuckets(bucketLine(bucketsOf(sent, context.bounds)), { from: MONDAY, to }, context);

function isDoubted(sent: readonly RegisterReading[], bounds: CounterBounds): boolean {
  const counter = new CounterIncrements(bounds);
  return sent.some(({ ts, value }) => counter.push(ts, value).verdict === 'glitch');
}

describe('increments of buckets', () => {
  it('are those of the raw readings, day by day and hour by hour, where the register just rises', () => {
    fc.assert(
      fc.property(readings, method, fc.boolean(), (sent, how, isLearned) => {
        const gapRules = [{ from: 0, longerThanMs: 3 * HOUR_MS, method: how }];
        const context = meter({ gapRules, ...(isLearned && { bounds: ENERGY }) });
        const raw = incrementsOf(beginning(MONDAY), sent, DAYS.at(-1)!, context);
        const line = bucketLine(bucketsOf(sent, context.bounds));
        // A reading in doubt that the same hour clears leaves no trace in its bucket, and counts as measured later.
        fc.pre(line.doubtful.length === 0 && !isDoubted(sent, context.bounds));
        const made = fromBuckets(sent, context, DAYS.at(-1)!);
        expect(quantitiesBetween(made, DAYS)).toEqual(quantitiesBetween(raw, DAYS));
      }),
    );
  });

  it('add up to what was counted, whatever the register did', () => {
    const wild = fc.tuple(readings, fc.array(fc.nat({ max: 149 }), { maxLength: 6 }), fc.nat({ max: 149 }));
    fc.assert(
      fc.property(wild, ([sent, glitches, resetAt]) => {
        const spoilt = sent.map((one, i): RegisterReading => {
          const value = i >= resetAt ? Math.max(0, one.value - sent[Math.min(resetAt, i)]!.value) : one.value;
          return { ...one, value: glitches.includes(i) ? 9_000_000 : Math.round(value * 1000) / 1000 };
        });
        const buckets = bucketsOf(spoilt, meter().bounds);
        const counted = buckets.reduce((sum, { delta }) => sum + delta, 0);
        const { segments } = bucketLine(buckets);
        const sum = segments.reduce((all, { amount }) => all + amount, 0);
        // Each bucket in doubt is rounded by itself.
        expect(Math.abs(sum - counted * 1000)).toBeLessThanOrEqual(buckets.length / 2 + 1);
        expect(segments.every(({ amount }) => amount >= 0)).toBe(true);
        expect(segments.every(({ from, to }, i) => from <= to && (i === 0 || from >= segments[i - 1]!.to))).toBe(true);
      }),
    );
  });

  it('of an hour are those of the raw readings where no gap begins or ends in it', () => {
    fc.assert(
      fc.property(readings, (sent) => {
        const context = meter();
        const line = bucketLine(bucketsOf(sent, context.bounds));
        fc.pre(line.doubtful.length === 0 && !isDoubted(sent, context.bounds));
        const made = quantitiesBetween(fromBuckets(sent, context, HOURS.at(-1)!), HOURS);
        const raw = quantitiesBetween(incrementsOf(beginning(MONDAY), sent, HOURS.at(-1)!, context), HOURS);
        expect(made.map(amountOf)).toEqual(raw.map(amountOf));
      }),
      { numRuns: 50 },
    );
  });
});
