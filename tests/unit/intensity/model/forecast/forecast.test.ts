import { describe, expect, it } from 'vitest';
import { ChineseWorkCalendar } from '../../../../../src/intensity/calendar.js';
import type { MonthFigure } from '../../../../../src/intensity/model/forecast/figures.js';
import { type ForecastInput, forecastYear } from '../../../../../src/intensity/model/forecast/forecast.js';
import { daysInMonth, workingTime } from '../../../../../src/intensity/model/forecast/working-time.js';
import { figuresUntil, partOf, simulateTruth } from './simulated-truth.js';

const calendar = new ChineseWorkCalendar();
const truth = simulateTruth(7, 2020, 2026, calendar);
const history = (year: number, month: number, from = 2020) => figuresUntil(truth, 'quantity', from, year, month);

function forecastOf(input: Partial<ForecastInput> & Pick<ForecastInput, 'figures'>) {
  const { forecast, ...rest } = forecastYear({ year: 2026, calendar, ...input });
  if (forecast === null) throw new Error(JSON.stringify(rest));
  return forecast;
}
const widthOf = ({ low, high, value }: { low: number; high: number; value: number }) => (high - low) / value;

/** Figures of a series without noise: so much a worked day, growing so much a month. */
function regular(from: number, to: number, months: number, perDay = 10, growth = 0): MonthFigure[] {
  return Array.from({ length: (to - from) * 12 + months }, (_, n) => {
    const [year, month] = [from + Math.floor(n / 12), (n % 12) + 1];
    return { year, month, value: perDay * Math.exp(growth * n) * workingTime(calendar, year, month).worked };
  });
}

