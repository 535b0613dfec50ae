import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRIORITIES } from '../../../../../src/alarms/model/class.js';
import type { KpiEvent } from '../../../../../src/alarms/model/kpi/event.js';
import { ALARM_EVENTS, isAnnunciation } from '../../../../../src/alarms/model/transition.js';
import { at, DAY, H, MIN, report, S, T0 } from './helpers.js';

const LENGTH = 4 * DAY;
const ALARMS = ['a:1', 'a:2', 'b:1', 'c:1'];

/** Events of a few alarms in any order of kinds, times rising; mostly close together, some days apart. */
const streams = fc
  .array(
    fc.record({
      step: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 * S }) },
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 2 * H }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 * H }) },
      ),
      alarm: fc.constantFrom(...ALARMS),
      event: fc.oneof(fc.constantFrom('raised', 'cleared', 'acknowledged'), fc.constantFrom(...ALARM_EVENTS)),
      priority: fc.constantFrom(...PRIORITIES),
      auto: fc.boolean(),
    }),
    { maxLength: 90 },
  )
  .map((steps) => {
    let after = 0;
    return steps.map(({ step, alarm, event, priority, auto }) => {
      after += step;
      return at(after, event, alarm, { priority, by: auto ? null : 'token-1' });
    });
  });

/** Is the alarm presented just after the last of `events`: told by looking through them from the front, each time. */
function presented(events: readonly KpiEvent[]): { readonly since: number } | null {
  let since: number | null = null;
  const held = new Set<string>();
  for (const { event, at: time } of events) {
    if (event === 'raised' || event === 'condition_began') since ??= time;
    if (event === 'cleared' || event === 'condition_ended') since = null;
    if (event === 'shelved' || event === 'suppressed' || event === 'out_of_service') held.add(event);
    if (event === 'unshelved') held.delete('shelved');
    if (event === 'unsuppressed') held.delete('suppressed');
    if (event === 'returned_to_service') held.delete('out_of_service');
  }
  return since !== null && held.size === 0 ? { since } : null;
}

const lengthOf = (from: number, to: number) => Math.max(0, to - from);

/** The same numbers, each looked for in all events anew. */
function model(all: readonly KpiEvent[]) {
  const end = T0 + LENGTH;
  const events = all.filter((event) => event.at < end);
  const alarms = events.filter((event) => isAnnunciation(event.event));
  const inWindow = (length: number) =>
    Array.from({ length: LENGTH / length }, (_, n) => {
      const from = T0 + n * length;
      return alarms.filter((event) => event.at >= from && event.at < from + length).length;
    });
  let presentedMs = 0;
  const staleDays = [0, 0, 0, 0];
  let staleAtEnd = 0;
  let waits = 0;
  let waiting = 0;
  const answers: number[] = [];
  for (const id of ALARMS) {
    const own = events.filter((event) => event.alarm === id);
    const spans = own.flatMap((event, n) => {
      const now = presented(own.slice(0, n + 1));
      return now ? [{ since: now.since, from: event.at, to: own[n + 1]?.at ?? end }] : [];
    });
    presentedMs += spans.reduce((sum, { from, to }) => sum + to - from, 0);
    for (let day = 0; day < 4; day++) {
      const from = T0 + day * DAY;
      const stale = spans.some(
        (span) => lengthOf(Math.max(span.from, span.since + DAY, from), Math.min(span.to, from + DAY)) > 0,
      );
      if (stale) staleDays[day]! += 1;
    }
    const last = spans.at(-1);
    if (last && last.to === end && presented(own) && end - last.since > DAY) staleAtEnd += 1;
    let since: number | null = null;
    for (const event of own) {
      if (isAnnunciation(event.event) && since === null) {
        since = event.at;
        waits += 1;
      }
      if (event.event !== 'acknowledged' || since === null) continue;
      if (event.by !== null) answers.push(event.at - since);
      since = null;
    }
    if (since !== null) waiting += 1;
  }
  const counts = ALARMS.map((id) => alarms.filter((event) => event.alarm === id).length);
  return {
    alarms: alarms.length,
    counts: counts.filter((count) => count > 0).sort((a, b) => b - a),
    per10Min: inWindow(10 * MIN),
    perHour: inWindow(H),
    perDay: inWindow(DAY),
    byPriority: PRIORITIES.map((priority) => alarms.filter((event) => event.priority === priority).length),
    ...{ presentedMs, staleDays, staleAtEnd, waits, waiting, answers },
    ...nuisance(events),
  };
}

