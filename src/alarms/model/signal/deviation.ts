import type { Reading } from '../../../model/reading.js';
import { decimal } from './compare.js';
import type { Signal, SignalContext } from './signal.js';
import type { DeviationSpec } from './spec.js';

/** A mean this near to 0 has no percentage unless the rule sets `minBaseline`. */
const SMALLEST_BASELINE = 1e-9;

/**
 * Deviation of a good reading from the usual value at this hour. `minBaseline` and `assumedBaseline` replace a usual
 * value that is small, 0 or unknown. Without them there is no evidence then, nor before the value is looked up.
 */
export class DeviationSignal implements Signal {
  constructor(
    private readonly spec: DeviationSpec,
    private readonly context: Pick<SignalContext, 'subject' | 'baseline'>,
  ) {}

  measure(reading: Reading, at: number, device = this.context.subject): number | null {
    if (reading.quality !== 'good') return null;
    const { weeks, as, assumedBaseline = null } = this.spec;
    const baseline = this.context.baseline(device, reading.metric, at, weeks) ?? assumedBaseline;
    if (baseline === null || !Number.isFinite(baseline)) return null;
    const difference = reading.value - baseline;
    if (as === 'absolute') return decimal(difference);
    const size = sizeOf(this.spec, baseline);
    return size < SMALLEST_BASELINE ? null : decimal((difference / size) * 100);
  }

  save(): null {
    return null;
  }
}

/** The value of which a deviation is a share, in the metric's unit. */
export function sizeOf({ minBaseline = 0 }: DeviationSpec, baseline: number): number {
  return Math.max(Math.abs(baseline), minBaseline);
}
