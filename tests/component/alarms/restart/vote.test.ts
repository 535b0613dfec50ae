import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../../src/alarms/model/rule/rule.js';
import { device, type Message, Run, smoke, summary, T0, withDir } from '../helpers.js';

const S = 1_000;
const EVERY_S = 5;
const METER = 'meter-1';
const PHASES = ['a', 'b', 'c'].map((phase) => `voltage_${phase}_v`);

/** All three phases gone for ten seconds. */
const SUPPLY_LOST: AlarmRule = {
  ...DEFAULT_RULES.find(({ id }) => id === 'voltage-a-low')!,
  id: 'supply-lost',
  family: 'supply-lost',
  limitProfile: null,
  signal: {
    kind: 'vote',
    scope: 'device',
    members: PHASES.map((metric) => ({ metric, side: 'low', setpoint: 154, inclusive: false })),
  },
  comparison: {
    side: 'high',
    inclusive: true,
    levels: [{ name: 'alarm', setpoint: 3, deadband: 0, priority: 'high' }],
  },
  onDelayS: 10,
};
const RULES = [SUPPLY_LOST, DEFAULT_RULES.find(({ id }) => id === 'smoke-alarm')!];
const DEVICES = [device(METER, { domain: 'energy', expectedIntervalS: EVERY_S }), device('smoke-1')];

const dead = (ts: number): Message => ({
  domain: 'energy',
  device: METER,
  ts,
  values: Object.fromEntries(PHASES.map((phase) => [phase, 0])),
});

describe('a vote that stands while the service is killed', () => {
  it('goes on standing: how long ago its members spoke is stored with whatever is stored', async () => {
    await withDir(async (dir) => {
      const options = { defaults: RULES, clock: () => T0 };
      const run = await Run.start(dir, options, DEVICES);
      for (let at = 0; at <= 60; at += EVERY_S) await run.send(dead(T0 + at * S));
      // Another alarm moves the place from which readings are evaluated again.
      await run.send(smoke(T0 + 61 * S, true));
      expect(summary(run.published)).toEqual(['1 raised supply-lost:meter-1 @10', '2 raised smoke-alarm:smoke-1 @61']);
      run.crash();

      const again = await Run.start(dir, options, DEVICES);
      for (let at = 65; at <= 90; at += EVERY_S) await again.send(dead(T0 + at * S));
      expect(summary(again.published)).toEqual([]);
      await again.stop();
    });
  });

  it('goes on being timed', async () => {
    await withDir(async (dir) => {
      const slow = [{ ...SUPPLY_LOST, onDelayS: 70 }, RULES[1]!];
      const options = { defaults: slow, clock: () => T0 };
      const run = await Run.start(dir, options, DEVICES);
      for (let at = 0; at <= 60; at += EVERY_S) await run.send(dead(T0 + at * S));
      await run.send(smoke(T0 + 61 * S, true));
      run.crash();

      const again = await Run.start(dir, options, DEVICES);
      for (let at = 65; at <= 90; at += EVERY_S) await again.send(dead(T0 + at * S));
      expect(summary(again.published)).toEqual(['2 raised supply-lost:meter-1 @70']);
      await again.stop();
    });
  });
});
