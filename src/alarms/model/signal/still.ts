import { JITTER } from '../../../model/counter/rise-bound.js';
import type { Reading } from '../../../model/reading.js';
import { SECOND_MS } from '../../../model/time/duration.js';
import { bridges } from './compare.js';
import type { Signal, SignalContext, SignalMemory } from './signal.js';
import type { UnchangedSpec } from './spec.js';

/**
 * Seconds since the value last changed, 0 at a change. Uses good readings only. A stuck sensor keeps sending; a gap
 * restarts the time, since the value may have moved and come back in it.
 */
export class UnchangedSignal implements Signal {
  readonly #tolerance: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #since = 0;
  /** Value at which it got stuck, so that a slow drift leaves the tolerance in the end. */
  #value = Number.NaN;

  constructor(
    spec: UnchangedSpec,
    private readonly context: Pick<SignalContext, 'maxGapMs'>,
    private readonly fingerprint: string,
    memory: SignalMemory | null,
  ) {
    this.#tolerance = spec.tolerance ?? 0;
    if (memory?.numbers.length === 3)
      [this.#lastAt, this.#since, this.#value] = memory.numbers as [number, number, number];
  }

  measure(reading: Reading, at: number): number | null {
    if (reading.quality !== 'good') return null;
    const stuck = Math.abs(reading.value - this.#value) <= this.#tolerance;
    if (!stuck || !bridges(this.context, at - this.#lastAt)) {
      this.#since = at;
      // JSON has no -0.
      this.#value = reading.value + 0;
    }
    this.#lastAt = at;
    return (at - this.#since) / SECOND_MS;
  }

  save(): SignalMemory | null {
    if (Number.isNaN(this.#value)) return null;
    return { spec: this.fingerprint, numbers: [this.#lastAt, this.#since, this.#value] };
  }
}

/**
 * Seconds since a counter last rose, 0 when it rises. Uses good readings only; a gap restarts the time. Neither a fall
 * nor the return from it is a rise: a meter that shows 0 once has not moved. After a reset or a swap the first rise of
 * the new register counts. Jitter of the last digits does not count: an idle register wavers.
 */
export class CounterStillSignal implements Signal {
  #lastAt = Number.NEGATIVE_INFINITY;
  #since = 0;
  #value = Number.NaN;
  /** Lowest reading since the counter fell; equal to `#value` while it has not. */
  #fallen = Number.NaN;

  constructor(
    private readonly context: Pick<SignalContext, 'maxGapMs'>,
    private readonly fingerprint: string,
    memory: SignalMemory | null,
  ) {
    if (memory?.numbers.length !== 4) return;
    [this.#lastAt, this.#since, this.#value, this.#fallen] = memory.numbers as [number, number, number, number];
  }

  measure(reading: Reading, at: number): number | null {
    if (reading.quality !== 'good') return null;
    // JSON has no -0.
    const value = reading.value + 0;
    if (this.#rose(value) || !bridges(this.context, at - this.#lastAt)) {
      this.#since = at;
      this.#value = this.#fallen = value;
    } else {
      this.#fallen = value >= this.#value - JITTER ? this.#value : Math.min(this.#fallen, value);
    }
    this.#lastAt = at;
    return (at - this.#since) / SECOND_MS;
  }

  save(): SignalMemory | null {
    if (Number.isNaN(this.#value)) return null;
    return { spec: this.fingerprint, numbers: [this.#lastAt, this.#since, this.#value, this.#fallen] };
  }

  #rose(value: number): boolean {
    if (value >= this.#value - JITTER) return !(value <= this.#value + JITTER);
    return value > this.#fallen + JITTER;
  }
}
