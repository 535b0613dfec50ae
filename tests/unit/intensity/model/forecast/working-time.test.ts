import { describe, expect, it } from 'vitest';
import { ChineseWorkCalendar } from '../../../../../src/intensity/calendar.js';
import { workingTime } from '../../../../../src/intensity/model/forecast/working-time.js';

const calendar = new ChineseWorkCalendar();

describe('working time', () => {
  it('counts days off and make-up workdays of a covered year', () => {
    // October 2025: holidays 1 to 8, Saturday 11 worked.
    expect(workingTime(calendar, 2025, 10)).toEqual({ days: 31, worked: 18 });
    expect(workingTime(calendar, 2024, 2).days).toBe(29);
  });

  it('counts the part of a month that has elapsed, to the part of a day', () => {
    // 1 to 8 October off; the 9th and half of the 10th worked.
    expect(workingTime(calendar, 2025, 10, 9.5)).toEqual({ days: 9.5, worked: 1.5 });
    expect(workingTime(calendar, 2025, 10, 8.25).worked).toBe(0.25);
    expect(workingTime(calendar, 2025, 10, 0)).toEqual({ days: 0, worked: 0 });
  });

  it('takes holidays of a year that is not covered as in the four years before', () => {
    const covered = [2023, 2024, 2025, 2026].map((year) => workingTime(calendar, year, 10).worked / 31);
    const mean = covered.reduce((sum, share) => sum + share, 0) / 4;
    expect(workingTime(calendar, 2027, 10).worked).toBeCloseTo(31 * mean, 12);
    // October 2027 has 21 weekdays: not what a year with a holiday week works.
    expect(workingTime(calendar, 2027, 10).worked).toBeLessThan(19);
    const half = workingTime(calendar, 2027, 10, 15);
    const rest = workingTime(calendar, 2027, 10).worked - half.worked;
    expect(half.worked).toBeGreaterThan(8);
    expect(rest).toBeGreaterThan(8);
  });

  it('has only weekdays where nothing before is covered', () => {
    const weekdays = {
      weight: (_: number, __: number, day: number) => (day % 7 < 5 ? 1 : 0),
      coverage: () => 'weekdays_only' as const,
    };
    expect(workingTime(weekdays, 2027, 6).worked).toBe(22);
  });
});
