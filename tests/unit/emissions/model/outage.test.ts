import { describe, expect, it } from 'vitest';
import { DEFAULT_OUTAGE_RULES, outageClocks, outagesOf } from '../../../../src/emissions/model/outages/outage.js';
import { ChineseWorkCalendar } from '../../../../src/intensity/calendar.js';
import { HOUR_MS } from '../../../../src/model/time/duration.js';
import { TimeZone } from '../../../../src/model/time/zone.js';

const ZONE = new TimeZone('Asia/Shanghai');
const calendar = new ChineseWorkCalendar();
const isWorkday = (year: number, month: number, day: number) => calendar.weight(year, month, day) > 0;
const china = (text: string) => Date.parse(`${text}:00+08:00`);
const START = china('2026-11-05T09:00');

describe('outages', () => {
  const interval = (n: number, what: 'valid' | 'missing' | 'flag' | 'calibration') => ({
    ...{ from: START + n * HOUR_MS, to: START + (n + 1) * HOUR_MS, value: what === 'valid' ? 1n : null },
    reason: what === 'valid' ? null : what,
  });
  const of = (...whats: readonly Parameters<typeof interval>[1][]) =>
    outagesOf(
      whats.map((what, n) => interval(n, what)),
      START + whats.length * HOUR_MS,
      DEFAULT_OUTAGE_RULES,
    ).map(({ from, to }) => [(from - START) / HOUR_MS, to === null ? null : (to - START) / HOUR_MS]);

  it('are times without valid values that last', () => {
    expect(of('valid', 'missing', 'flag', 'valid', 'missing', 'valid')).toEqual([[1, 3]]);
    expect(of('valid', 'missing', 'missing')).toEqual([[1, null]]);
  });

  it('are no calibration, and none ends with one', () => {
    expect(of('calibration', 'calibration', 'valid')).toEqual([]);
    expect(of('flag', 'calibration', 'flag', 'valid')).toEqual([[0, 3]]);
  });

  it('do not last where the newest intervals are not known', () => {
    const until = START + 5 * HOUR_MS;
    const found = outagesOf([interval(0, 'flag'), interval(1, 'flag')], until, DEFAULT_OUTAGE_RULES);
    expect(found).toEqual([{ from: START, to: START + 2 * HOUR_MS }]);
  });
});

describe('the clocks of an outage', () => {
  const clocks = (to: number | null, now: number, actions: { reportedAt?: number; samples?: readonly number[] } = {}) =>
    outageClocks(
      { from: START, to },
      { reportedAt: actions.reportedAt ?? null, samples: actions.samples ?? [] },
      ...([DEFAULT_OUTAGE_RULES, now, ZONE, isWorkday] as const),
    );

  it('are twelve hours to report, five working days to repair, six hours to a sample', () => {
    // A Thursday: Friday, Monday to Thursday are five working days.
    expect(clocks(null, START)).toEqual({
      ...{ reportDue: china('2026-11-05T21:00'), repairDue: china('2026-11-13T00:00') },
      ...{ sampleDue: china('2026-11-05T15:00'), overdue: [] },
    });
  });

  it('know holidays and make-up workdays', () => {
    // National Day 2026: off from 1 to 7 October, worked on Saturday the 10th.
    const from = china('2026-09-30T12:00');
    const none = { reportedAt: null, samples: [] };
    const { repairDue } = outageClocks({ from, to: null }, none, DEFAULT_OUTAGE_RULES, from, ZONE, isWorkday);
    // 8, 9, 10 (make-up), 12, 13 October.
    expect(repairDue).toBe(china('2026-10-14T00:00'));
  });

  it('are overdue one after the other', () => {
    expect(clocks(null, china('2026-11-05T15:00')).overdue).toEqual([]);
    expect(clocks(null, china('2026-11-05T15:01')).overdue).toEqual(['sample']);
    expect(clocks(null, china('2026-11-05T21:01')).overdue).toEqual(['report', 'sample']);
    expect(clocks(null, china('2026-11-13T00:01')).overdue).toEqual(['report', 'repair', 'sample']);
  });

  it('are met in time', () => {
    const samples = [14, 20, 26].map((hour) => START + (hour - 9) * HOUR_MS);
    const met = clocks(null, START + 20 * HOUR_MS, { reportedAt: START + HOUR_MS, samples });
    expect(met).toMatchObject({ overdue: [], sampleDue: samples[2]! + 6 * HOUR_MS });
    expect(clocks(START + 5 * HOUR_MS, START + 50 * HOUR_MS)).toMatchObject({ overdue: [], sampleDue: null });
    expect(clocks(null, START + 20 * HOUR_MS, { reportedAt: START + 13 * HOUR_MS, samples }).overdue).toEqual([
      'report',
    ]);
  });

  it('end though no day is ever worked', () => {
    const none = { reportedAt: null, samples: [] };
    const { repairDue } = outageClocks({ from: START, to: null }, none, DEFAULT_OUTAGE_RULES, START, ZONE, () => false);
    expect(repairDue).toBeGreaterThan(START);
  });
});
