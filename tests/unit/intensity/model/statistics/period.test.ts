import { describe, expect, it } from 'vitest';
import {
  daysIn,
  monthOf,
  monthText,
  overlaps,
  parseMonth,
  parsePeriod,
  partsOf,
  periodText,
  type StatPeriod,
  yearsLater,
} from '../../../../../src/intensity/model/statistics/period.js';

const period = (text: string): StatPeriod => {
  const parsed = parsePeriod(text);
  if (parsed === null) throw new Error(text);
  return parsed;
};

describe('a period of statistics', () => {
  it.each([
    ['2026-03', 'month', '2026-03', '2026-03'],
    ['2026-01/02', 'jan_feb', '2026-01', '2026-02'],
    ['2026-Q1', 'quarter', '2026-01', '2026-03'],
    ['2026-Q4', 'quarter', '2026-10', '2026-12'],
    ['2026', 'year', '2026-01', '2026-12'],
  ])('%s is read, and written the same', (text, kind, first, last) => {
    expect(period(text)).toEqual({ kind, first: parseMonth(first), last: parseMonth(last) });
    expect(periodText(period(text))).toBe(text);
  });

  it.each(['', '2026-00', '2026-13', '2026-1', '2026-02/02', '2026-01/03', '2026-Q0', '2026-Q5', '26', '1979', '2200'])(
    '%j is none',
    (text) => expect(parsePeriod(text)).toBeNull(),
  );

  it('a month is not read from a wider period', () => {
    expect(parseMonth('2026-Q1')).toBeNull();
    expect(parseMonth('2026')).toBeNull();
  });

  it('a year has quarters, the first quarter January–February and March', () => {
    expect(partsOf(period('2026')).map(periodText)).toEqual(['2026-Q1', '2026-Q2', '2026-Q3', '2026-Q4']);
    expect(partsOf(period('2026-Q1')).map(periodText)).toEqual(['2026-01/02', '2026-03']);
    expect(partsOf(period('2026-01/02')).map(periodText)).toEqual(['2026-01', '2026-02']);
    expect(partsOf(period('2026-Q3')).map(periodText)).toEqual(['2026-07', '2026-08', '2026-09']);
    expect(partsOf(period('2026-03'))).toEqual([]);
  });

  it('moves by years and overlaps where it shares a month', () => {
    expect(periodText(yearsLater(period('2026-01/02'), -1))).toBe('2025-01/02');
    expect(overlaps(period('2026-Q1'), period('2026-03'))).toBe(true);
    expect(overlaps(period('2026-Q1'), period('2026-04'))).toBe(false);
  });

  it('knows the days of a month', () => {
    expect(daysIn(monthOf(2024, 2))).toBe(29);
    expect(daysIn(monthOf(2026, 2))).toBe(28);
    expect(daysIn(monthOf(2026, 12))).toBe(31);
    expect(monthText(monthOf(2026, 12))).toBe('2026-12');
  });
});
