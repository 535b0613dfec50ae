import { LEAST_HOLD_MS } from '../../../model/time/trust.js';

/** Which side of a setpoint is abnormal. */
export type ComparisonSide = 'high' | 'low' | 'equal';

/** Whether `value` is on the abnormal side of `setpoint`; `inclusive` counts the setpoint itself for high and low. */
export function isBeyond(side: ComparisonSide, setpoint: number, inclusive: boolean, value: number): boolean {
  if (value === setpoint) return inclusive || side === 'equal';
  return side === 'high' ? value > setpoint : side === 'low' && value < setpoint;
}

/** Undoes binary rounding: (0.3 - 0.25) / 5 becomes the 0.01 of the setpoint. */
export function decimal(value: number): number {
  // Adding 0 turns -0 to 0, so that a memory written as JSON comes back the same.
  return Number.isInteger(value) ? value + 0 : Number(value.toPrecision(12));
}

/** Whether a value holds over the step, in milliseconds; reads `maxGapMs` only for a step above 0. */
export function bridges(context: { readonly maxGapMs: number }, stepMs: number): boolean {
  return stepMs <= LEAST_HOLD_MS || stepMs <= context.maxGapMs;
}
