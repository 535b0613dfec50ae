import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCleared, isMet, staysNormal } from '../../../src/domain/alarm/condition.js';
import { evaluate } from '../../../src/domain/alarm/evaluate.js';
import { type AlarmRule, gapBoundMs } from '../../../src/domain/alarm/rule.js';
import { type ConditionState, normalState } from '../../../src/domain/alarm/state.js';
import type { Transition } from '../../../src/domain/alarm/transition.js';
import { DATA_FLAGS, type Reading } from '../../../src/domain/reading.js';
import { LIVE_WINDOW_MS } from '../../../src/domain/wire/readings.js';
import { COD, PRESSURE, reading, SMOKE } from './fixtures.js';

interface Arrival {
  readonly reading: Reading;
  readonly receivedAt: number;
}

const rules = fc.constantFrom<AlarmRule>(
  COD,
  PRESSURE,
  SMOKE,
  { ...SMOKE, onDelayS: 30 },
  { ...COD, evidence: 'unless_serviced' },
);

/** Values around the setpoint; mostly good, mostly in order, some late, some ahead. */
const arrivals = (rule: AlarmRule) =>
  fc
    .array(
      fc.record({
        stepMs: fc.oneof(
          { weight: 6, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
          { weight: 1, arbitrary: fc.integer({ min: 90_000, max: 400_000 }) },
        ),
        lagMs: fc.oneof(
          { weight: 6, arbitrary: fc.constant(0) },
          { weight: 2, arbitrary: fc.integer({ min: -200_000, max: 300_000 }) },
        ),
        offset: fc.constantFrom(-6, -4, -1, 0, 1, 4, 6),
        flag: fc.oneof({ weight: 6, arbitrary: fc.constant('N' as const) }, fc.constantFrom(...DATA_FLAGS)),
      }),
      { maxLength: 60 },
    )
    .map((steps): Arrival[] => {
      let now = 1_700_000_000_000;
      const unit = rule.condition.kind === 'state' ? 1 : rule.condition.deadband / 4;
      return steps.map(({ stepMs, lagMs, offset, flag }) => {
        now += stepMs;
        const value =
          rule.condition.kind === 'state' ? Math.max(0, Math.sign(offset)) : rule.condition.setpoint + offset * unit;
        return { reading: reading(now - lagMs, value, flag), receivedAt: now };
      });
    });

const scenario = rules.chain((rule) => arrivals(rule).map((stream) => ({ rule, stream })));

function run(rule: AlarmRule, stream: readonly Arrival[]) {
  let state: ConditionState = normalState();
  const steps: { arrival: Arrival; before: ConditionState; after: ConditionState; transition?: Transition }[] = [];
  for (const arrival of stream) {
    const receipt = { receivedAt: arrival.receivedAt, gapMs: gapBoundMs(rule, null) };
    const { state: after, transition } = evaluate(rule, state, arrival.reading, receipt);
    steps.push({ arrival, before: state, after, ...(transition && { transition }) });
    state = after;
  }
  return steps;
}

describe('evaluate, for any stream of readings', () => {
  it('alternates raised and cleared, and the last raise ends or stands', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        const steps = run(rule, stream);
        const events = steps.flatMap((step) => step.transition?.event ?? []);
        expect(events).toEqual(events.map((_, index) => (index % 2 === 0 ? 'raised' : 'cleared')));
        expect(steps.at(-1)?.after.phase === 'active').toBe(events.at(-1) === 'raised');
      }),
    );
  });

  it('raises only when every reading that counted over the on-delay met the condition, without a gap', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        const steps = run(rule, stream);
        steps.forEach(({ arrival, transition }, index) => {
          if (transition?.event !== 'raised') return;
          expect(arrival.receivedAt - arrival.reading.ts).toBeLessThanOrEqual(LIVE_WINDOW_MS);
          expect(transition.at - transition.since).toBeGreaterThanOrEqual(rule.onDelayS * 1_000);
          const counted = steps
            .slice(0, index + 1)
            .filter((step) => step.after !== step.before && step.after.lastTs >= transition.since);
          const run = counted.slice(
            counted.findLastIndex((step) => !isMet(rule.condition, step.arrival.reading.value)) + 1,
          );
          expect(run[0]?.after.lastTs).toBeLessThanOrEqual(transition.since);
          for (let at = 1; at < run.length; at += 1) {
            const from = run[at - 1]!.after.lastTs;
            if (from >= transition.since) {
              expect(run[at]!.after.lastTs - from).toBeLessThanOrEqual(gapBoundMs(rule, null));
            }
          }
        });
      }),
    );
  });

  it('clears only by a good value beyond the deadband', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        for (const { arrival, transition } of run(rule, stream)) {
          if (transition?.event !== 'cleared') continue;
          expect(arrival.reading.quality).toBe('good');
          expect(isCleared(rule.condition, arrival.reading.value)).toBe(true);
        }
      }),
    );
  });

  it('gives the same when replayed, in one go or from any state on the way', () => {
    fc.assert(
      fc.property(scenario, fc.nat(), ({ rule, stream }, cut) => {
        const whole = run(rule, stream);
        expect(run(rule, stream)).toEqual(whole);
        const at = stream.length === 0 ? 0 : cut % stream.length;
        let state = whole[at]?.before ?? normalState();
        for (const step of whole.slice(at)) {
          const receipt = { receivedAt: step.arrival.receivedAt, gapMs: gapBoundMs(rule, null) };
          state = evaluate(rule, structuredClone(state), step.arrival.reading, receipt).state;
          expect(state).toEqual(step.after);
        }
      }),
    );
  });

  it('agrees with the engine’s short cut: what stays normal has no transition and only moves the clock', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        for (const { arrival, before, after, transition } of run(rule, stream)) {
          if (before.phase !== 'normal' || !staysNormal(rule, arrival.reading)) continue;
          expect(transition).toBeUndefined();
          expect(after.phase).toBe('normal');
          expect(after.lastTs).toBe(Math.max(before.lastTs, Math.min(arrival.reading.ts, arrival.receivedAt)));
        }
      }),
    );
  });
});
