import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import type { VoteSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { VOTE_MET_LIMIT } from '../../../../../src/alarms/model/signal/vote.js';
import { CONTEXT, expectRows, readingOf, S, START } from './helpers.js';

const PUMP: VoteSpec = {
  kind: 'vote',
  scope: 'device',
  members: [
    { metric: 'level_m', side: 'high', setpoint: 2, inclusive: false },
    { metric: 'flow', side: 'low', setpoint: 1, inclusive: true },
    { metric: 'running', side: 'equal', setpoint: 1, inclusive: false },
  ],
};
const HALL: VoteSpec = {
  kind: 'vote',
  scope: 'place',
  members: [
    { metric: 'smoke', side: 'equal', setpoint: 1, inclusive: true },
    { metric: 'heat', side: 'equal', setpoint: 1, inclusive: true },
  ],
};
const level = { metric: 'level_m' };
const flow = { metric: 'flow' };
const running = { metric: 'running' };

describe('vote', () => {
  it('counts the members of a device that are met, by the newest reading of each', () => {
    expectRows(PUMP, [
      [0, 1, 0, level],
      [10, 1, 1, running],
      [20, 2.1, 2, level],
      [30, 1, 3, flow],
      [40, 1.1, 2, flow],
      [50, 2, 1, level],
      [60, 0, 0, running],
    ]);
  });

  it('has no evidence from a metric that has no vote', () => {
    expectRows(PUMP, [[0, 1, null, { metric: 'other' }]]);
  });

  it('judges one metric by several members', () => {
    const band = { ...PUMP, members: [PUMP.members[0]!, { ...PUMP.members[0]!, side: 'low', setpoint: 3 } as const] };
    expectRows(band, [
      [0, 1, 1, level],
      [1, 2.5, 2, level],
      [2, 4, 1, level],
    ]);
  });

  it('no longer counts a member that has said nothing for longer than the gap bound', () => {
    expectRows(PUMP, [
      [0, 1, 1, running],
      [50, 3, 2, level],
      [100, 0, 3, flow],
      [101, 0, 2, flow],
      [150, 0, 2, flow],
      [151, 0, 1, flow],
    ]);
  });

  const on = (device: string, metric = 'smoke') => ({ device, metric });
  it('counts each device of a place', () => {
    expectRows(HALL, [
      [0, 1, 1, on('a')],
      [1, 1, 2, on('b')],
      [2, 1, 2, on('b', 'heat')],
      [3, 1, 2, on('b')],
      [4, 0, 1, on('a')],
      [5, 0, 1, on('c')],
      [6, 0, 1, on('b')],
      [7, 0, 0, on('b', 'heat')],
    ]);
  });

  it('counts a combined detector as one, however many of its metrics are met', () => {
    expectRows(HALL, [
      [0, 1, 1, on('a')],
      [1, 1, 1, on('a', 'heat')],
      [2, 1, 2, on('b', 'heat')],
    ]);
    expectRows({ ...HALL, distinct: true }, [
      [0, 1, 1, on('a')],
      [1, 1, 1, on('a', 'heat')],
      [2, 1, 2, on('b')],
      [3, 0, 2, on('a')],
      [4, 0, 1, on('b')],
    ]);
  });

  it('counts each voter for as long as its own reading holds, by its receipt', () => {
    const signal = openSignal(HALL, null, CONTEXT);
    const take = (atS: number, device: string, holdS: number, nowS = atS, lagMs: number | null = 0) =>
      signal.measure(readingOf(atS, 1, { metric: 'smoke' }), START + atS * S, device, {
        ...{ receivedAt: START + nowS * S, lagMs, holdMs: holdS * S },
      });
    expect(take(0, 'a', 3_600)).toBe(1);
    expect(take(360, 'b', 3_600)).toBe(2);
    expect(take(3_601, 'c', 3_600)).toBe(2);
    // Of ten hours ago: it holds no more.
    expect(take(-36_000, 'd', 3_600, 3_602, null)).toBe(2);
    const restored = openSignal(HALL, JSON.parse(JSON.stringify(signal.save())), CONTEXT);
    expect(restored.save()).toEqual(signal.save());
  });

  it('takes what comes late, but live, for as fresh as its receipt: a gateway may hand on a minute at once', () => {
    const signal = openSignal(HALL, null, CONTEXT);
    const take = (atS: number, device: string, nowS: number) =>
      signal.measure(readingOf(atS, 1, { metric: 'smoke' }), START + atS * S, device, {
        ...{ receivedAt: START + nowS * S, lagMs: 0, holdMs: 15 * S },
      });
    expect(take(0, 'a', 85)).toBe(1);
    expect(take(5, 'b', 90)).toBe(2);
    expect(take(100, 'b', 101)).toBe(1);
  });

  it('counts each member once where they are to be distinct', () => {
    expectRows({ ...HALL, distinct: true }, [
      [0, 1, 1, on('a')],
      [1, 1, 1, on('b')],
      [2, 1, 2, on('c', 'heat')],
      [3, 0, 2, on('a')],
      [4, 0, 1, on('b')],
    ]);
  });

  it('counts age from the newest series, whatever order the devices come in', () => {
    expectRows(HALL, [
      [100, 0, 0, on('a')],
      [10, 1, 1, on('b')],
      [-1, 1, 1, on('c')],
      [110, 0, 1, on('a')],
      [111, 0, 0, on('a')],
      [10, 1, 0, on('b')],
    ]);
  });

  it('believes good readings alone, by that evidence', () => {
    expectRows(HALL, [
      [0, 1, null, { ...on('a'), flag: 'D' }],
      [1, 1, 1, on('a')],
      [2, 0, null, { ...on('a'), flag: 'D' }],
      [3, 0, 1, on('b')],
    ]);
  });

  it('believes a faulty detector when it warns, by the other, and not when it is serviced or at rest', () => {
    expectRows(
      HALL,
      [
        [0, 1, null, { ...on('a'), flag: 'M' }],
        [1, 1, null, { ...on('a'), flag: 'C' }],
        [2, 1, 1, { ...on('a'), flag: 'D' }],
        [3, 0, null, { ...on('a'), flag: 'D' }],
        [4, 0, 1, on('b')],
        [5, 0, 0, on('a')],
      ],
      { evidence: 'unless_serviced' },
    );
  });

  it('keeps a bounded number as met, counts what it turned away, and takes on others when there is room', () => {
    const signal = openSignal(HALL, null, CONTEXT);
    const take = (atS: number, device: number, value: number) =>
      signal.measure(readingOf(atS, value, { metric: 'smoke' }), START + atS * S, `${'detector-'.repeat(6)}${device}`);
    for (let device = 0; device < VOTE_MET_LIMIT; device += 1) expect(take(0, device, 1)).toBe(device + 1);
    expect(signal.turnedAway).toBe(0);
    expect(take(1, 999, 1)).toBe(VOTE_MET_LIMIT);
    expect(take(2, 999, 1)).toBe(VOTE_MET_LIMIT);
    expect(signal.turnedAway).toBe(2);
    expect(take(3, 0, 0)).toBe(VOTE_MET_LIMIT - 1);
    expect(take(4, 999, 1)).toBe(VOTE_MET_LIMIT);
    expect(signal.turnedAway).toBe(2);
    expect(JSON.stringify(signal.save()).length).toBeLessThan(2_048);
  });

  it('agrees with a model that keeps the newest of every series', () => {
    const steps = fc.array(
      fc.record({
        stepMs: fc.integer({ min: 0, max: 40_000 }),
        device: fc.constantFrom('a', 'b', 'c'),
        metric: fc.constantFrom('smoke', 'heat'),
        value: fc.constantFrom(0, 1),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.boolean(), (list, distinct) => {
        const signal = openSignal({ ...HALL, distinct }, null, CONTEXT);
        const newest = new Map<string, { at: number; value: number; metric: string; device: string }>();
        let now = START;
        let latest = 0;
        for (const { stepMs, device, metric, value } of list) {
          now += stepMs;
          // Each device has its own lag, so that its series never go back.
          const at = now - (device === 'a' ? 0 : device === 'b' ? 5_000 : 90_000);
          latest = Math.max(latest, at);
          newest.set(`${device} ${metric}`, { at, value, metric, device });
          const met = [...newest.values()].filter((one) => one.value === 1 && latest - one.at <= CONTEXT.maxGapMs);
          const [devices, metrics] = [new Set(met.map((one) => one.device)), new Set(met.map((one) => one.metric))];
          // With two metrics the smaller of both is what different devices can stand for.
          const count = distinct ? Math.min(devices.size, metrics.size) : devices.size;
          expect(signal.measure({ ...readingOf(0, value, { metric }), ts: at }, at, device)).toBe(count);
        }
      }),
    );
  });
});