describe('a year-end forecast', () => {
  it('is the sum of its months, known and expected', () => {
    const figures = history(2026, 11);
    const forecast = forecastOf({ figures, partial: partOf(truth, 'quantity', 2026, 11, 26) });
    const sum = (of: 'known' | 'expected') => forecast.months.reduce((total, month) => total + month[of], 0);
    expect(forecast.months.map(({ month }) => month)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(forecast.known).toBeCloseTo(sum('known'), 9);
    expect(forecast.value).toBeCloseTo(sum('known') + sum('expected'), 9);
    const ofYear = figures.filter(({ year }) => year === 2026).reduce((total, { value }) => total + value, 0);
    expect(forecast.known).toBeCloseTo(ofYear + truth.sum('quantity', 2026, 11, 26), 9);
    expect(forecast.months[9]!.expected).toBe(0);
    expect(forecast.months[10]!.expected).toBeGreaterThan(0);
    expect(forecast.low).toBeGreaterThanOrEqual(forecast.known);
    expect(forecast.low).toBeLessThan(forecast.value);
    expect(forecast.monthsKnown).toBe(82);
  });

  it('narrows as months become known, and by the part of a month that has elapsed', () => {
    const partial = (days: number) => ({
      figures: history(2026, 9),
      partial: partOf(truth, 'quantity', 2026, 9, days),
    });
    const widths = [
      ...[forecastOf({ figures: history(2026, 3) }), forecastOf({ figures: history(2026, 9) })],
      ...[forecastOf(partial(10)), forecastOf(partial(26.5)), forecastOf({ figures: history(2026, 12) })],
    ].map(widthOf);
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });

  it('forecasts a regular series by its working days and growth', () => {
    const all = regular(2020, 2026, 12, 10, 0.004);
    const forecast = forecastOf({ figures: all.slice(0, -9) });
    const total = all.slice(-12).reduce((sum, { value }) => sum + value, 0);
    expect(Math.abs(forecast.value / total - 1)).toBeLessThan(0.005);
    expect(forecast.basis!.restLoad).toBe(0);
  });

  it('keeps an interval where a short history shows no noise', () => {
    const forecast = forecastOf({ figures: regular(2025, 2026, 3), year: 2026 });
    const long = forecastOf({ figures: regular(2020, 2026, 3) });
    expect(widthOf(long)).toBeGreaterThan(0.005);
    expect(widthOf(forecast)).toBeGreaterThan(2 * widthOf(long));
  });

  it('follows a lasting change of level', () => {
    const figures = regular(2020, 2026, 6).map((one) =>
      one.year * 12 + one.month > 2025 * 12 + 9 ? { ...one, value: one.value * 0.7 } : one,
    );
    const total = regular(2026, 2026, 12).reduce((sum, { value }) => sum + 0.7 * value, 0);
    const forecast = forecastOf({ figures });
    expect(Math.abs(forecast.value / total - 1)).toBeLessThan(0.02);
    expect(forecast.basis!.jumps).toEqual([2025 * 11 + 8]);
  });

  it('gives the same for January and February as one figure, and in whatever order figures come', () => {
    const figures = history(2026, 9);
    const merged = figures.flatMap((one): MonthFigure[] => {
      if (one.month === 2) return [];
      const february = figures.find(({ year, month }) => year === one.year && month === 2);
      return one.month === 1 ? [{ ...one, months: 2, value: one.value + february!.value }] : [one];
    });
    const expected = forecastOf({ figures });
    expect(forecastOf({ figures: [...figures].reverse() })).toEqual(expected);
    const forecast = forecastOf({ figures: merged });
    expect(forecast.value).toBeCloseTo(expected.value, 6);
    expect(forecast.high).toBeCloseTo(expected.high, 6);
    expect(forecast.monthsKnown).toBe(expected.monthsKnown);
    expect(forecast.months[1]).toEqual({ month: 2, known: 0, expected: 0 });
  });

  it('expects a month that is missing in the middle of the year', () => {
    const figures = history(2026, 9).filter(({ year, month }) => !(year === 2026 && month === 5));
    const forecast = forecastOf({ figures });
    expect(forecast.months[4]!.known).toBe(0);
    expect(Math.abs(forecast.months[4]!.expected / truth.sum('quantity', 2026, 5) - 1)).toBeLessThan(0.15);
  });

  it('is the sum of a year that is known, whatever the history', () => {
    const figures = history(2027, 1, 2026);
    const forecast = forecastOf({ figures });
    expect(forecast).toMatchObject({ expected: 0, basis: null, calendarYearsNotCovered: [] });
    expect([forecast.low, forecast.high]).toEqual([forecast.value, forecast.value]);
    expect(forecast.value).toBeCloseTo(
      figures.reduce((sum, { value }) => sum + value, 0),
      9,
    );
  });

  it('widens by the error of what is known, a full year too', () => {
    const forecast = forecastOf({ figures: history(2027, 1, 2026), knownError: 0.02 });
    expect(forecast.high / forecast.value - 1).toBeCloseTo(1.28155 * 0.02, 5);
    const figures = history(2026, 9);
    expect(widthOf(forecastOf({ figures, knownError: 0.02 }))).toBeGreaterThan(widthOf(forecastOf({ figures })));
  });

  it('says which years the calendar does not cover', () => {
    const figures = regular(2022, 2026, 12);
    expect(forecastOf({ figures }).calendarYearsNotCovered).toEqual([]);
    expect(forecastOf({ figures, year: 2027 }).calendarYearsNotCovered).toEqual([2027]);
  });

  it('does not look at what is later than its year', () => {
    const figures = history(2025, 7);
    expect(
      forecastOf({ figures: history(2026, 7).filter(({ year, month }) => year !== 2025 || month < 7), year: 2025 }),
    ).toEqual(forecastOf({ figures, year: 2025 }));
  });
});

describe('no forecast', () => {
  it.each<[string, Partial<ForecastInput>, string, string]>([
    [
      'of 12 months',
      { figures: history(2026, 3, 2025).slice(2) },
      'too_few_months',
      '12 months are known, a forecast needs 13',
    ],
    ['of nothing', { figures: [] }, 'too_few_months', '0 months are known, a forecast needs 13'],
    [
      'with a month of nothing',
      { figures: history(2026, 3).map((one) => (one.year === 2024 && one.month === 5 ? { ...one, value: 0 } : one)) },
      'not_positive',
      'values of 2024-05 are not above zero',
    ],
    [
      'long after the last figure',
      { figures: history(2024, 12) },
      'history_ends_too_early',
      'the history ends in 2024-11, more than 12 months before what is to be forecast',
    ],
  ])('%s, and the reason in words', (_, input, reason, en) => {
    const none = forecastYear({ year: 2026, calendar, figures: [], ...input });
    expect(none).toMatchObject({ forecast: null, reason, en });
    expect((none as { zh: string }).zh).toMatch(/\p{Script=Han}/u);
  });

  it('is refused a 14th month less only when 13 are not there', () => {
    expect(forecastYear({ year: 2026, calendar, figures: history(2026, 3, 2025).slice(1) }).forecast).not.toBeNull();
  });

  const figures = history(2026, 3);
  it.each<[string, Partial<ForecastInput>]>([
    ['2026-02 is there twice', { figures: [...figures, { year: 2026, month: 2, value: 1 }] }],
    [
      '2026-02 is there twice',
      { figures: [...figures.slice(0, -2), { year: 2026, month: 1, months: 2, value: 1 }, figures.at(-1)!] },
    ],
    ['2026-13 is no month', { figures: [...figures, { year: 2026, month: 13, value: 1 }] }],
    ['2026-03: only January', { figures: [...figures, { year: 2026, month: 3, months: 2, value: 1 }] }],
    ['2026-03: the value', { figures: [...figures, { year: 2026, month: 3, value: Number.NaN }] }],
    ['month 2 is there as a whole and in part', { partial: { month: 2, elapsedDays: 3, value: 1 } }],
    ['no part of its days', { partial: { month: 3, elapsedDays: 32, value: 1 } }],
    ['no part of its days', { partial: { month: 3, elapsedDays: 0, value: 1 } }],
    ['no month', { partial: { month: 0, elapsedDays: 1, value: 1 } }],
    ['knownError', { knownError: -0.1 }],
  ])('comes of bad input: %s', (message, input) => {
    expect(() => forecastYear({ year: 2026, calendar, figures, ...input })).toThrow(message);
  });

  it('knows how long months are', () => {
    expect([daysInMonth(2024, 2), daysInMonth(2026, 2), daysInMonth(2026, 12)]).toEqual([29, 28, 31]);
  });
});
