import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCondition } from '../../../../../src/alarms/model/judge/condition.js';
import { dueAt, evaluate, evaluateHeld } from '../../../../../src/alarms/model/judge/evaluate.js';

const delay = fc.constantFrom(0, 10, 60);
const rules = fc.record({ onDelayS: delay, offDelayS: delay, upper: delay }).map(({ onDelayS, offDelayS, upper }) => ({
  onDelayS,
  offDelayS,
  comparison: {
    side: 'high' as const,
    inclusive: true,
    levels: [
      { name: 'high', priority: 'high' as const, setpoint: 1, deadband: 0 },
      { name: 'higher', priority: 'critical' as const, setpoint: 2, deadband: 0, onDelayS: upper },
    ],
  },
}));
const seen = fc.record({
  stepMs: fc.constantFrom(0, 1, 5_000, 30_000, 120_000),
  measure: fc.constantFrom(null, 0, 1, 2),
  mayEnd: fc.boolean(),
  late: fc.boolean(),
  anyAge: fc.boolean(),
  inSchedule: fc.boolean(),
});
const GAP_MS = 300_000;

describe('a delay that ends by the clock', () => {
  it('changes the level each time, so that passing time comes to an end', () => {
    fc.assert(
      fc.property(rules, fc.array(seen, { maxLength: 12 }), fc.boolean(), (rule, all, hours) => {
        let condition = normalCondition();
        let at = 1_000_000;
        for (const { stepMs, measure, mayEnd, late, anyAge, inSchedule } of all) {
          at += stepMs;
          const lagMs = late ? null : 0;
          const held = late && anyAge ? { heldLagMs: 1_000_000 } : {};
          condition = evaluate(rule, condition, {
            at,
            measure,
            mayEnd,
            lagMs,
            ...held,
            inSchedule,
            gapMs: GAP_MS,
          }).condition;
          for (let left = 4; ; left -= 1) {
            const due = dueAt(rule, condition, GAP_MS);
            if (due === null || due >= at) break;
            expect(left).toBeGreaterThan(0);
            const { level } = condition;
            condition = evaluateHeld(rule, condition, due, hours).condition;
            expect(condition.level !== level || condition.newest === undefined).toBe(true);
          }
          const due = dueAt(rule, condition, GAP_MS);
          if (due === null) continue;
          expect(due).toBeGreaterThanOrEqual(condition.lastTs);
          const later = evaluateHeld(rule, condition, due, hours).condition;
          expect(later.level !== condition.level || later.newest === undefined).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is no later for what is sent again', () => {
    const rule = {
      onDelayS: 60,
      offDelayS: 0,
      comparison: {
        side: 'high' as const,
        inclusive: true,
        levels: [{ name: 'alarm', priority: 'medium' as const, setpoint: 1, deadband: 0 }],
      },
    };
    const seen = { at: 10_000, measure: 1, mayEnd: true, lagMs: 0, inSchedule: true, gapMs: GAP_MS };
    const first = evaluate(rule, normalCondition(), { ...seen, heldLagMs: 100 }).condition;
    const again = evaluate(rule, first, { ...seen, heldLagMs: 50_000 }).condition;
    expect(again.newest).toEqual({ measure: 1, lagMs: 100 });
  });

  it('raises what was held back for its age once nothing newer came, though it was met for several readings', () => {
    const rule = {
      onDelayS: 0,
      offDelayS: 0,
      comparison: {
        side: 'equal' as const,
        inclusive: true,
        levels: [{ name: 'alarm', priority: 'critical' as const, setpoint: 1, deadband: 0 }],
      },
    };
    const smoke = { measure: 1, mayEnd: true, lagMs: null, heldLagMs: 5_000, inSchedule: true, gapMs: GAP_MS };
    const first = evaluate(rule, normalCondition(), { ...smoke, at: 10_000 }).condition;
    const { condition } = evaluate(rule, first, { ...smoke, at: 20_000 });
    expect(dueAt(rule, condition, GAP_MS)).toBe(20_000);
    expect(evaluateHeld(rule, condition, 20_000, true)).toMatchObject({ reason: 'raised', condition: { level: 1 } });
  });
});
