import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LivenessBook } from '../../../../../src/alarms/absence/liveness-book.js';
import { AlarmEngine } from '../../../../../src/alarms/engine/engine.js';
import { Finder } from '../../../../../src/alarms/model/explain/findings.js';
import type { ReplayInput } from '../../../../../src/alarms/model/judge/replay.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import { isLateEvent } from '../../../../../src/alarms/model/transition.js';
import { newAlarmStats } from '../../../../../src/alarms/port.js';
import { deviceKey } from '../../../../../src/model/ids.js';
import type { DeviceReadings, Domain } from '../../../../../src/model/reading.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { cod, oneLevel, shippedRule } from '../rules/helpers.js';
import { replay } from './all-steps.js';

const S = 1_000;
const HOUR = 3_600 * S;
const T0 = Date.UTC(2026, 10, 23);
const KEY = deviceKey('park-a', 'one');
const zone = new TimeZone('Asia/Shanghai');

/** Readings of a device that nobody registered and that reports every so often, now and then with an outage. */
const stream = (values: readonly number[]) =>
  fc
    .record({
      stepMs: fc.constantFrom(HOUR / 4, HOUR, 4 * HOUR),
      runs: fc.array(
        fc.record({
          times: fc.integer({ min: 1, max: 12 }),
          value: fc.constantFrom(...values),
          isBad: fc.constantFrom(false, false, false, true),
          outageSteps: fc.constantFrom(0, 0, 0, 2, 5),
          jitter: fc.integer({ min: -20, max: 20 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    })
    .map(({ stepMs, runs }) => {
      let now = T0;
      return runs.flatMap(({ times, value, isBad, outageSteps, jitter }) => {
        now += outageSteps * stepMs;
        return Array.from({ length: times }, (): ReplayInput => {
          now += stepMs + jitter * S;
          const verdict = isBad
            ? ({ flag: 'D', quality: 'flagged' } as const)
            : ({ flag: 'N', quality: 'good' } as const);
          return { device: KEY, receivedAt: now, reading: { metric: '', ts: now, value, ...verdict } };
        });
      });
    });

/** What the engine decides as the readings come, and learns of them beside it. */
function live(rule: AlarmRule, inputs: readonly ReplayInput[]) {
  const heard = new LivenessBook({ registry: { device: () => undefined } });
  const domain = rule.domain as Domain;
  const device = heard.meet({ device: KEY, park: 'park-a', domain, gateway: 'gw' })!;
  const engine = new AlarmEngine(
    {
      ...{ rules: [rule], registry: { device: () => undefined }, zone, maxConditions: 10, stats: newAlarmStats() },
      usualMs: (key, metric) => heard.learnedMs(key, metric),
    },
    1,
  );
  for (const { receivedAt, reading } of inputs) {
    const message: DeviceReadings = {
      ...{ park: 'park-a', domain, device: KEY, gateway: 'gw', receivedAt, readings: [reading] },
    };
    engine.endDelays(receivedAt - 1);
    engine.evaluate(message);
    device.noteReceipt(message, receivedAt);
  }
  const events = engine.unstored.events.filter(({ event }) => !isLateEvent(event));
  return events.map(({ event, at, alarm }) => [event, (at - T0) / S, alarm.level]);
}

function replayed(rule: AlarmRule, inputs: readonly ReplayInput[]) {
  const finder = new Finder();
  const options = {
    facts: { expectedIntervalS: null, usualMs: () => null },
    zone,
    open: (one: AlarmRule, gapMs: () => number) =>
      one.signal.kind === 'value'
        ? null
        : openSignal(one.signal, null, {
            subject: KEY,
            get maxGapMs() {
              return gapMs();
            },
            evidence: one.evidence,
            baseline: () => null,
          }),
  };
  for (const step of replay(rule, inputs, options)) finder.append(step, rule, inputs[0]!);
  return finder.found().transitions.map(({ kind, at, name }) => [kind, (at - T0) / S, name]);
}

const delayed = cod({ comparison: oneLevel, onDelayS: (10 * HOUR) / S, offDelayS: (5 * HOUR) / S, maxGapS: 7_200 });

describe('a replay of a device that reports rarely, of which the registry says nothing', () => {
  it.each([
    ['long delays', delayed, [70, 95]],
    ['long delays, without a gap of the rule', { ...delayed, maxGapS: null }, [70, 95]],
    ['a rate', shippedRule('conductivity-rising-electroplating'), [500, 3_000, 9_000, 20_000]],
    ['a share of bad data', shippedRule('cod-bad-data'), [40, 41]],
    ['a value that is stuck', shippedRule('cod-stuck'), [40, 41]],
  ] as const)('decides as the live engine did: %s', (_, shipped, values) => {
    const rule: AlarmRule = { ...shipped, limitProfile: null };
    let decisions = 0;
    fc.assert(
      fc.property(stream(values), (given) => {
        const inputs = given.map((one) => ({ ...one, reading: { ...one.reading, metric: rule.metric } }));
        const expected = live(rule, inputs);
        decisions += expected.length;
        expect(replayed(rule, inputs)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
    expect(decisions).toBeGreaterThan(15);
  });
});
