import type { Priority } from '../class.js';
import { type ComparisonSide, decimal, isBeyond } from '../signal/compare.js';

/** Text for people in the two languages of the boards. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** One step of severity of an alarm. */
export interface AlarmLevel {
  /** `warning`, `alarm`…: what people call it. */
  readonly name: string;
  /** In the unit of the signal. */
  readonly setpoint: number;
  /** How far back the signal must come for the level to end; 0 or more. */
  readonly deadband: number;
  readonly priority: Priority;
  /** Seconds for which the level must be met; the rule's own when left out. */
  readonly onDelayS?: number;
  /** What is wrong at this level; that of the rule, which is of its most severe level, when left out. */
  readonly message?: Text;
}

/**
 * What is abnormal. `inclusive` counts the setpoint itself, as an alarm setting does and a legal limit does not; `equal`
 * knows neither that nor a deadband. Levels are in order, the least severe first.
 */
export interface Comparison {
  readonly side: ComparisonSide;
  readonly inclusive: boolean;
  readonly levels: readonly AlarmLevel[];
}

/** Most levels of one rule. */
export const MAX_LEVELS = 4;

/** Number of the most severe level that the measure meets, 1 for the least severe; 0 when it meets none. */
export function levelMet({ side, inclusive, levels }: Comparison, measure: number): number {
  for (let number = levels.length; number > 0; number -= 1) {
    if (isBeyond(side, levels[number - 1]!.setpoint, inclusive, measure)) return number;
  }
  return 0;
}

/** As `levelMet`, but a level up to `standing` is held until the measure is back by its whole deadband. */
export function levelHeld(comparison: Comparison, standing: number, measure: number): number {
  const { side, inclusive, levels } = comparison;
  const met = levelMet(comparison, measure);
  for (let number = Math.min(standing, levels.length); number > met; number -= 1) {
    if (isBeyond(side, endOf(side, levels[number - 1]!), inclusive, measure)) return number;
  }
  return met;
}

function endOf(side: ComparisonSide, { setpoint, deadband }: AlarmLevel): number {
  if (side === 'equal') return setpoint;
  return decimal(side === 'high' ? setpoint - deadband : setpoint + deadband);
}
