import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localHour, pastHours, usualOf } from '../../../../../src/alarms/model/judge/baseline.js';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import type { DeviationSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { usualBehind } from '../../../../helpers/usual-behind.js';

const HOUR = 3_600_000;
const utc = (text: string) => Date.parse(`${text}Z`);
const shanghai = new TimeZone('Asia/Shanghai');
const berlin = new TimeZone('Europe/Berlin');
const kolkata = new TimeZone('Asia/Kolkata');

describe('the hour by the clocks', () => {
  it.each([
    ['in Wenzhou', shanghai, '2026-11-23T02:59:59', '2026-11-23T02:00'],
    ['at its begin', shanghai, '2026-11-23T02:00', '2026-11-23T02:00'],
    ['where the offset is no whole hour', kolkata, '2026-11-23T02:45', '2026-11-23T02:30'],
    ['the first time, before clocks are set back', berlin, '2026-10-25T00:30', '2026-10-25T00:00'],
    ['the second time, after it', berlin, '2026-10-25T01:30', '2026-10-25T01:00'],
  ])('%s', (_, zone, at, from) => {
    expect(localHour(utc(at), zone)).toEqual([utc(from), utc(from) + HOUR]);
  });

  it('holds the time it is asked for, and is an hour long, at any time in any zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(shanghai, berlin, kolkata),
        fc.integer({ min: utc('2020-01-01'), max: utc('2030-01-01') }),
        (zone, at) => {
          const [from, to] = localHour(at, zone);
          expect(from <= at && at < to && to - from === HOUR).toBe(true);
        },
      ),
    );
  });
});

describe('the same hour of the past weeks', () => {
  it('is a week earlier each, the nearest first', () => {
    const hour = localHour(utc('2026-11-23T02:10'), shanghai);
    expect(pastHours(hour, 2, shanghai)).toEqual([
      [utc('2026-11-16T02:00'), utc('2026-11-16T03:00')],
      [utc('2026-11-09T02:00'), utc('2026-11-09T03:00')],
    ]);
  });

  it('is the same by the clocks where they were changed in between', () => {
    const hour = localHour(utc('2026-10-26T07:30'), berlin);
    expect(pastHours(hour, 1, berlin)).toEqual([[utc('2026-10-19T06:00'), utc('2026-10-19T07:00')]]);
  });
});

describe('what is usual', () => {
  it.each([
    [[10, 20, 30, 40], 25],
    [[10, null, 30, null], 20],
    [[10, null, null, null], null],
    [[null, null], null],
    [[7], 7],
    [[0, 0], 0],
    [[10, null, null], null],
    [[10, 20, null], 15],
  ])('of the weeks %j is %s', (means, usual) => {
    expect(usualOf(means)).toBe(usual);
  });
});

describe('what was usual behind a recorded deviation', () => {
  it.each([
    ['percent', 150, 50, 100],
    ['percent', 50, -50, 100],
    ['percent', -80, 20, -100],
    ['percent', -120, -20, -100],
    ['percent', 0, -100, null],
    ['absolute', 150, 50, 100],
    ['absolute', 0.3, 0.1, 0.2],
  ] as const)('%s: %s, off by %s, is %s', (as, value, measure, usual) => {
    expect(usualBehind({ kind: 'deviation', weeks: 4, as }, value, measure)).toBe(usual);
  });

  it('is small where the share was one of the least of the rule', () => {
    const spec: DeviationSpec = { kind: 'deviation', weeks: 4, as: 'percent', minBaseline: 5 };
    for (const [seen, usual] of [
      [10, 4.9],
      [5_000, 0.4],
      [7, 0],
      [0, 3],
      [90, 60],
    ] as const) {
      const signal = openSignal(spec, null, { subject: 'd', maxGapMs: 1, evidence: 'good', baseline: () => usual });
      const measure = signal.measure({ metric: 'm', ts: 0, value: seen, flag: 'N', quality: 'good' }, 0)!;
      expect(usualBehind(spec, seen, measure)).toBeCloseTo(usual, 8);
    }
  });

  it('is what the signal measured it from', () => {
    const value = fc.double({ min: 0.1, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(value, value, fc.constantFrom('percent', 'absolute'), (seen, usual, as) => {
        const spec: DeviationSpec = { kind: 'deviation', weeks: 4, as: as as 'percent' };
        const signal = openSignal(spec, null, { subject: 'd', maxGapMs: 1, evidence: 'good', baseline: () => usual });
        const measure = signal.measure({ metric: 'm', ts: 0, value: seen, flag: 'N', quality: 'good' }, 0)!;
        const found = usualBehind(spec, seen, measure)!;
        // The measure has 12 digits; near -100 % they say less of the mean.
        const lost = as === 'percent' ? Math.max(1, usual / seen) : Math.max(1, seen / usual);
        expect(Math.abs(found - usual) / usual).toBeLessThan(1e-9 * lost);
      }),
    );
  });
});
