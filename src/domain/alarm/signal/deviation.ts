import type { Reading } from '../../reading.js';
import { decimal } from './compare.js';
import type { Signal, SignalContext } from './signal.js';
import type { DeviationSpec } from './spec.js';

/** A mean this near to 0 has no percentage, whatever the rule says. */
const SMALLEST_BASELINE = 1e-9;

/** How far a good reading is from what is usual at this hour; no evidence while that is not known. */
export class DeviationSignal implements Signal {
  constructor(
    private readonly spec: DeviationSpec,
    private readonly context: Pick<SignalContext, 'subject' | 'baseline'>,
  ) {}

  take(reading: Reading, at: number, device = this.context.subject): number | null {
    if (reading.quality !== 'good') return null;
    const baseline = this.context.baseline(device, reading.metric, at, this.spec.weeks);
    if (baseline === null || !Number.isFinite(baseline)) return null;
    const difference = reading.value - baseline;
    if (this.spec.as === 'absolute') return decimal(difference);
    const size = Math.abs(baseline);
    if (size < Math.max(this.spec.minBaseline ?? 0, SMALLEST_BASELINE)) return null;
    return decimal((difference / size) * 100);
  }

  save(): null {
    return null;
  }
}
