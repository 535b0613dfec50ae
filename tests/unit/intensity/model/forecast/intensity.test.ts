import { describe, expect, it } from 'vitest';
import { ChineseWorkCalendar } from '../../../../../src/intensity/calendar.js';
import {
  normalShareBelow,
  studentT,
  weightedQuantile,
} from '../../../../../src/intensity/model/forecast/distribution.js';
import { chanceAtMost, forecastIntensity } from '../../../../../src/intensity/model/forecast/intensity.js';
import { figuresUntil, type Part, partOf, simulateTruth } from './simulated-truth.js';

const calendar = new ChineseWorkCalendar();
const truth = simulateTruth(11, 2020, 2026, calendar);
const inputOf = (of: Part, month: number, from = 2020) => ({
  ...{ year: 2026, calendar, figures: figuresUntil(truth, of, from, 2026, month) },
});

function intensityOf(input: Parameters<typeof forecastIntensity>[0]) {
  const { forecast } = forecastIntensity(input);
  if (forecast === null) throw new Error('no forecast');
  return forecast;
}

describe('the forecast of an intensity', () => {
  it('is the quantity over the added value, with an interval that knows that errors of both cancel', () => {
    const forecast = intensityOf({ quantity: inputOf('quantity', 7), addedValue: inputOf('addedValue', 7) });
    const { value, low, high, quantity, addedValue } = forecast;
    expect(value).toBe(quantity.value / addedValue.value);
    expect(forecast.usesRatio).toBe(true);
    const widthOf = (one: { low: number; high: number }) => Math.log(one.high / one.low);
    expect(widthOf({ low, high })).toBeLessThan(Math.hypot(widthOf(quantity), widthOf(addedValue)));
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });

  it('takes statistics that end before the meters do', () => {
    const partial = partOf(truth, 'quantity', 2026, 11, 26);
    const quantity = { ...inputOf('quantity', 11), partial };
    const behind = intensityOf({ quantity, addedValue: inputOf('addedValue', 9) });
    const abreast = intensityOf({ quantity, addedValue: inputOf('addedValue', 11) });
    const total = (of: Part) =>
      Array.from({ length: 12 }, (_, i) => truth.sum(of, 2026, i + 1)).reduce((a, b) => a + b);
    expect(behind.high / behind.low).toBeGreaterThan(abreast.high / abreast.low);
    for (const { low, high } of [behind, abreast]) {
      expect(low).toBeLessThan(total('quantity') / total('addedValue'));
      expect(high).toBeGreaterThan(total('quantity') / total('addedValue'));
    }
  });

  it('counts errors as unrelated where the parts have few months in common', () => {
    const months = inputOf('quantity', 7).figures;
    const odd = { ...inputOf('quantity', 7), figures: months.filter(({ year }) => year !== 2024 && year !== 2025) };
    const even = { ...inputOf('addedValue', 7), figures: figuresUntil(truth, 'addedValue', 2024, 2026, 7) };
    const apart = intensityOf({ quantity: odd, addedValue: even });
    expect(apart.usesRatio).toBe(false);
    const spread = (one: typeof apart.quantity) => (one.expected / one.value) * one.expectedHalf;
    expect(Math.log(apart.high / apart.value)).toBeCloseTo(
      Math.hypot(spread(apart.quantity), spread(apart.addedValue)),
      12,
    );
  });

  it('is exact once both years are known, but for the error of what is known', () => {
    const parts = { quantity: inputOf('quantity', 13, 2026), addedValue: inputOf('addedValue', 13, 2026) };
    const known = intensityOf(parts);
    expect([known.low, known.high]).toEqual([known.value, known.value]);
    const preliminary = intensityOf({ ...parts, addedValue: { ...parts.addedValue, knownError: 0.03 } });
    expect(Math.log(preliminary.high / preliminary.value)).toBeCloseTo(1.28155 * 0.03, 5);
  });

  it('is 0 without error where a whole year used nothing', () => {
    const nothing = figuresUntil(truth, 'quantity', 2026, 2027, 1).map((one) => ({ ...one, value: 0 }));
    const { value, low, high } = intensityOf({
      ...{ quantity: { ...inputOf('quantity', 13), figures: nothing }, addedValue: inputOf('addedValue', 7) },
    });
    expect([value, low, high]).toEqual([0, 0, 0]);
  });

  it('says which part has no forecast, and why', () => {
    const short = { ...inputOf('addedValue', 7), figures: figuresUntil(truth, 'addedValue', 2026, 2026, 7) };
    expect(forecastIntensity({ quantity: inputOf('quantity', 7), addedValue: short })).toMatchObject({
      ...{ forecast: null, of: 'added_value', reason: 'too_few_months' },
    });
    expect(forecastIntensity({ quantity: short, addedValue: inputOf('addedValue', 7) })).toMatchObject({
      of: 'quantity',
    });
    const loss = figuresUntil(truth, 'addedValue', 2026, 2027, 1).map((one) => ({ ...one, value: -1 }));
    expect(
      forecastIntensity({
        quantity: inputOf('quantity', 7),
        addedValue: { ...inputOf('addedValue', 7), figures: loss },
      }),
    ).toMatchObject({ of: 'added_value', reason: 'not_positive' });
    const other = { ...inputOf('addedValue', 7), year: 2025 };
    expect(() => forecastIntensity({ quantity: inputOf('quantity', 7), addedValue: other })).toThrow(RangeError);
  });
});

