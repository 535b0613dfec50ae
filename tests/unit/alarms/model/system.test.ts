import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alarm, freshAlarm, withTransition } from '../../../../src/alarms/model/alarm.js';
import { SYSTEM_RULES } from '../../../../src/alarms/model/defaults/system.js';
import { type AlarmFilter, matches } from '../../../../src/alarms/model/filter.js';
import type { AlarmDomain, AlarmRule } from '../../../../src/alarms/model/rule/rule.js';
import { RecentCount, StallDetector } from '../../../../src/alarms/model/stall-detector.js';
import { maySeeService, type Principal } from '../../../../src/model/access.js';
import { SMOKE } from './helpers.js';

const raised = { kind: 'raised', level: 1, at: 1, since: 1, value: 1 } as const;
const raise = (rule: AlarmRule, park: string | null): Alarm => {
  const where = { device: 'x', place: null, enterprise: null, park };
  return withTransition(freshAlarm(rule, where), rule, where, raised, 1);
};
const fire = raise(SMOKE, 'here');
const system = raise(SYSTEM_RULES[0]!, null);

describe('who is told of an alarm of the service itself', () => {
  it.each<[string, AlarmFilter, { fire: boolean; system: boolean }]>([
    ['no limit', {}, { fire: true, system: true }],
    ['parks', { parks: new Set(['here']) }, { fire: true, system: false }],
    ['domains', { domains: new Set(['fire']) }, { fire: true, system: false }],
    ['the domain system', { domains: new Set<AlarmDomain>(['system']) }, { fire: false, system: true }],
    [
      'parks and system',
      { parks: new Set(['here']), domains: new Set(['fire', 'system']) },
      { fire: true, system: true },
    ],
    ['no parks at all', { parks: new Set<string>() }, { fire: false, system: false }],
    ['a scope without the service', { system: false }, { fire: true, system: false }],
    ['system asked without the right', { domains: new Set(['system']), system: false }, { fire: false, system: false }],
    ['priority', { minPriority: 'critical' }, { fire: true, system: false }],
    ['a device of the same name', { device: 'x' }, { fire: true, system: true }],
  ])('%s', (_, filter, expected) => {
    expect({ fire: matches(filter, fire), system: matches(filter, system) }).toEqual(expected);
  });

  const who = (more: Partial<Principal>): Principal => ({
    id: '1',
    name: 'n',
    role: 'operator',
    parks: [],
    districts: [],
    ...more,
  });
  it('is whoever is not limited to some parks, and administrators', () => {
    expect(maySeeService(who({}))).toBe(true);
    expect(maySeeService(who({ parks: ['here'] }))).toBe(false);
    expect(maySeeService(who({ districts: ['ouhai'] }))).toBe(false);
    expect(maySeeService(who({ role: 'admin', parks: ['here'] }))).toBe(true);
  });
});

describe('the rules of the service itself', () => {
  const rule = (id: string) => SYSTEM_RULES.find((one) => one.id === id) as AlarmRule;
  it('warn of the journal at 70 % until below 60, and again at 90 % until below 80', () => {
    expect(rule('journal-filling').comparison).toEqual({
      side: 'high',
      inclusive: true,
      levels: [
        { name: 'warning', priority: 'high', setpoint: 70, deadband: 10 },
        { name: 'alarm', priority: 'critical', setpoint: 90, deadband: 10 },
      ],
    });
  });
});

describe('standing still', () => {
  const at = (position: number, head: number, failing = false) => ({ position, head, failing });

  it('is counted while there is work that does not move, and ends when it moves', () => {
    const still = new StallDetector(0);
    expect(still.observe(at(5, 5), 1_000)).toBe(0);
    expect(still.observe(at(5, 6), 2_000)).toBe(1);
    expect(still.observe(at(5, 900), 301_000)).toBe(300);
    expect(still.observe(at(6, 900), 302_000)).toBe(0);
    expect(still.observe(at(6, 900), 303_000)).toBe(1);
  });

  it('is counted too while it fails, whatever else moves', () => {
    const still = new StallDetector(0);
    still.observe(at(5, 5), 0);
    expect(still.observe(at(6, 6, true), 10_000)).toBe(10);
    expect(still.observe(at(7, 7), 11_000)).toBe(0);
  });

  it('is unknown in the first minute, so that a restart ends no alarm of it', () => {
    const still = new StallDetector(0);
    expect(still.observe(at(5, 9), 1_000)).toBeNull();
    expect(still.observe(at(5, 9), 59_000)).toBeNull();
    expect(still.observe(at(5, 9), 60_000)).toBe(60);
    const well = new StallDetector(0);
    well.observe(at(5, 9), 1_000);
    expect(well.observe(at(6, 9), 2_000)).toBe(0);
  });

  it('never exceeds the time since the last good moment', () => {
    const steps = fc.array(
      fc.record({ ms: fc.integer({ min: 0, max: 5_000 }), done: fc.nat(2), more: fc.nat(2), failing: fc.boolean() }),
      { minLength: 1, maxLength: 50 },
    );
    fc.assert(
      fc.property(steps, (moves) => {
        const still = new StallDetector(0);
        let [now, position, head, good] = [0, 0, 0, 0];
        for (const { ms, done, more, failing } of moves) {
          now += ms;
          head += more;
          const moved = Math.min(head - position, done);
          position += moved;
          if (!failing && (moved > 0 || position === head)) good = now;
          const seconds = still.observe(at(position, head, failing), now);
          if (seconds !== null) expect(seconds).toBeLessThanOrEqual((now - good) / 1_000 + 1e-9);
          if (good === now && seconds !== null) expect(seconds).toBe(0);
        }
      }),
    );
  });
});

describe('what failed a short while ago', () => {
  it('adds up, and is nothing again after a quiet while', () => {
    const count = new RecentCount(10, 300_000);
    expect(count.observe(10, 0)).toBe(0);
    expect(count.observe(12, 1_000)).toBe(2);
    expect(count.observe(13, 200_000)).toBe(3);
    expect(count.observe(13, 499_000)).toBe(3);
    expect(count.observe(13, 500_000)).toBe(0);
    expect(count.observe(14, 501_000)).toBe(1);
  });
});
