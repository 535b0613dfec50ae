import { describe, expect, it } from 'vitest';
import { BY_DESIGN, type KpiEvent, SHELVED } from '../../../../../src/alarms/model/kpi/event.js';
import { MAX_FLOODS } from '../../../../../src/alarms/model/kpi/live/flood.js';
import { measuredPeriod, notesOn } from '../../../../../src/alarms/model/kpi/report/measured-period.js';
import { emptyReport, MAX_LISTED } from '../../../../../src/alarms/model/kpi/report/report.js';
import { at, DAY, H, MIN, report, S, standing, T0 } from './helpers.js';

const times = (count: number, from: number, every: number) => Array.from({ length: count }, (_, n) => from + n * every);

describe('the load of a position', () => {
  it('worked by hand: two days, 60 alarms', () => {
    // Day 1: 48 alarms, one each 30 minutes from 00:00 on. Day 2: 12 alarms, one each 30 s from 12:00 on.
    const events = [...times(48, 0, 30 * MIN), ...times(12, 36 * H, 30 * S)].map((after, n) =>
      at(after, 'raised', `cod-high:d-${n % 20}`),
    );
    const { value, detail, kpi } = report(2 * DAY, events);
    expect(value('alarms')).toBe(60);
    expect(value('alarms_per_day')).toBe(30);
    expect(value('alarms_per_hour')).toBe(60 / 48);
    // 288 windows of 10 minutes.
    expect(value('alarms_per_10_min')).toBeCloseTo(60 / 288);
    // The burst lasts from 12:00:00 to 12:05:30: one window holds all 12.
    expect(value('peak_per_10_min')).toBe(12);
    expect(kpi('peak_per_10_min')).toMatchObject({ verdict: 'missed', target: { is: 'at_most', value: 10 } });
    expect(value('windows_above_10_pct')).toBeCloseTo(100 / 288);
    expect(kpi('windows_above_10_pct').verdict).toBe('met');
    expect(value('hours_above_30_pct')).toBe(0);
    expect(detail.per10Min).toMatchObject({ windows: 288, peakAt: T0 + 36 * H });
    expect(detail.per10Min.distribution.map((bin) => bin.windows)).toEqual([239, 48, 0, 0, 0, 1, 0, 0, 0]);
    // The 11th alarm is 12:05:00; fewer than 5 are left when the 8th, of 12:03:30, leaves 10 minutes on: 8.5 minutes of flood.
    expect(detail.floods).toMatchObject({ count: 1, durationMs: 8.5 * MIN });
    expect(detail.floods.worst).toEqual([
      { from: T0 + 36 * H + 5 * MIN, to: T0 + 36 * H + 13.5 * MIN, alarms: 12, peak: 12, open: false },
    ]);
    expect(value('flood_time_pct')).toBeCloseTo((100 * 8.5) / (2 * 24 * 60));
    expect(detail.days.map((day) => [day.alarms, day.perHour])).toEqual([
      [48, 2],
      [12, 0.5],
    ]);
    // n % 20: devices 0 to 7 come three times in the first 48 and those 48 to 59 are 8 to 19: three times each.
    expect(detail.topTen.map((one) => one.alarms)).toEqual(new Array(10).fill(3));
    expect(value('top_ten_pct')).toBeCloseTo(50);
  });

  it('of nobody: an empty record of a quiet month meets every rate, and leaves shares without data', () => {
    const { value, kpi, detail } = report(30 * DAY, []);
    expect([value('alarms'), value('alarms_per_hour'), value('flood_time_pct'), value('standing_average')]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(kpi('alarms_per_day').verdict).toBe('met');
    for (const name of ['top_ten_pct', 'low_priority_pct', 'acknowledged_pct', 'acknowledge_p95'] as const) {
      expect(kpi(name)).toMatchObject({ value: null, verdict: 'no_data' });
    }
    expect(detail.per10Min.windows).toBe(30 * 144);
    expect(detail.days).toHaveLength(30);
  });

  it('takes the first instant of the period and leaves out its end', () => {
    const { value, detail } = report(H, [at(0, 'raised'), at(H - 1, 'raised'), at(H, 'raised')]);
    expect(value('alarms')).toBe(2);
    expect(detail.days).toEqual([{ from: T0, to: T0 + H, alarms: 2, perHour: 2, stale: 0 }]);
  });

  it('counts annunciations, and nothing else, as alarms', () => {
    const events = [
      at(0, 'raised'),
      at(S, 'level_raised', undefined, { priority: 'high' }),
      at(2 * S, 'level_lowered'),
      at(3 * S, 're_alarmed'),
      at(4 * S, 'acknowledged'),
      at(5 * S, 'cleared'),
      at(6 * S, 'shelved'),
      at(7 * S, 'condition_began'),
      at(8 * S, 'condition_ended'),
      at(9 * S, 'escalated'),
      at(10 * S, 'reset'),
    ];
    const { value, detail } = report(DAY, events);
    expect(value('alarms')).toBe(3);
    expect(detail.priorities.map(({ priority, alarms }) => [priority, alarms])).toEqual([
      ['low', 2],
      ['medium', 0],
      ['high', 1],
      ['critical', 0],
    ]);
    expect(value('high_priority_pct')).toBeCloseTo(100 / 3);
  });

  it('counts a flood that began before the period from its start, and one that outlasts it until its end', () => {
    // 11 alarms from -110 s to -10 s: the flood is on at 0 and ends when the 7th, of -50 s, leaves at 550 s.
    const before = times(11, -110 * S, 10 * S).map((after) => at(after, 'raised'));
    const late = times(11, 50 * MIN, 10 * S).map((after) => at(after, 'raised'));
    const { detail, value } = report(H - 5 * MIN, [...before, ...late]);
    expect(value('alarms')).toBe(11);
    // The second begins with its 11th alarm at 50:00 + 100 s; until 55:00 that is 200 s.
    expect(detail.floods).toMatchObject({ count: 2, durationMs: 550 * S + 200 * S });
    expect(detail.floods.worst.map((flood) => flood.open).sort()).toEqual([false, true]);
  });

  it('lists the worst floods of very many', () => {
    const floods = Array.from({ length: MAX_FLOODS + 1 }, (_, n) => times(n === 3 ? 20 : 11, n * H, S)).flat();
    const { detail } = report(
      102 * H,
      floods.map((after) => at(after, 'raised')),
    );
    expect(detail.floods.count).toBe(MAX_FLOODS + 1);
    expect(detail.floods.worst).toHaveLength(MAX_FLOODS);
    expect(detail.floods.worst[0]).toMatchObject({ alarms: 20, from: T0 + 3 * H + 10 * S });
  });
});

describe('nuisance in a period', () => {
  const pulse = (after: number, alarm: string) => [at(after, 'raised', alarm), at(after + 5 * S, 'cleared', alarm)];

  it('has each alarm in one list: chattering, else fleeting', () => {
    const events = [
      ...pulse(0, 'a:chatters'),
      ...pulse(20 * S, 'a:chatters'),
      ...pulse(40 * S, 'a:chatters'),
      ...pulse(50 * S, 'a:chatters'),
      ...pulse(H, 'a:fleets'),
      at(2 * H, 'raised', 'a:stays'),
    ];
    const { detail, value } = report(DAY, events);
    expect([value('chattering_alarms'), value('fleeting_alarms')]).toEqual([1, 1]);
    expect(detail.chattering.items).toMatchObject([
      { alarm: 'a:chatters', chatters: 1, chatterAlarms: 4, fleeting: 4 },
    ]);
    expect(detail.fleeting.items).toMatchObject([{ alarm: 'a:fleets', chatters: 0, fleeting: 1 }]);
  });

  it('knows what began in the hour before the period', () => {
    const events = [at(-50 * S, 'raised'), at(-45 * S, 'cleared'), at(-30 * S, 'raised'), at(2 * S, 'cleared')];
    const { detail, value } = report(
      DAY,
      [...events, at(5 * S, 'raised')],
      [standing('cod-high:d-1', { activeSince: T0 - 30 * S })],
    );
    expect([value('alarms'), value('chattering_alarms')]).toEqual([1, 1]);
    expect(detail.chattering.items).toMatchObject([{ fleeting: 1, chatterAlarms: 3 }]);
  });

  it('cuts its lists and tells how many there were', () => {
    const events = Array.from({ length: MAX_LISTED + 20 }, (_, n) => pulse(n * MIN, `a:d-${n}`)).flat();
    const { detail, value } = report(DAY, events);
    expect(value('fleeting_alarms')).toBe(MAX_LISTED + 20);
    expect(detail.fleeting.items).toHaveLength(MAX_LISTED);
  });
});

describe('stale and standing alarms', () => {
  it('are stale beyond 24 hours, not at them, on each day that they were', () => {
    // Raised Monday 06:00: stale from Tuesday 06:00 until cleared on Wednesday 01:00. The other stands exactly 24 h.
    const events = [
      at(6 * H, 'raised', 'a:long'),
      at(8 * H, 'raised', 'a:day'),
      at(32 * H, 'cleared', 'a:day'),
      at(49 * H, 'cleared', 'a:long'),
    ];
    const { detail, value } = report(4 * DAY, events);
    expect(detail.days.map((day) => day.stale)).toEqual([0, 1, 1, 0]);
    expect([value('stale_on_worst_day'), value('stale_at_end')]).toEqual([1, 0]);
    expect(detail.stale.items).toMatchObject([{ alarm: 'a:long', longestMs: 43 * H, atEnd: false }]);
    // (24 + 43) alarm hours in 96.
    expect(value('standing_average')).toBeCloseTo(67 / 96);
    expect(detail.standing.most).toBe(2);
  });

  it('counts what stood when the period began, since then', () => {
    const { detail, value } = report(2 * DAY, [], [standing('a:old', { activeSince: T0 - 23 * H })]);
    // Stale from 01:00 of the first day.
    expect(detail.days.map((day) => day.stale)).toEqual([1, 1]);
    expect([value('stale_at_end'), value('standing_average')]).toEqual([1, 1]);
    expect(detail.stale.items).toMatchObject([{ longestMs: 71 * H, atEnd: true }]);
  });

  it('leaves out the time that an alarm was suppressed, and counts a day once', () => {
    const events = [
      at(2 * H, 'shelved', 'a:old'),
      at(10 * H, 'unshelved', 'a:old'),
      at(12 * H, 'out_of_service', 'a:old'),
      at(13 * H, 'shelved', 'a:old'),
      at(20 * H, 'returned_to_service', 'a:old'),
    ];
    const { detail, value } = report(2 * DAY, events, [standing('a:old', { activeSince: T0 - 30 * H })]);
    expect(detail.days.map((day) => day.stale)).toEqual([1, 0]);
    // Presented from 0 to 2 and from 10 to 12: 4 of 48 hours.
    expect(value('standing_average')).toBeCloseTo(4 / 48);
    expect(value('stale_at_end')).toBe(0);
    expect(detail.suppression).toEqual({
      shelved: { times: 2, atEnd: 1 },
      byDesign: { times: 0, atEnd: 0 },
      outOfService: { times: 1, atEnd: 0 },
    });
    expect(value('shelved_at_end')).toBe(1);
  });

  it('is presented again only when the last suppression ends', () => {
    const both = standing('a:held', { activeSince: T0 - H, suppression: SHELVED | BY_DESIGN });
    const events = [at(H, 'unshelved', 'a:held'), at(3 * H, 'unsuppressed', 'a:held')];
    expect(report(4 * H, events, [both]).value('standing_average')).toBeCloseTo(1 / 4);
  });

  it('counts a condition that began while suppressed once it is presented', () => {
    const shelved = standing('a:held', { suppression: SHELVED });
    const events = [
      at(H, 'condition_began', 'a:held'),
      at(2 * H, 'unshelved', 'a:held'),
      at(2 * H, 'raised', 'a:held'),
      at(3 * H, 'cleared', 'a:held'),
    ];
    const { value, detail } = report(4 * H, events, [shelved]);
    expect([value('alarms'), value('standing_average'), detail.standing.most]).toEqual([1, 0.25, 1]);
  });
});

describe('acknowledgement', () => {
  it('is timed from the oldest annunciation that waits, by operators alone', () => {
    const events = [
      at(0, 'raised', 'a:1'),
      at(20 * S, 'level_raised', 'a:1'),
      at(30 * S, 'acknowledged', 'a:1'),
      at(31 * S, 'acknowledged', 'a:1'),
      at(60 * S, 'raised', 'a:2'),
      at(60 * S, 'raised', 'a:3'),
      at(70 * S, 'acknowledged', 'a:2'),
      at(80 * S, 'acknowledged', 'a:3', { by: null }),
      at(90 * S, 'raised', 'a:4'),
      at(100 * S, 'cleared', 'a:4'),
      at(H, 're_alarmed', 'a:1'),
    ];
    const old = standing('a:old', { unacknowledgedSince: T0 - H });
    const { value, detail } = report(DAY, [...events, at(2 * H, 'acknowledged', 'a:old')], [old]);
    // Waits: a:1 twice, a:2, a:3, a:4, a:old. Answered by operators: 30 s, 10 s, 3 h; by the service: a:3.
    expect(detail.acknowledgement).toEqual({ byOperators: 3, byService: 1, waits: 6 });
    expect(value('acknowledged_pct')).toBeCloseTo((100 * 4) / 6);
    expect([value('acknowledge_p50'), value('acknowledge_max')]).toEqual([30, 3 * 3_600]);
    // 108,000 tenths of a second fall in steps of 32 of them: exact, as 3,375 * 32 is.
    expect(value('acknowledge_p95')).toBe(3 * 3_600);
    expect(value('unacknowledged_at_end')).toBe(2);
  });
});

describe('bounds and faults', () => {
  it('goes on counting when there are more alarms than it tells apart, and says so', () => {
    const events = ['a:1', 'a:2', 'a:3'].map((alarm, n) => at(n * MIN, 'raised', alarm));
    const { value, detail } = report(DAY, events, [], { maxAlarms: 2 });
    expect([value('alarms'), detail.topTen.length, detail.untrackedEvents]).toEqual([3, 2, 1]);
    expect(notesOn(detail)).toEqual(['too_many_alarms']);
    const begun = report(DAY, [], [standing('a:1'), standing('a:2')], { maxAlarms: 1 });
    expect(begun.detail.untrackedEvents).toBe(1);
  });

  it('holds the time when the clock of the record goes back, and says so', () => {
    const events: KpiEvent[] = [at(5 * H, 'raised'), at(H, 'cleared'), at(6 * H, 'raised', 'a:2')];
    const { value, detail } = report(DAY, events);
    expect([value('alarms'), detail.clockSteps]).toEqual([2, 1]);
    expect(value('standing_average')).toBeCloseTo(18 / 24);
    expect(notesOn(detail)).toEqual(['clock_went_back']);
  });

  it('judges nothing when nothing was kept', () => {
    const { kpis, detail } = emptyReport();
    expect(detail).toBeNull();
    expect(new Set(kpis.map((kpi) => kpi.verdict))).toEqual(new Set(['no_data']));
  });
});

describe('measuredOf', () => {
  const asked = { from: T0, to: T0 + 30 * DAY };
  it.each([
    ['all of it', T0, T0 + 30 * DAY, asked, []],
    [
      'what is kept',
      T0 + DAY,
      T0 + 40 * DAY,
      { ...asked, from: T0 + DAY },
      ['reaches_before_record', 'below_recommended_length'],
    ],
    [
      'what has passed',
      T0 - DAY,
      T0 + 29 * DAY,
      { ...asked, to: T0 + 29 * DAY },
      ['reaches_into_future', 'below_recommended_length'],
    ],
    ['nothing', T0 + 30 * DAY, T0 + 40 * DAY, null, ['reaches_before_record', 'nothing_kept']],
  ] as const)('measures %s', (_, completeSince, now, period, notes) => {
    expect(measuredPeriod(asked, completeSince, now)).toEqual({ period, notes });
  });
});
