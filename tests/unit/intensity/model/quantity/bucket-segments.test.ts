import { describe, expect, it } from 'vitest';
import {
  incrementsOfBuckets,
  ratesOfBuckets,
  replaced,
} from '../../../../../src/intensity/model/quantity/bucket-increments.js';
import { bucketLine, stretchesAround } from '../../../../../src/intensity/model/quantity/bucket-segments.js';
import {
  consumption,
  type Increment,
  incrementsWithin,
} from '../../../../../src/intensity/model/quantity/increment.js';
import { HOUR_MS, MINUTE_MS } from '../../../../../src/model/time/duration.js';
import { bucketsOf, cutDays } from './buckets.js';
import { atHours, ENERGY, hours, MONDAY, meter } from './helpers.js';

/** Segments as [from, to, kWh], in hours after Monday's midnight. */
const lineOf = (...readings: readonly (readonly [hour: number, value: number])[]) =>
  bucketLine(bucketsOf(atHours(...readings), meter().bounds));
const short = ({ segments }: ReturnType<typeof bucketLine>) =>
  segments.map(({ from, to, amount }) => [(from - MONDAY) / HOUR_MS, (to - MONDAY) / HOUR_MS, amount / 1000]);

describe('what buckets say', () => {
  it('is divided at the first and the last reading of each', () => {
    const line = lineOf([0.25, 100], [0.75, 104], [1.25, 105], [1.5, 107], [1.75, 110]);
    expect(short(line)).toEqual([
      [0.25, 0.75, 4],
      [0.75, 1.25, 1],
      [1.25, 1.75, 5],
    ]);
    expect(line.doubtful).toEqual([]);
  });

  it.each([
    ['a reset', 100, [0, 2, 4]],
    ['a roll-over', 99_999_990, [99_999_999, 2, 4]],
    ['a wrong reading', 100, [105, 5_000_000, 106]],
  ])('is one segment in the hour of %s', (_, before, second) => {
    const [end] = second.slice(-1) as [number];
    const within = second.map((value, i) => [1.25 + i / 4, value] as const);
    const line = lineOf([0.25, before], [0.75, before + 4], ...within, [2.25, end + 1], [2.75, end + 3]);
    expect(line.doubtful).toEqual([hours(0.75, 1.75)]);
    expect(short(line).map(([from, to]) => [from, to])).toEqual([
      [0.25, 0.75],
      [0.75, 1.75],
      [1.75, 2.25],
      [2.25, 2.75],
    ]);
    expect(
      short(line)
        .slice(2)
        .map(([, , kWh]) => kWh),
    ).toEqual([1, 2]);
  });

  it('goes on behind a wrong reading that an hour ended with', () => {
    const line = lineOf([0.25, 100], [0.75, 101], [1.25, 102], [1.75, 5_000_000], [2.25, 103], [2.75, 104]);
    expect(line.doubtful).toEqual([hours(0.75, 1.75)]);
    expect(short(line)).toEqual([
      [0.25, 0.75, 1],
      [0.75, 1.75, 1],
      [1.75, 2.25, 1],
      [2.25, 2.75, 1],
    ]);
  });

  it('of days is the same', () => {
    const readings = atHours([1, 10], [23, 32], [25, 34], [47, 60]);
    const { segments } = bucketLine(bucketsOf(readings, meter().bounds, cutDays));
    expect(segments.map(({ amount, isInside }) => [amount / 1000, isInside])).toEqual([
      [22, true],
      [2, false],
      [26, true],
    ]);
  });

  it('counts what rose before the first bucket that is loaded, at its first reading', () => {
    const [, second] = bucketsOf(atHours([0.5, 100], [5.25, 107], [5.75, 108]), meter().bounds);
    expect(short(bucketLine([second!]))).toEqual([
      [5.25, 5.25, 7],
      [5.25, 5.75, 1],
    ]);
  });
});

