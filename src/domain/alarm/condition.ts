import type { Reading } from '../reading.js';
import type { AlarmRule, RuleCondition } from './rule.js';

/** Whether the value is abnormal. */
export function isMet(condition: RuleCondition, value: number): boolean {
  return isBeyond(condition, condition.setpoint, value);
}

/** Whether the value is back to normal by the whole deadband. */
export function isCleared(condition: RuleCondition, value: number): boolean {
  switch (condition.kind) {
    case 'high':
      return !isBeyond(condition, decimal(condition.setpoint - condition.deadband), value);
    case 'low':
      return !isBeyond(condition, decimal(condition.setpoint + condition.deadband), value);
    case 'state':
      return value !== condition.setpoint;
  }
}

/** Undoes binary rounding: 0.1 + 0.02 must be the 0.12 that a device sends. */
function decimal(value: number): number {
  return Number(value.toPrecision(12));
}

function isBeyond(condition: RuleCondition, bound: number, value: number): boolean {
  switch (condition.kind) {
    case 'high':
      return value > bound || (condition.inclusive && value === bound);
    case 'low':
      return value < bound || (condition.inclusive && value === bound);
    case 'state':
      return value === bound;
  }
}

/** What one reading says about a rule: `between` is back across the setpoint but within the deadband. */
export type Verdict = 'met' | 'between' | 'cleared' | 'no_evidence';

/** Judges one reading by itself; `no_evidence` when its quality does not let it count. */
export function judge(rule: Pick<AlarmRule, 'condition' | 'evidence'>, reading: Reading): Verdict {
  const good = reading.quality === 'good';
  if (!good && (rule.evidence === 'good' || reading.flag === 'M' || reading.flag === 'C')) return 'no_evidence';
  if (isMet(rule.condition, reading.value)) return 'met';
  if (!good) return 'no_evidence';
  return isCleared(rule.condition, reading.value) ? 'cleared' : 'between';
}

/** Whether a normal condition certainly stays normal; what the engine asks before anything else, without allocating. */
export function staysNormal(rule: Pick<AlarmRule, 'condition'>, reading: Reading): boolean {
  return reading.quality === 'good' && !isMet(rule.condition, reading.value);
}
