import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holds,
  nextEdge,
  problemsOfSchedule,
  type Schedule,
  ScheduleClock,
} from '../../../../../src/alarms/model/rule/schedule.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { linesOf } from '../helpers.js';

const SHANGHAI = new TimeZone('Asia/Shanghai');
const BERLIN = new TimeZone('Europe/Berlin');
const HAVANA = new TimeZone('America/Havana');
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** Day shift Monday to Friday; night shift that begins on Friday and Sunday. 2026-11-23 is a Monday. */
const DAY: Schedule = { mode: 'inside', spans: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '17:30' }] };
const NIGHT: Schedule = { mode: 'inside', spans: [{ days: [5, 7], from: '22:00', to: '06:00' }] };
const ALWAYS: Schedule = { mode: 'inside', spans: [{ days: EVERY_DAY, from: '00:00', to: '00:00' }] };

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 16));

describe('a schedule', () => {
  it.each([
    [DAY, '2026-11-23T07:59:59.999+08:00', false, '2026-11-23T00:00'],
    [DAY, '2026-11-23T08:00+08:00', true, '2026-11-23T09:30'],
    [DAY, '2026-11-23T17:29:59.999+08:00', true, '2026-11-23T09:30'],
    [DAY, '2026-11-23T17:30+08:00', false, '2026-11-24T00:00'],
    [DAY, '2026-11-27T18:00+08:00', false, '2026-11-30T00:00'],
    [DAY, '2026-11-28T12:00+08:00', false, '2026-11-30T00:00'],
    // Saturday 02:00 belongs to the night that began on Friday; Saturday evening to none.
    [NIGHT, '2026-11-27T21:00+08:00', false, '2026-11-27T14:00'],
    [NIGHT, '2026-11-28T02:00+08:00', true, '2026-11-27T22:00'],
    [NIGHT, '2026-11-28T06:00+08:00', false, '2026-11-29T14:00'],
    [NIGHT, '2026-11-30T05:59+08:00', true, '2026-11-29T22:00'],
    [{ ...DAY, mode: 'outside' }, '2026-11-23T12:00+08:00', false, '2026-11-23T09:30'],
    [{ ...DAY, mode: 'outside' }, '2026-11-28T12:00+08:00', true, '2026-11-30T00:00'],
    [ALWAYS, '2026-11-28T12:00+08:00', true, null],
    [{ ...ALWAYS, mode: 'outside' }, '2026-11-28T12:00+08:00', false, null],
  ] as [Schedule, string, boolean, string | null][])('%j at %s: %s, until %s', (schedule, at, expected, edge) => {
    expect(holds(schedule, Date.parse(at), SHANGHAI)).toBe(expected);
    expect(iso(nextEdge(schedule, Date.parse(at), SHANGHAI))).toBe(edge);
  });

  it('joins spans that touch or overlap', () => {
    const shifts: Schedule = {
      mode: 'inside',
      spans: [
        { days: [1], from: '14:00', to: '22:00' },
        { days: [1], from: '06:00', to: '14:00' },
        { days: [1], from: '21:00', to: '02:00' },
      ],
    };
    expect(iso(nextEdge(shifts, Date.parse('2026-11-23T07:00+08:00'), SHANGHAI))).toBe('2026-11-23T18:00');
  });

  it('begins no span on a holiday, and ends the one that began the day before', () => {
    const holidays = ['2026-10-01', '2026-10-02'];
    const night: Schedule = { mode: 'inside', spans: [{ days: EVERY_DAY, from: '22:00', to: '06:00' }], holidays };
    const at = Date.parse('2026-10-01T01:00+08:00');
    expect(holds(night, at, SHANGHAI)).toBe(true);
    expect(iso(nextEdge(night, at, SHANGHAI))).toBe('2026-09-30T22:00');
    expect(holds(night, at + 86_400_000, SHANGHAI)).toBe(false);
    expect(iso(nextEdge(night, at + 86_400_000, SHANGHAI))).toBe('2026-10-03T14:00');
  });

  it('finds a holiday months ahead as the end of hours without end', () => {
    const at = Date.parse('2026-11-23T00:00+08:00');
    expect(iso(nextEdge({ ...ALWAYS, holidays: ['2027-10-01'] }, at, SHANGHAI))).toBe('2027-09-30T16:00');
    expect(nextEdge({ ...ALWAYS, holidays: ['2020-10-01'] }, at, SHANGHAI)).toBeNull();
  });

  // Berlin: 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00; both Sundays.
  const spanOn = (from: string, to: string, days = [7]): Schedule => ({ mode: 'inside', spans: [{ days, from, to }] });
  it.each([
    ['the night that loses an hour', spanOn('22:00', '06:00', [6]), '2026-03-28T21:00Z', '2026-03-29T04:00'],
    ['the night that gains an hour', spanOn('22:00', '06:00', [6]), '2026-10-24T20:00Z', '2026-10-25T05:00'],
    ['an end that clocks skip', spanOn('01:00', '02:30'), '2026-03-29T00:00Z', '2026-03-29T01:00'],
    ['a begin that clocks skip', spanOn('02:30', '04:00'), '2026-03-29T01:00Z', '2026-03-29T02:00'],
    ['an end that comes twice: the first', spanOn('01:00', '02:30'), '2026-10-24T23:00Z', '2026-10-25T00:30'],
    ['a begin that comes twice: the first', spanOn('02:30', '04:00'), '2026-10-25T00:30Z', '2026-10-25T03:00'],
  ])('keeps the clocks’ time: %s', (_, schedule, start, end) => {
    const at = Date.parse(start);
    expect(holds(schedule, at - 1, BERLIN)).toBe(false);
    expect(iso(nextEdge(schedule, at - 1, BERLIN))).toBe(iso(at));
    expect(holds(schedule, at, BERLIN)).toBe(true);
    expect(iso(nextEdge(schedule, at, BERLIN))).toBe(end);
  });

  it('leaves out a span that clocks skip altogether', () => {
    const at = Date.parse('2026-03-28T12:00Z');
    expect(iso(nextEdge(spanOn('02:10', '02:50'), at, BERLIN))).toBe('2026-04-05T00:10');
  });

  const clocks = fc.tuple(fc.nat(23), fc.constantFrom(0, 15, 30)).map(([h, m]) => {
    return `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`;
  });
  const schedules = fc.record({
    mode: fc.constantFrom('inside' as const, 'outside' as const),
    spans: fc.array(
      fc.record({ days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), from: clocks, to: clocks }),
      { minLength: 1, maxLength: 3 },
    ),
    holidays: fc.uniqueArray(fc.constantFrom('2026-10-24', '2026-10-25', '2026-03-28', '2026-11-01'), { maxLength: 2 }),
  });
  const zones = fc.constantFrom(SHANGHAI, BERLIN, HAVANA);
  const instants = fc.oneof(
    fc.integer({ min: Date.UTC(2026, 9, 23), max: Date.UTC(2026, 10, 3) }),
    fc.integer({ min: Date.UTC(2026, 2, 6), max: Date.UTC(2026, 2, 31) }),
  );
  const QUARTER = 900_000;

  it('changes at its next edge and nowhere before it', () => {
    fc.assert(
      fc.property(schedules, zones, instants, (schedule, zone, at) => {
        const edge = nextEdge(schedule, at, zone);
        const now = holds(schedule, at, zone);
        const end = Math.min(edge ?? Number.POSITIVE_INFINITY, at + 9 * 86_400_000);
        for (let then = Math.ceil((at + 1) / QUARTER) * QUARTER; then < end; then += QUARTER) {
          if (holds(schedule, then, zone) !== now) expect(iso(then)).toBe(iso(edge));
        }
        if (edge === null) return;
        expect(holds(schedule, edge - 1, zone)).toBe(now);
        expect(holds(schedule, edge, zone)).toBe(!now);
      }),
      { numRuns: 40 },
    );
  });

  it('agrees with the wall clock wherever clocks do not change', () => {
    fc.assert(
      fc.property(schedules, fc.integer({ min: Date.UTC(2026, 5, 1), max: Date.UTC(2026, 6, 1) }), (schedule, at) => {
        const wall = new Date(at + 8 * 3_600_000);
        const time = wall.toISOString().slice(11, 16);
        const today = wall.getUTCDay() || 7;
        const yesterday = today === 1 ? 7 : today - 1;
        const covered = schedule.spans.some(({ days, from, to }) =>
          to > from
            ? days.includes(today) && time >= from && time < to
            : (days.includes(today) && time >= from) || (days.includes(yesterday) && time < to),
        );
        expect(holds(schedule, at, SHANGHAI)).toBe(covered === (schedule.mode === 'inside'));
      }),
    );
  });

  it('gives the same from its clock, which remembers, in any order', () => {
    fc.assert(
      fc.property(schedules, zones, fc.array(instants, { maxLength: 20 }), (schedule, zone, list) => {
        const clock = new ScheduleClock(schedule, zone);
        for (const at of list) expect(clock.holds(at)).toBe(holds(schedule, at, zone));
      }),
    );
  });
});

