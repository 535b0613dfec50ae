import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOCK_SLACK_MS, DailyCount, SteadyClock } from '../../../../../src/alarms/model/kpi/live/counts.js';
import { Days } from '../../../../../src/alarms/model/kpi/report/days.js';
import { Durations, Histogram } from '../../../../../src/alarms/model/kpi/report/durations.js';
import { EvenWindows } from '../../../../../src/alarms/model/kpi/report/even-windows.js';
import { KPI_DEFINITIONS, kpiVerdict } from '../../../../../src/alarms/model/kpi/targets.js';
import { TooManyWindowsError } from '../../../../../src/model/time/windows.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { DAY, H, MIN, S, T0, ZONE } from './helpers.js';

describe('EvenWindows', () => {
  const count = (to: number, times: readonly number[], limit = 10) => {
    const windows = new EvenWindows(0, to, 10 * MIN, limit);
    for (const at of times) windows.append(at);
    return windows.finish();
  };

  it('counts empty windows, and takes what falls on an edge into the later one', () => {
    const stats = count(H, [0, 10 * MIN - 1, 10 * MIN, 50 * MIN]);
    // 4 alarms in 6 windows: 2, 1, 0, 0, 0, 1.
    expect(stats).toMatchObject({ windows: 6, peak: 2, peakAt: 0, abovePct: 0 });
    expect(stats.mean).toBeCloseTo(4 / 6);
    expect(stats.distribution.filter((bin) => bin.windows > 0)).toEqual([
      { least: 0, most: 0, windows: 3 },
      { least: 1, most: 1, windows: 2 },
      { least: 2, most: 2, windows: 1 },
    ]);
  });

  it('counts a shorter last window as one, and the mean by time', () => {
    // 25 minutes: three windows; 5 alarms are 2 per 10 minutes.
    const stats = count(25 * MIN, [1, 2, 3, 4, 24 * MIN]);
    expect(stats).toMatchObject({ windows: 3, mean: 2, peak: 4 });
  });

  it('tells windows above the limit from those at it', () => {
    const stats = count(40 * MIN, [...new Array(10).fill(0), ...new Array(11).fill(20 * MIN)]);
    expect(stats).toMatchObject({ abovePct: 25, peak: 11, peakAt: 20 * MIN });
  });

  it('has nothing but empty windows without alarms', () => {
    expect(count(DAY, [])).toMatchObject({ windows: 144, mean: 0, peak: 0, peakAt: null, abovePct: 0 });
  });

  it('puts any window into the one bin that holds its number', () => {
    const times = fc.array(fc.integer({ min: 0, max: 12 * H - 1 }), { maxLength: 400 });
    fc.assert(
      fc.property(times, (given) => {
        const sorted = given.toSorted((a, b) => a - b);
        const stats = count(12 * H, sorted, 3);
        const counts = Array.from(
          { length: 72 },
          (_, n) => sorted.filter((at) => Math.floor(at / 600_000) === n).length,
        );
        expect(stats.peak).toBe(Math.max(...counts));
        expect(stats.abovePct).toBeCloseTo((counts.filter((one) => one > 3).length / 72) * 100);
        for (const { least, most, windows } of stats.distribution) {
          expect(windows).toBe(counts.filter((one) => one >= least && (most === null || one <= most)).length);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('Durations', () => {
  it('finds percentiles by nearest rank', () => {
    const durations = new Durations();
    expect([durations.percentile(0.5), durations.max]).toEqual([null, 0]);
    for (const seconds of [30, 10, 20, 400]) durations.add(seconds * S);
    // 4 values: rank ceil(2) = 20 s, ceil(3.8) = 400 s.
    expect(durations.percentile(0.5)).toBe(20 * S);
    expect(durations.percentile(0.95)).toBe(400 * S);
    expect(durations.percentile(0)).toBe(10 * S);
    expect(durations.max).toBe(400 * S);
  });

  it('takes a clock that went back for no time at all', () => {
    const durations = new Durations();
    durations.add(-5);
    expect([durations.percentile(1), durations.max]).toEqual([0, 0]);
  });

  it('is at most 0.05 % and a tenth of a second below the exact percentile, never above', () => {
    const values = fc.array(fc.integer({ min: 0, max: 400 * DAY }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (given, share) => {
        const durations = new Durations();
        for (const ms of given) durations.add(ms);
        const exact = given.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * given.length)) - 1]!;
        const found = durations.percentile(share)!;
        expect(found).toBeLessThanOrEqual(exact);
        expect(found).toBeGreaterThan(exact * 0.9995 - 100);
      }),
      { numRuns: 30 },
    );
  });
});

describe('Days', () => {
  it('are those of the zone, cut to the period', () => {
    // 18:00 on the 23rd to 06:00 on the 25th: 6, 24 and 6 hours.
    const days = new Days(T0 + 18 * H, T0 + 54 * H, ZONE);
    for (const hour of [18, 23, 24, 48, 53]) days.addAlarm(T0 + hour * H);
    days.addStale(1, 2);
    expect(days.finish()).toEqual([
      { from: T0 + 18 * H, to: T0 + 24 * H, alarms: 2, perHour: 2 / 6, stale: 0 },
      { from: T0 + 24 * H, to: T0 + 48 * H, alarms: 1, perHour: 1 / 24, stale: 1 },
      { from: T0 + 48 * H, to: T0 + 54 * H, alarms: 2, perHour: 2 / 6, stale: 1 },
    ]);
    expect(days.mostStale).toBe(1);
  });

  it('has 25 hours where clocks are set back', () => {
    const from = Date.parse('2026-10-25T00:00:00+02:00');
    const [day] = new Days(from, from + 25 * H, new TimeZone('Europe/Berlin')).finish();
    expect(day).toMatchObject({ from, to: from + 25 * H });
  });

  it('are bounded', () => {
    expect(() => new Days(0, 1_100 * DAY, ZONE)).toThrow(TooManyWindowsError);
    expect(() => new Days(T0, T0, ZONE)).toThrow(RangeError);
  });
});

describe('DailyCount', () => {
  it('holds the present hour and the 23 before', () => {
    const count = new DailyCount();
    for (const hour of [0, 0.5, 23, 23.9]) count.add(T0 + hour * H);
    expect(count.total(T0 + 23.9 * H)).toBe(4);
    expect(count.total(T0 + 24 * H)).toBe(2);
    expect(count.total(T0 + 100 * H)).toBe(0);
  });
});

describe('SteadyClock', () => {
  it('never falls, holds through small steps back, and goes on at the pace of the clock after large ones', () => {
    const clock = new SteadyClock();
    const shown = [T0, T0 + S, T0 + S - CLOCK_SLACK_MS, T0 + 2 * S, T0 - H, T0 - H + S];
    expect(shown.map((at) => clock.read(at) - T0)).toEqual([0, S, S, 2 * S, 2 * S, 3 * S]);
    expect(clock.toClock(T0 + 3 * S)).toBe(T0 - H + S);
  });
});

describe('Histogram', () => {
  it('counts a value at a bound below it, and above the last one apart', () => {
    const histogram = new Histogram([10, 60]);
    for (const value of [10, 10.1, 60, 61]) histogram.add(value);
    expect([histogram.counts, histogram.sum]).toEqual([[1, 2, 1], 141.1]);
  });
});

describe('targets', () => {
  it.each([
    ['alarms_per_hour', 6, 'met'],
    ['alarms_per_hour', 6.01, 'missed'],
    ['peak_per_10_min', 10, 'met'],
    ['peak_per_10_min', 11, 'missed'],
    ['flood_time_pct', 0.99, 'met'],
    ['flood_time_pct', 1, 'missed'],
    ['top_ten_pct', 5, 'met'],
    ['chattering_alarms', 0, 'met'],
    ['chattering_alarms', 1, 'missed'],
    ['stale_on_worst_day', 4, 'met'],
    ['stale_on_worst_day', 5, 'missed'],
    ['low_priority_pct', 75, 'met'],
    ['low_priority_pct', 74.9, 'missed'],
    ['high_priority_pct', 10, 'met'],
    ['critical_priority_pct', 1, 'missed'],
    ['top_ten_pct', null, 'no_data'],
    ['acknowledge_p50', 17, null],
    ['acknowledge_p50', null, 'no_data'],
  ] as const)('%s of %s is %s', (name, value, verdict) => {
    expect(kpiVerdict(KPI_DEFINITIONS[name].target, value)).toBe(verdict);
  });

  it('name the standard and how sure that is', () => {
    for (const { source, target } of Object.values(KPI_DEFINITIONS)) {
      expect(source.standard === 'site').toBe(target === null);
      expect(source.clause).not.toBe('');
    }
  });
});
