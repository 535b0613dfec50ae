import { afterEach, describe, expect, it } from 'vitest';
import { ChineseWorkCalendar } from '../../../src/intensity/calendar.js';
import { daysInMonth } from '../../../src/intensity/model/forecast/working-time.js';

describe('the calendar of working days', () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it('covers 2004 to 2026, and says of other years that it knows their weekdays only', () => {
    const calendar = new ChineseWorkCalendar();
    const official = Array.from({ length: 30 }, (_, i) => 2000 + i).filter(
      (year) => calendar.coverage(year) === 'official',
    );
    expect(official).toEqual(Array.from({ length: 23 }, (_, i) => 2004 + i));
    // A Friday that will be a holiday: exactly what must not pass without a word.
    expect(calendar.weight(2027, 1, 1)).toBe(1);
    expect(calendar.coverage(2027)).toBe('weekdays_only');
  });

  it.each(['UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati'])(
    'knows holidays and make-up workdays in %s',
    (name) => {
      process.env.TZ = name;
      const calendar = new ChineseWorkCalendar();
      // Spring Festival 2026: 15 to 23 February off, Saturdays 14 and 28 February worked; the 1st is a Sunday.
      const february = Array.from({ length: 28 }, (_, i) => calendar.weight(2026, 2, i + 1)).join('');
      expect(february.match(/.{7}/g)).toEqual(['0111110', '0111111', '0000000', '0011111']);
      // 10 October 2026 is a Saturday, worked for National Day.
      expect([1, 7, 8, 10, 11].map((day) => calendar.weight(2026, 10, day))).toEqual([0, 0, 1, 1, 0]);
    },
  );

  it('counts the working days of 2025 as they were announced', () => {
    const calendar = new ChineseWorkCalendar();
    let days = 0;
    for (let month = 1; month <= 12; month++) {
      for (let day = 1; day <= daysInMonth(2025, month); day++) days += calendar.weight(2025, month, day);
    }
    // 365 days, 104 at weekends, 13 holidays by law (as amended in 2024); the rest is moved, not added.
    expect(days).toBe(248);
  });
});