describe('problems of a schedule', () => {
  it('are none for one that is right', () => {
    expect(problemsOfSchedule(DAY)).toEqual([]);
    expect(problemsOfSchedule({ ...NIGHT, mode: 'outside', holidays: ['2028-02-29'] })).toEqual([]);
  });

  it.each<[unknown, string[]]>([
    [{ ...DAY, mode: 'never' }, ['mode: expected one of inside, outside']],
    [{ ...DAY, spans: [] }, ['spans: expected 1 to 28 entries, got 0']],
    [{ ...DAY, spans: Array(29).fill(DAY.spans[0]) }, ['spans: expected 1 to 28 entries, got 29']],
    [spansWith({ days: [] }), ['spans[0].days: expected days from 1 (Monday) to 7, each once']],
    [spansWith({ days: [0] }), ['spans[0].days: expected days from 1 (Monday) to 7, each once']],
    [spansWith({ days: [8] }), ['spans[0].days: expected days from 1 (Monday) to 7, each once']],
    [spansWith({ days: [1, 1] }), ['spans[0].days: expected days from 1 (Monday) to 7, each once']],
    [spansWith({ from: '24:00' }), ['spans[0].from: expected a time from 00:00 to 23:59, such as 08:30']],
    [spansWith({ to: '8:00' }), ['spans[0].to: expected a time from 00:00 to 23:59, such as 08:30']],
    [{ ...DAY, holidays: ['2026-02-29'] }, ['holidays[0]: expected a date such as 2026-10-01']],
    [{ ...DAY, holidays: ['2026-10-01', '1 Oct'] }, ['holidays[1]: expected a date such as 2026-10-01']],
    [{ ...DAY, holidays: Array(129).fill('2026-10-01') }, ['holidays: expected 0 to 128 entries, got 129']],
  ])('of %j name the field', (schedule, problems) => {
    expect(linesOf(problemsOfSchedule(schedule as Schedule))).toEqual(problems);
  });
});

function spansWith(change: Partial<Schedule['spans'][number]>): Schedule {
  return { ...DAY, spans: [{ ...DAY.spans[0]!, ...change }] };
}
