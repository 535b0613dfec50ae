import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CounterIncrements } from '../../../../src/model/counter/counter.js';

const STEP = 600_000;
const METER = { maxRatePerHour: 6_000, rollover: 10_000_000 };
const MAX_STEP = 1_000;

function total(values: readonly number[]): number {
  const counter = new CounterIncrements(METER);
  return values.reduce((sum, value, i) => sum + counter.push(i * STEP, value).increment, 0);
}

/** A series that rises within the rate, in whole numbers, so that sums are exact. */
const rising = fc
  .record({
    start: fc.integer({ min: 0, max: 5_000_000 }),
    steps: fc.array(fc.integer({ min: 0, max: MAX_STEP }), { minLength: 3, maxLength: 100 }),
  })
  .map(({ start, steps }) => {
    const series = [start];
    for (const step of steps) series.push(series.at(-1)! + step);
    return series;
  });

describe('increments of a counter, for any series', () => {
  it('sum to last minus first where the series rises within the rate', () => {
    fc.assert(fc.property(rising, (series) => total(series) === series.at(-1)! - series[0]!));
  });

  it('are never negative, whatever is read', () => {
    const reading = fc.oneof(fc.double(), fc.integer({ min: 0, max: 10_000_000 }));
    fc.assert(
      fc.property(fc.array(reading), (series) => {
        const counter = new CounterIncrements(METER);
        return series.every((value, i) => counter.push(i * STEP, value).increment >= 0);
      }),
    );
  });

  it('keep their total when any one reading inside the series is replaced by a lower one', () => {
    fc.assert(
      fc.property(rising, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (series, where, share) => {
        const at = 1 + (where % (series.length - 2));
        const low = Math.floor(series[at - 1]! * share * 0.999);
        expect(total(series.with(at, low))).toBe(series.at(-1)! - series[0]!);
      }),
    );
  });

  it('keep their total when the register rolls over anywhere', () => {
    fc.assert(
      fc.property(rising, (series) => {
        const shift = METER.rollover - series[Math.floor(series.length / 2)]!;
        const rolled = series.map((value) => (value + shift) % METER.rollover);
        expect(total(rolled)).toBe(series.at(-1)! - series[0]!);
      }),
    );
  });

  it('lose at most the interval of a restart from zero', () => {
    fc.assert(
      fc.property(rising, rising, (before, after) => {
        const start = 5_000_000;
        const old = before.map((v) => v - before[0]! + start);
        const young = after.map((v, i) => v - after[0]! + Math.min(i, 1));
        const exact = old.at(-1)! - start + young.at(-1)!;
        expect(total([...old, ...young])).toBe(exact);
      }),
    );
  });
});
