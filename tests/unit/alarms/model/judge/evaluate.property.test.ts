import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConditionState, normalCondition, phaseOf } from '../../../../../src/alarms/model/judge/condition.js';
import type { Transition } from '../../../../../src/alarms/model/judge/evaluate.js';
import { staysNormal } from '../../../../../src/alarms/model/judge/evidence.js';
import { levelHeld, levelMet } from '../../../../../src/alarms/model/rule/comparison.js';
import { type AlarmRule, longestBridgedMs } from '../../../../../src/alarms/model/rule/rule.js';
import { DATA_FLAGS, type Reading } from '../../../../../src/model/reading.js';
import { LIVE_WINDOW_MS } from '../../../../../src/model/time/trust.js';
import { COD, GRADED, judge, PRESSURE, reading, SMOKE } from '../helpers.js';

interface Arrival {
  readonly reading: Reading;
  readonly receivedAt: number;
  readonly inSchedule: boolean;
}

const rules = fc.constantFrom<AlarmRule>(
  COD,
  PRESSURE,
  SMOKE,
  { ...SMOKE, onDelayS: 30 },
  { ...SMOKE, offDelayS: 45 },
  { ...COD, evidence: 'unless_serviced', offDelayS: 30 },
  GRADED,
  { ...GRADED, offDelayS: 0, evidence: 'unless_serviced' },
);

/** Values around the setpoints; mostly good, mostly in order and in schedule, some late, some ahead. */
const arrivals = ({ comparison: { side, levels } }: AlarmRule) =>
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
        level: fc.nat(levels.length - 1),
        offset: fc.constantFrom(-6, -4, -1, 0, 1, 4, 6),
        flag: fc.oneof({ weight: 6, arbitrary: fc.constant('N' as const) }, fc.constantFrom(...DATA_FLAGS)),
        inSchedule: fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, fc.constant(false)),
      }),
      { maxLength: 60 },
    )
    .map((steps): Arrival[] => {
      let now = 1_700_000_000_000;
      return steps.map(({ stepMs, lagMs, level, offset, flag, inSchedule }) => {
        now += stepMs;
        const { setpoint, deadband } = levels[level]!;
        const value = side === 'equal' ? Math.max(0, Math.sign(offset)) : setpoint + (offset * deadband) / 4;
        return { reading: reading(now - lagMs, value, flag), receivedAt: now, inSchedule };
      });
    });

const scenario = rules.chain((rule) => arrivals(rule).map((stream) => ({ rule, stream })));

interface Step {
  readonly arrival: Arrival;
  readonly before: ConditionState;
  readonly after: ConditionState;
  readonly transition: Transition | undefined;
}

function run(rule: AlarmRule, stream: readonly Arrival[]): Step[] {
  let condition = normalCondition();
  return stream.map((arrival) => {
    const before = condition;
    const outcome = judge(rule, before, arrival.reading, arrival.receivedAt, arrival.inSchedule);
    condition = outcome.condition;
    return { arrival, before, after: condition, transition: outcome.transition };
  });
}

/** Steps that counted, up to and with this one. */
const countedTo = (steps: readonly Step[], index: number) =>
  steps.slice(0, index + 1).filter(({ before, after }) => before !== after);

/** Asserts that the last steps that satisfy the check reach back for `delayS` without a gap. */
function expectLasted(rule: AlarmRule, steps: readonly Step[], delayS: number, holds: (step: Step) => boolean) {
  const last = steps.slice(steps.findLastIndex((step) => !holds(step)) + 1);
  expect(last.length).toBeGreaterThan(0);
  let from = last.at(-1)!.after.lastTs;
  const until = from;
  for (let at = last.length - 2; at >= 0 && from - last[at]!.after.lastTs <= longestBridgedMs(rule, null); at -= 1) {
    from = last[at]!.after.lastTs;
  }
  expect(until - from).toBeGreaterThanOrEqual(delayS * 1_000);
}

