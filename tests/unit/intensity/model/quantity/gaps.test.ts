import { describe, expect, it } from 'vitest';
import {
  type GapMethod,
  type GapRule,
  gapRuleErrors,
  ruleAt,
} from '../../../../../src/intensity/model/quantity/gaps.js';
import { consumption } from '../../../../../src/intensity/model/quantity/increment.js';
import { beginning, incrementsOf, type MeterContext } from '../../../../../src/intensity/model/quantity/meter.js';
import { amountOf } from '../../../../../src/intensity/model/quantity/quantity.js';
import type { RateReading } from '../../../../../src/intensity/model/quantity/rate.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../../src/model/time/duration.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { atHours, hours, MONDAY, meter, QUARTER } from './helpers.js';

const rule = (method: GapMethod, from = 0): GapRule => ({ from, longerThanMs: HOUR_MS, method });

/** Rates every quarter of an hour of the period. */
const steady = (perHour: number, fromHour: number, toHour: number): RateReading[] =>
  Array.from({ length: (toHour - fromHour) * 4 }, (_, i) => ({ ts: hours(fromHour, 0).from + i * QUARTER, perHour }));

const rates =
  (all: readonly RateReading[]): MeterContext['rates'] =>
  ({ from, to }) =>
    all.filter(({ ts }) => ts >= from && ts < to);

/** measured, estimated, filled, metered in thousandths, then known hours, of hours of Monday. */
function parts(readings: ReturnType<typeof atHours>, context: Partial<MeterContext>, from: number, to: number) {
  const increments = incrementsOf(beginning(MONDAY), readings, hours(0, 24).to, meter(context));
  const { measured, estimated, filled, metered, knownMs } = consumption(increments, hours(from, to));
  return [measured, estimated, filled, metered, knownMs / HOUR_MS];
}

describe('a gap between two readings of the register', () => {
  const readings = atHours([0, 100], [1, 110], [5, 150], [6, 160]);

  it('that is not filled belongs to the reading that ends it', () => {
    const context = { gapRules: [rule('none')] };
    expect(parts(readings, context, 0, 6)).toEqual([60_000, 0, 0, 0, 2]);
    expect(parts(readings, context, 1, 4)).toEqual([0, 0, 0, 0, 0]);
    expect(parts(readings, context, 4, 5)).toEqual([40_000, 0, 0, 0, 0]);
    expect(parts(readings, context, 5, 6)).toEqual([10_000, 0, 0, 0, 1]);
  });

  it('is filled evenly, and says that the readings vouch for the sum', () => {
    const context = { gapRules: [rule('linear')] };
    expect(parts(readings, context, 0, 6)).toEqual([20_000, 0, 40_000, 40_000, 6]);
    expect(parts(readings, context, 1, 2)).toEqual([0, 0, 10_000, 10_000, 1]);
  });

  it('takes its shape from power, whatever is declared', () => {
    const power = [...steady(6, 1, 3), ...steady(2, 3, 5)];
    const context = { gapRules: [rule('linear')], rates: rates(power) };
    expect(parts(readings, context, 1, 3)).toEqual([0, 30_000, 0, 30_000, 2]);
    expect(parts(readings, context, 3, 5)).toEqual([0, 10_000, 0, 10_000, 2]);
    // Power of half of it tells no shape.
    expect(parts(readings, { ...context, rates: rates(steady(6, 1, 3)) }, 1, 3)).toEqual([0, 0, 20_000, 20_000, 2]);
    expect(parts(readings, { ...context, rates: rates(steady(0, 1, 5)) }, 1, 3)).toEqual([0, 0, 20_000, 20_000, 2]);
  });

  it('takes its shape from the same hours of a week before, or else of two', () => {
    const hourBefore = (known: (hoursBack: number) => boolean) => (hour: number) => {
      const back = MONDAY - hour;
      return known(back / HOUR_MS) ? (hour % (2 * HOUR_MS) === 0 ? 3_000 : 1_000) : null;
    };
    const week = 7 * 24;
    const filled = { gapRules: [rule('same_hours_before')] };
    const one = { ...filled, measuredHour: hourBefore((back) => back <= week) };
    expect(parts(readings, one, 1, 2)).toEqual([0, 0, 5_000, 5_000, 1]);
    expect(parts(readings, one, 2, 3)).toEqual([0, 0, 15_000, 15_000, 1]);
    const two = { ...filled, measuredHour: hourBefore((back) => back > week && back <= 2 * week) };
    expect(parts(readings, two, 1, 2)).toEqual([0, 0, 5_000, 5_000, 1]);
    expect(parts(readings, filled, 1, 2)).toEqual([0, 0, 10_000, 10_000, 1]);
  });
});

