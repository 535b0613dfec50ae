import type { Priority } from './priority.js';

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
}

/**
 * What is abnormal. `inclusive` counts the setpoint itself, as an alarm setting does and a legal limit does not; `equal`
 * knows neither that nor a deadband. Levels are in order, the least severe first.
 */
export interface Comparison {
  readonly side: 'high' | 'low' | 'equal';
  readonly inclusive: boolean;
  readonly levels: readonly AlarmLevel[];
}

/** Most levels of one rule. */
export const MAX_LEVELS = 4;

/** Place of the most severe level that the measure meets, 1 for the least severe; 0 when it meets none. */
export function levelMet({ side, inclusive, levels }: Comparison, measure: number): number {
  for (let place = levels.length; place > 0; place -= 1) {
    if (isBeyond(side, inclusive, levels[place - 1]!.setpoint, measure)) return place;
  }
  return 0;
}

/** As `levelMet`, but a level up to `standing` is held until the measure is back by its whole deadband. */
export function levelHeld(comparison: Comparison, standing: number, measure: number): number {
  const { side, inclusive, levels } = comparison;
  const met = levelMet(comparison, measure);
  for (let place = Math.min(standing, levels.length); place > met; place -= 1) {
    if (isBeyond(side, inclusive, endOf(side, levels[place - 1]!), measure)) return place;
  }
  return met;
}

function endOf(side: Comparison['side'], { setpoint, deadband }: AlarmLevel): number {
  if (side === 'equal') return setpoint;
  // Undoes binary rounding: 0.1 + 0.02 must be the 0.12 that a device sends.
  return Number((side === 'high' ? setpoint - deadband : setpoint + deadband).toPrecision(12));
}

/** Whether `value` is on the abnormal side of `bound`. */
export function isBeyond(side: Comparison['side'], inclusive: boolean, bound: number, value: number): boolean {
  if (side === 'equal') return value === bound;
  return (side === 'high' ? value > bound : value < bound) || (inclusive && value === bound);
}
