import type { Reading } from '../../../model/reading.js';
import { decimal } from './compare.js';
import type { Signal, SignalContext } from './signal.js';
import type { DeviationSpec } from './spec.js';

/** A mean this near to 0 has no percentage, where the rule does not say from where on one is small. */
const SMALLEST_BASELINE = 1e-9;

/**
 * How far a good reading is from what is usual at this hour. Where the usual is small, 0 or not known at all a rule is
 * not blind: it says what is then compared with. No evidence where it does not, and while nobody could look it up.
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

/** What a deviation is a share of, in the metric's unit. */
export function sizeOf({ minBaseline = 0 }: DeviationSpec, baseline: number): number {
  return Math.max(Math.abs(baseline), minBaseline);
}
