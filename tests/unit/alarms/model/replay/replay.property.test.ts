import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlarmEngine } from '../../../../../src/alarms/engine/engine.js';
import { Finder } from '../../../../../src/alarms/model/explain/findings.js';
import type { ReplayInput } from '../../../../../src/alarms/model/judge/replay.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { isLateEvent } from '../../../../../src/alarms/model/transition.js';
import { newAlarmStats } from '../../../../../src/alarms/port.js';
import { deviceKey } from '../../../../../src/model/ids.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { cod, oneLevel, shippedRule } from '../rules/helpers.js';
import { replay } from './all-steps.js';

const S = 1_000;
const T0 = Date.UTC(2026, 10, 23);
const zone = new TimeZone('Asia/Shanghai');

/** Readings in the order of their receipt: steps, gaps, late and old ones, bad ones. */
const stream = (values: readonly number[]) =>
  fc
    .array(
      fc.record({
        times: fc.integer({ min: 1, max: 8 }),
        stepS: fc.constantFrom(1, 10, 25, 25, 25, 60, 99, 100, 101, 400),
        behindS: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 5, 60, 119, 121, 3_600, -30),
        value: fc.constantFrom(...values),
        verdict: fc.constantFrom(
          ...([
            ['N', 'good'],
            ['N', 'good'],
            ['N', 'good'],
            ['D', 'flagged'],
            ['M', 'flagged'],
            ['N', 'out_of_range'],
          ] as const),
        ),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((steps) => {
      let now = T0;
      return steps.flatMap(({ times, stepS, behindS, value, verdict: [flag, quality] }): ReplayInput[] =>
        Array.from({ length: times }, () => {
          now += stepS * S;
          const reading = { metric: '', ts: now - behindS * S, value, flag, quality };
          return { device: 'one', receivedAt: now, reading };
        }),
      );
    });

const about = (rule: AlarmRule, inputs: readonly ReplayInput[]) =>
  inputs.map((input) => ({ ...input, reading: { ...input.reading, metric: rule.metric } }));

function live(rule: AlarmRule, inputs: readonly ReplayInput[]) {
  const engine = new AlarmEngine(
    { rules: [rule], registry: { device: () => undefined }, zone, maxConditions: 10, stats: newAlarmStats() },
    1,
  );
  const domain = rule.domain as 'fire';
  for (const { device, receivedAt, reading } of inputs) {
    engine.evaluate({
      park: 'park-a',
      domain,
      device: deviceKey('park-a', device),
      gateway: 'gw',
      receivedAt,
      readings: [reading],
    });
  }
  // What is only recorded as of the past decides nothing.
  const live = engine.unstored.events.filter(({ event }) => !isLateEvent(event));
  return live.map(({ event, at, receivedAt, alarm }) => ({
    ...{ event, at, receivedAt, level: alarm.level, setpoint: alarm.setpoint },
    ...(event === 'raised' && { value: alarm.value, since: alarm.since }),
  }));
}

function replayed(rule: AlarmRule, inputs: readonly ReplayInput[]) {
  const finder = new Finder();
  for (const step of replay(rule, inputs, { facts: { expectedIntervalS: null }, zone, open: () => null })) {
    finder.append(step, rule, inputs[0]!);
  }
  const { transitions } = finder.found();
  return transitions.map(({ kind, at, receivedAt, name, setpoint, value, since }) => ({
    ...{ event: kind, at, receivedAt, level: name, setpoint },
    ...(kind === 'raised' && { value, since }),
  }));
}

describe('a replay', () => {
  it.each([
    ['two levels with delays', cod({}), [70, 77, 79, 81, 95, 101, 120]],
    ['one level at once', cod({ comparison: oneLevel, onDelayS: 0, offDelayS: 0 }), [70, 76, 77, 81]],
    ['one level, long off-delay', cod({ comparison: oneLevel, onDelayS: 30, offDelayS: 120 }), [70, 78, 81]],
    [
      'a low side',
      { ...shippedRule('hydrant-pressure-low'), onDelayS: 10, maxGapS: 100 },
      [0.05, 0.1, 0.11, 0.12, 0.3],
    ],
    ['a state that faulty devices may report', shippedRule('smoke-alarm'), [0, 1]],
    ['a state with a delay', { ...shippedRule('fire-door-open'), onDelayS: 60, maxGapS: 100 }, [0, 1]],
  ] as const)('decides as the live engine did: %s', (_, rule, values) => {
    let decisions = 0;
    fc.assert(
      fc.property(stream(values), (given) => {
        const inputs = about(rule, given);
        const expected = live(rule, inputs);
        decisions += expected.length;
        expect(replayed(rule, inputs)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
    expect(decisions).toBeGreaterThan(15);
  });
});
