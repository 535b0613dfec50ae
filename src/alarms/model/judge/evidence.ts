import type { Reading } from '../../../model/reading.js';
import type { AlarmRule, Evidence } from '../rule/rule.js';
import { type ComparisonSide, isBeyond } from '../signal/compare.js';

/** `none`: no evidence. `raises`: may raise, but not end. `full`: may do both. */
type Weight = 'none' | 'raises' | 'full';

/** The weight of a reading. Flag T, beyond the instrument's range, may raise an alarm of a rule on high values. */
export function weigh(evidence: Evidence, reading: Reading, side?: ComparisonSide): Weight {
  if (reading.quality === 'good') return 'full';
  if (evidence === 'good') return reading.flag === 'T' && side === 'high' ? 'raises' : 'none';
  return reading.flag === 'M' || reading.flag === 'C' ? 'none' : 'raises';
}

/** Whether a normal condition certainly stays normal; the engine's first check, which allocates nothing. */
export function staysNormal(rule: Pick<AlarmRule, 'comparison'>, reading: Reading): boolean {
  return reading.quality === 'good' && !meets(rule, reading.value);
}

/** Whether a measure meets any level: the least severe is met first. */
export function meets(
  { comparison: { side, inclusive, levels } }: Pick<AlarmRule, 'comparison'>,
  measure: number,
): boolean {
  return isBeyond(side, levels[0]!.setpoint, inclusive, measure);
}
