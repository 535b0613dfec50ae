import { describe, expect, it } from 'vitest';
import { hourOf, nextHour, RollupCalendar } from '../../../../../src/historian/rollup/model/calendar.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { HOUR, T0 } from './helpers.js';

const calendarOf = (zone: string) => new RollupCalendar(new TimeZone(zone));

describe('days of roll-ups', () => {
  it('are those of the zone', () => {
    const shanghai = calendarOf('Asia/Shanghai');
    expect(shanghai.hasDays).toBe(true);
    const day = { start: T0 - 8 * HOUR, end: T0 + 16 * HOUR, whole: true };
    expect(shanghai.dayOf(T0)).toEqual(day);
    expect(shanghai.dayOf(T0 - 8 * HOUR)).toEqual(day);
    expect(shanghai.dayOf(T0 + 15 * HOUR)).toEqual(day);
    expect(shanghai.dayOf(T0 + 16 * HOUR).start).toBe(day.end);
  });

  it('begin where a day of the zone begins, at no other hour', () => {
    const shanghai = calendarOf('Asia/Shanghai');
    expect(shanghai.isDayStart(T0 + 16 * HOUR)).toBe(true);
    expect(shanghai.isDayStart(T0)).toBe(false);
    expect(shanghai.isDayStart(T0 + 16 * HOUR + 1)).toBe(false);
  });

  it('have 23 or 25 hours where clocks change', () => {
    const berlin = calendarOf('Europe/Berlin');
    const hours = (...date: [number, number, number]) => {
      const { start, end } = berlin.dayOf(Date.UTC(...date, 12));
      return (end - start) / HOUR;
    };
    expect([hours(2026, 2, 29), hours(2026, 9, 25), hours(2026, 9, 26)]).toEqual([23, 25, 24]);
  });

  it('are not kept where clocks are not whole hours from UTC, though every hour is of one of them', () => {
    for (const name of ['Asia/Kolkata', 'Australia/Adelaide', 'Australia/Lord_Howe']) {
      const calendar = calendarOf(name);
      expect(calendar.hasDays).toBe(false);
      let at = T0;
      for (let i = 0; i < 400; i += 1) {
        const day = calendar.dayOf(at);
        expect(day).toMatchObject({ start: i === 0 ? day.start : at, whole: false });
        expect(day.start).toBeLessThanOrEqual(at);
        expect(day.end).toBeGreaterThan(at);
        at = day.end;
      }
    }
  });

  it('follow each other without a gap through every change of clocks', () => {
    for (const name of ['Europe/Berlin', 'America/Havana', 'America/Asuncion', 'Pacific/Apia', 'Africa/Cairo']) {
      const calendar = calendarOf(name);
      const starts = new Set<number>();
      let at = calendar.dayOf(Date.UTC(2010, 0, 1)).start;
      while (at < Date.UTC(2012, 0, 1)) {
        const { start, end } = calendar.dayOf(at);
        expect([name, start]).toEqual([name, at]);
        expect(end).toBeGreaterThan(start);
        starts.add(start);
        at = end;
      }
      const asked = new Set<number>();
      for (let hour = Date.UTC(2011, 11, 31); hour >= Date.UTC(2010, 0, 2); hour -= HOUR) {
        const { start, end } = calendar.dayOf(hour);
        if (!(hour >= start && hour < end)) expect.fail(`${name}: ${hour} is not in its day`);
        asked.add(start);
      }
      for (const start of asked) expect(starts).toContain(start);
    }
  });
});

it('hours are those of UTC, before 1970 too', () => {
  expect([hourOf(T0 + 1), nextHour(T0 + 1)]).toEqual([T0, T0 + HOUR]);
  expect([hourOf(T0), nextHour(T0)]).toEqual([T0, T0]);
  expect([hourOf(-HOUR - 1), nextHour(-HOUR - 1)]).toEqual([-2 * HOUR, -HOUR]);
});
