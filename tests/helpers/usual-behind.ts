import { decimal } from '../../src/alarms/model/signal/compare.js';
import { sizeOf } from '../../src/alarms/model/signal/deviation.js';
import type { DeviationSpec } from '../../src/alarms/model/signal/spec.js';

/**
 * The usual value when a stored deviation was measured, computed from its reading; null where the reading was 0 and the
 * deviation a share. In a series that changes its sign a share beyond 100 % has two solutions: this returns the one
 * above 0.
 */
export function usualBehind(spec: DeviationSpec, value: number, measure: number): number | null {
  const { as, minBaseline = 0 } = spec;
  if (as === 'absolute') return decimal(value - measure);
  // Below `minBaseline` the share is one of `minBaseline`.
  const small = value - (minBaseline * measure) / 100;
  if (Math.abs(small) <= minBaseline && sizeOf(spec, small) > 0) return decimal(small);
  if (value === 0) return null;
  // value = mean + |mean| · share
  const share = measure / 100;
  const above = value / (1 + share);
  return decimal(above > 0 && Number.isFinite(above) ? above : value / (1 - share));
}
