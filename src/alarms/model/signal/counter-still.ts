import { JITTER } from '../../../model/counter/counter.js';
import type { Reading } from '../../../model/reading.js';
import { SECOND_MS } from '../../../model/time/duration.js';
import { bridges } from './compare.js';
import type { Signal, SignalContext, SignalMemory } from './signal.js';

/**
 * Seconds since a counter last rose, 0 when it rises. Only good readings are looked at; a gap starts the time anew.
 * A fall is no rise, and neither is coming back from it: a meter that shows 0 once has not moved. After a reset or a
 * swap the first rise on the new line counts. Jitter of the last digits is neither: an idle register wavers.
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
    // JSON knows no -0.
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