describe('stretches counted anew from readings', () => {
  const anchors = [0, 1, 2, 3, 4].map((hour) => ({
    first: MONDAY + (hour + 0.25) * HOUR_MS,
    last: MONDAY + (hour + 0.75) * HOUR_MS,
  }));
  const within = hours(-24, 48);
  it.each([
    [[hours(1.5, 1.5)], [hours(0.75, 2.25)]],
    [[hours(1.5, 1.6), hours(2.3, 2.4)], [hours(0.75, 3.25)]],
    [
      [hours(3.3, 3.4), hours(0.3, 0.4)],
      [hours(-24, 1.25), hours(2.75, 4.25)],
    ],
    [[hours(4.5, 9)], [hours(3.75, 48)]],
    [[hours(100, 101)], []],
  ])('%j reach to readings that count', (periods, expected) => {
    expect(stretchesAround(periods, anchors, within)).toEqual(expected);
  });

  it('take the place of what was there, and lose nothing at their ends', () => {
    const one = (from: number, to: number, amount: number): Increment => {
      return { ...hours(from, to), amount, mark: 'measured', metered: false };
    };
    const made = replaced([one(0, 3, 30), one(3, 3, 7)], hours(1, 2), [one(0.5, 1.5, 4), one(1.5, 2, 1)]);
    expect(made).toEqual([one(0, 1, 10), one(1, 1.5, 2), one(1.5, 2, 1), one(2, 3, 10), one(3, 3, 7)]);
  });

  it('are cut without a rest', () => {
    const whole: Increment = { ...hours(0, 3), amount: 10, mark: 'measured', metered: false };
    const cuts = [hours(0, 1), hours(1, 2), hours(2, 3)].flatMap((span) => incrementsWithin([whole], span));
    expect(cuts.map(({ amount }) => amount)).toEqual([3, 4, 3]);
  });
});

describe('increments of buckets', () => {
  it('mark a gap by the rule, a hole by the power beside it, and a short wait at the end as neither', () => {
    const line = lineOf([0.25, 100], [0.75, 101], [6.25, 112]);
    const rates = ({ from, to }: { from: number; to: number }) =>
      Array.from({ length: 96 }, (_, i) => ({ ts: MONDAY + i * 15 * MINUTE_MS, perHour: 4 })).filter(
        ({ ts }) => ts >= from && ts < to,
      );
    const context = meter({ gapRules: [{ from: 0, longerThanMs: 2 * HOUR_MS, method: 'linear' }] });
    const filled = incrementsOfBuckets(line, hours(0.25, 7), context);
    expect(consumption(filled, hours(0, 7))).toMatchObject({ measured: 1_000, filled: 11_000, metered: 11_000 });
    const estimated = incrementsOfBuckets(line, hours(-2, 12), { ...context, rates });
    expect(consumption(estimated, hours(0, 7))).toMatchObject({
      measured: 1_000,
      estimated: 12_000 + 3_000,
      filled: 0,
    });
    expect(consumption(estimated, hours(7, 12)).estimated).toBe(20_000);
  });

  it('say what a register that learns its rate counts as well', () => {
    const readings = atHours([0, 1], [0.5, 2], [1, 3], [1.5, 4]);
    const line = bucketLine(bucketsOf(readings, ENERGY));
    expect(consumption(incrementsOfBuckets(line, hours(0, 2), meter()), hours(0, 2)).measured).toBe(3_000);
  });

  it('turn hours of power into what they come to, whatever was covered of them', () => {
    const hour = (minutes: number) => ({
      start: MONDAY,
      integral: 8 * minutes * MINUTE_MS,
      coveredMs: minutes * MINUTE_MS,
    });
    for (const minutes of [15, 20, 53, 60]) {
      const rates = ratesOfBuckets([hour(minutes)], 2);
      expect(rates.reduce((sum, { perHour }) => sum + perHour / 4, 0)).toBeCloseTo((16 * minutes) / 60, 9);
    }
    expect(ratesOfBuckets([{ start: MONDAY, integral: 0, coveredMs: 0 }], 1)).toEqual([]);
  });
});