describe('the chance to stay at or below a limit', () => {
  const forecast = { value: 1, low: 0.9, high: 1.2 };

  it('is a half at the forecast, a tenth at the lower end and nine tenths at the upper', () => {
    expect(chanceAtMost(forecast, 1)).toBeCloseTo(0.5, 6);
    expect(chanceAtMost(forecast, 0.9)).toBeCloseTo(0.1, 6);
    expect(chanceAtMost(forecast, 1.2)).toBeCloseTo(0.9, 6);
    expect(chanceAtMost(forecast, 0)).toBe(0);
    expect(chanceAtMost(forecast, 100)).toBeCloseTo(1, 6);
  });

  it('uses the upper end where an error reaches down to nothing', () => {
    expect(chanceAtMost({ value: 1, low: -0.1, high: 2 }, 0.5)).toBeCloseTo(0.1, 6);
  });

  it('is certain where nothing is left to forecast', () => {
    const known = { value: 2, low: 2, high: 2 };
    expect([1.9, 2, 2.1].map((limit) => chanceAtMost(known, limit))).toEqual([0, 1, 1]);
  });
});

describe('quantiles', () => {
  it('are those of the tables', () => {
    // Student's t, one-sided 90 %: 3, 5, 10 and 30 degrees of freedom.
    for (const [freedom, t] of [
      [3, 1.6377],
      [5, 1.4759],
      [10, 1.3722],
      [30, 1.3104],
    ] as const) {
      expect(Math.abs(studentT(freedom) / t - 1)).toBeLessThan(freedom < 5 ? 0.01 : 0.002);
    }
    for (const [z, share] of [
      [0, 0.5],
      [1.2815516, 0.9],
      [-1.6448536, 0.05],
      [3, 0.9986501],
    ] as const) {
      expect(normalShareBelow(z)).toBeCloseTo(share, 6);
    }
  });

  it('of weighted values lie between neighbours', () => {
    const equal = [4, 1, 3, 2].map((value) => ({ value, weight: 1 }));
    expect(weightedQuantile(equal, 0.5)).toBe(2.5);
    expect(weightedQuantile(equal, 0)).toBe(1);
    expect(weightedQuantile(equal, 1)).toBe(4);
    expect(
      weightedQuantile(
        [
          { value: 1, weight: 9 },
          { value: 5, weight: 1 },
        ],
        0.5,
      ),
    ).toBeCloseTo(1.4, 12);
  });
});