describe('evaluate, for any stream of readings', () => {
  it('alternates raised and cleared with changes of level between, and the last raise ends or stands', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        const steps = run(rule, stream);
        let level = 0;
        for (const { before, after, transition } of steps) {
          expect(before.level).toBe(level);
          if (transition === undefined) {
            expect(after.level).toBe(level);
            continue;
          }
          const { kind } = transition;
          if (kind === 'raised') expect(level).toBe(0);
          else expect(level).toBeGreaterThan(0);
          expect(transition.level === 0).toBe(kind === 'cleared');
          if (kind === 'level_raised') expect(transition.level).toBeGreaterThan(level);
          if (kind === 'level_lowered') expect(transition.level).toBeLessThan(level);
          level = transition.level;
          expect(after.level).toBe(level);
        }
        expect(steps.at(-1)?.after.level ?? 0).toBe(level);
      }),
    );
  });

  it('reaches a level only when every reading that counted over its on-delay met it, without a gap', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        const steps = run(rule, stream);
        steps.forEach(({ arrival, transition }, index) => {
          if (transition?.kind !== 'raised' && transition?.kind !== 'level_raised') return;
          expect(arrival.receivedAt - arrival.reading.ts).toBeLessThanOrEqual(LIVE_WINDOW_MS);
          expect(arrival.inSchedule).toBe(true);
          const { level } = transition;
          const delayS = rule.comparison.levels[level - 1]!.onDelayS ?? rule.onDelayS;
          expectLasted(
            rule,
            countedTo(steps, index),
            delayS,
            (step) => step.arrival.inSchedule && levelMet(rule.comparison, step.arrival.reading.value) >= level,
          );
        });
      }),
    );
  });

  it('leaves a level only by good values beyond its deadband for the off-delay, or when its hours are over', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        const steps = run(rule, stream);
        steps.forEach(({ arrival, before, transition }, index) => {
          if (transition?.kind !== 'cleared' && transition?.kind !== 'level_lowered') return;
          if (!arrival.inSchedule) return;
          expect(arrival.reading.quality).toBe('good');
          for (let level = before.level; level > transition.level; level -= 1) {
            expectLasted(
              rule,
              countedTo(steps, index),
              rule.offDelayS,
              (step) =>
                step.arrival.reading.quality === 'good' &&
                levelHeld(rule.comparison, before.level, step.arrival.reading.value) < level,
            );
          }
        });
      }),
    );
  });

  it('stands, without delays, at the level that the newest reading holds; a late or a faulty one raises or ends nothing', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        const undelayed = {
          ...rule,
          onDelayS: 0,
          offDelayS: 0,
          comparison: {
            ...rule.comparison,
            levels: rule.comparison.levels.map((one) => ({ ...one, onDelayS: 0 })),
          },
        };
        for (const { arrival, before, after } of run(undelayed, stream)) {
          if (after === before || !arrival.inSchedule) continue;
          const live = arrival.receivedAt - arrival.reading.ts <= LIVE_WINDOW_MS;
          const held = levelHeld(rule.comparison, before.level, arrival.reading.value);
          if (live && arrival.reading.quality === 'good') expect(after.level).toBe(held);
          else if (arrival.reading.quality === 'good') expect(after.level).toBe(Math.min(held, before.level));
          else expect(after.level).toBeGreaterThanOrEqual(before.level);
        }
      }),
    );
  });

  it('gives the same when replayed, in one go or from any state on the way that was stored', () => {
    fc.assert(
      fc.property(scenario, fc.nat(), ({ rule, stream }, cut) => {
        const whole = run(rule, stream);
        expect(run(rule, stream)).toEqual(whole);
        const at = stream.length === 0 ? 0 : cut % stream.length;
        let condition = whole[at]?.before ?? normalCondition();
        for (const { arrival, after } of whole.slice(at)) {
          const stored = structuredClone(condition);
          condition = judge(rule, stored, arrival.reading, arrival.receivedAt, arrival.inSchedule).condition;
          expect(condition).toEqual(after);
        }
      }),
    );
  });

  it('agrees with the engine’s short cut: what stays normal has no transition and only moves the clock', () => {
    fc.assert(
      fc.property(scenario, ({ rule, stream }) => {
        for (const { arrival, before, after, transition } of run(rule, stream)) {
          if (phaseOf(before) !== 'normal' || !staysNormal(rule, arrival.reading)) continue;
          expect(transition).toBeUndefined();
          expect(phaseOf(after)).toBe('normal');
          expect(after.lastTs).toBe(Math.max(before.lastTs, Math.min(arrival.reading.ts, arrival.receivedAt)));
        }
      }),
    );
  });
});