/** Chattering and fleeting alarms, by comparing every raise with every other. Levels are left to the golden cases. */
function nuisance(events: readonly KpiEvent[]) {
  const chattering = ALARMS.filter((id) => {
    const raises = events.filter((event) => event.alarm === id && event.event === 'raised').map((event) => event.at);
    return raises.some((one, n) => raises.slice(n).filter((other) => other - one < MIN).length >= 3);
  });
  const fleets = (id: string) => {
    const own = events.filter((event) => event.alarm === id);
    return own.filter(({ event, at: time }, n) => {
      if (event !== 'cleared') return false;
      const before = own
        .slice(0, n)
        .findLast(({ event: one }) => /^(raised|cleared|shelved|suppressed|out_of_service)$/.test(one));
      return before?.event === 'raised' && time - before.at <= MIN;
    }).length;
  };
  return { chattering, fleeting: ALARMS.filter((id) => !chattering.includes(id) && fleets(id) > 0) };
}

const above = (counts: readonly number[], limit: number) =>
  (100 * counts.filter((count) => count > limit).length) / counts.length;

describe('the report, for any events', () => {
  it('has the numbers of a model that looks through all events for each of them', () => {
    fc.assert(
      fc.property(streams, (events) => {
        const { value, detail } = report(LENGTH, events);
        const expected = model(events);
        expect(value('alarms')).toBe(expected.alarms);
        expect(value('alarms_per_hour')).toBeCloseTo(expected.alarms / 96);
        expect(value('peak_per_10_min')).toBe(Math.max(...expected.per10Min));
        expect(value('windows_above_10_pct')).toBeCloseTo(above(expected.per10Min, 10));
        expect(value('hours_above_30_pct')).toBeCloseTo(above(expected.perHour, 30));
        expect(detail.days.map((day) => day.alarms)).toEqual(expected.perDay);
        expect(detail.priorities.map((one) => one.alarms)).toEqual(expected.byPriority);
        expect(detail.topTen.map((one) => one.alarms)).toEqual(expected.counts);
        expect(value('standing_average')).toBeCloseTo(expected.presentedMs / LENGTH);
        expect(detail.days.map((day) => day.stale)).toEqual(expected.staleDays);
        expect(value('stale_at_end')).toBe(expected.staleAtEnd);
        expect(detail.acknowledgement.waits).toBe(expected.waits);
        expect(detail.acknowledgement.byOperators).toBe(expected.answers.length);
        expect(value('unacknowledged_at_end')).toBe(expected.waiting);
        if (expected.answers.length > 0) expect(value('acknowledge_max')).toBe(Math.max(...expected.answers) / S);
      }),
      { numRuns: 150 },
    );
  });

  it('finds the chattering and fleeting alarms of the model', () => {
    fc.assert(
      fc.property(streams, (given) => {
        const events = given.filter(({ event }) => !event.startsWith('level_'));
        const { detail } = report(LENGTH, events);
        const expected = nuisance(events.filter((event) => event.at < T0 + LENGTH));
        expect(detail.chattering.items.map((one) => one.alarm).sort()).toEqual(expected.chattering);
        expect(detail.fleeting.items.map((one) => one.alarm).sort()).toEqual(expected.fleeting);
      }),
      { numRuns: 150 },
    );
  });

  it('is the sum of its parts where positions share nothing', () => {
    fc.assert(
      fc.property(streams, (events) => {
        const parts = ALARMS.map((id) =>
          report(
            LENGTH,
            events.filter((event) => event.alarm === id),
          ),
        );
        const whole = report(LENGTH, events);
        const sum = (name: 'alarms' | 'standing_average' | 'unacknowledged_at_end' | 'chattering_alarms') =>
          parts.reduce((total, part) => total + part.value(name)!, 0);
        for (const name of ['alarms', 'standing_average', 'unacknowledged_at_end', 'chattering_alarms'] as const) {
          expect(whole.value(name)).toBeCloseTo(sum(name));
        }
      }),
      { numRuns: 50 },
    );
  });
});