describe('where the register is missing', () => {
  it('power is integrated, holds for a quarter of an hour at most, and is never below 0', () => {
    const power = [
      { ts: MONDAY, perHour: 12 },
      { ts: MONDAY + 5 * MINUTE_MS, perHour: -50 },
      { ts: MONDAY + 10 * MINUTE_MS, perHour: 6 },
    ];
    // 12 kW for 5 min, 0 for 5 min, 6 kW for 15 min.
    expect(parts([], { rates: rates(power) }, 0, 24)).toEqual([0, 2_500, 0, 0, 25 / 60]);
    expect(parts([], { rates: rates(power) }, 0, 0.25)).toEqual([0, 1_500, 0, 0, 0.25]);
  });

  it('HJ 212-2017 appendix D: 17.5 L/s is 63.0 m³ in an hour and 1,512 m³ in a day', () => {
    const flow = rates(steady(17.5 * 3.6, 0, 24));
    expect(parts([], { rates: flow }, 0, 1)).toEqual([0, 63_000, 0, 0, 1]);
    expect(parts([], { rates: flow }, 0, 24)).toEqual([0, 1_512_000, 0, 0, 24]);
    expect(parts([], { rates: flow }, 0, 1 / 6)[1]).toBe(10_500);
  });

  it('before its first reading, after its last one and at an exchange, the rest is filled from hours before', () => {
    const context = {
      gapRules: [rule('same_hours_before')],
      rates: rates([...steady(8, 0, 1), ...steady(8, 22, 23)]),
      measuredHour: (hour: number) => (hour < MONDAY ? 4_000 : null),
    };
    const readings = atHours([2, 100], [3, 105], [4, 9], [5, 12]);
    expect(parts(readings, context, 0, 1)).toEqual([0, 8_000, 0, 0, 1]);
    expect(parts(readings, context, 1, 2)).toEqual([0, 0, 4_000, 0, 1]);
    expect(parts(readings, context, 2, 3)).toEqual([5_000, 0, 0, 0, 1]);
    expect(parts(readings, context, 22, 24)).toEqual([0, 8_000, 4_000, 0, 2]);
    const swapped = atHours([0, 500], [1, 510], [2, 400], [3, 405]);
    expect(parts(swapped, context, 1, 2)).toEqual([0, 0, 4_000, 0, 1]);
  });

  it('nothing is made up unless it was declared', () => {
    const measuredHour = () => 4_000;
    expect(parts(atHours([2, 100], [3, 105]), { measuredHour }, 0, 24)).toEqual([5_000, 0, 0, 0, 1]);
  });

  it('a week is filled from the one before as it was measured, not from what was filled', () => {
    const readings = [
      ...Array.from({ length: 7 * 24 + 1 }, (_, hour) => [hour, hour * 4] as const),
      [7 * 24 + 24, 2_000] as const,
    ];
    const context = meter({ gapRules: [rule('same_hours_before')] });
    const until = MONDAY + 30 * DAY_MS;
    const increments = incrementsOf(beginning(MONDAY), atHours(...readings), until, context);
    const of = (day: number) => consumption(increments, hours(day * 24, (day + 1) * 24));
    expect(of(7)).toMatchObject({ filled: 2_000_000 - 672_000, metered: 2_000_000 - 672_000 });
    expect([8, 13, 15, 29].map((day) => amountOf(of(day)))).toEqual([96_000, 96_000, 96_000, 96_000]);
    // Two Mondays before this one have been measured or not at all: the first week alone was.
    expect(amountOf(of(14))).toBe(96_000);
  });
});

describe('the same hours before', () => {
  it('are those that clocks showed, where clocks were changed in between', () => {
    const zone = new TimeZone('Europe/Berlin');
    // Clocks go on by an hour on 29 March; the shift begins at 06:00 on the 23rd and on the 30th.
    const [shift, weekLater] = [23, 30].map((day) => zone.toInstant(Date.UTC(2026, 2, day, 6))) as [number, number];
    const context = meter({
      zone,
      gapRules: [rule('same_hours_before')],
      measuredHour: (hour) => (hour === shift ? 9_000 : hour < shift + DAY_MS ? 1_000 : null),
    });
    const increments = incrementsOf(beginning(weekLater), [], weekLater + 2 * HOUR_MS, context);
    const [first, second] = [0, 1].map((n) =>
      amountOf(consumption(increments, { from: weekLater + n * HOUR_MS, to: weekLater + (n + 1) * HOUR_MS })),
    );
    expect([first, second]).toEqual([9_000, 1_000]);
  });
});

describe('what is declared of gaps', () => {
  it('holds from its time on', () => {
    const rules = [rule('linear', 500), rule('none', 100), rule('same_hours_before', 900)];
    expect([50, 100, 499, 500, 899, 900].map((ts) => ruleAt(rules, ts).method)).toEqual([
      'none',
      'none',
      'none',
      'linear',
      'linear',
      'same_hours_before',
    ]);
    expect(ruleAt([], 0)).toMatchObject({ method: 'none', longerThanMs: 2 * HOUR_MS });
  });

  it('is refused where it says nothing', () => {
    expect(gapRuleErrors({ longerThanMs: 1, method: 'linear' })).toEqual([]);
    expect(gapRuleErrors({ longerThanMs: 0, method: 'mean' }).map(({ field }) => field)).toEqual([
      'longerThanMs',
      'method',
    ]);
  });
});
