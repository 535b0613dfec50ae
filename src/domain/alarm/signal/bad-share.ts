import { SECOND_MS } from '../../duration.js';
import type { Reading } from '../../reading.js';
import { decimal } from './compare.js';
import type { Signal, SignalMemory } from './signal.js';
import type { BadShareSpec } from './spec.js';

/** Slices of the window. The oldest one leaves as a whole, so the window may be short by one slice. */
export const BAD_SHARE_SLICES = 30;

/**
 * Per cent of the readings of the window whose quality is not good, whatever the reason. Readings flagged M or C are
 * left out of both counts: an instrument being serviced or calibrated is neither at fault nor proven sound. A reading
 * sent again counts once, the later verdict.
 */
export class BadShareSignal implements Signal {
  readonly #sliceMs: number;
  readonly #minReadings: number;
  readonly #all = new Uint32Array(BAD_SHARE_SLICES);
  readonly #bad = new Uint32Array(BAD_SHARE_SLICES);
  #slice = Number.NEGATIVE_INFINITY;
  #lastTs = Number.NaN;
  #lastBad = 0;
  #sumAll = 0;
  #sumBad = 0;

  constructor(
    spec: BadShareSpec,
    private readonly fingerprint: string,
    memory: SignalMemory | null,
  ) {
    this.#sliceMs = (spec.windowS * SECOND_MS) / BAD_SHARE_SLICES;
    this.#minReadings = spec.minReadings;
    if (memory?.numbers.length === 3 + 2 * BAD_SHARE_SLICES) this.#restore(memory.numbers);
  }

  take(reading: Reading, at: number): number | null {
    if (reading.flag === 'M' || reading.flag === 'C') return null;
    const bad = reading.quality === 'good' ? 0 : 1;
    if (reading.ts === this.#lastTs) this.#count(0, bad - this.#lastBad);
    const again = reading.ts === this.#lastTs;
    this.#advance(Math.floor(at / this.#sliceMs));
    if (!again) this.#count(1, bad);
    this.#lastTs = reading.ts;
    this.#lastBad = bad;
    return this.#sumAll < this.#minReadings || this.#sumAll === 0 ? null : decimal((this.#sumBad / this.#sumAll) * 100);
  }

  save(): SignalMemory | null {
    if (Number.isNaN(this.#lastTs)) return null;
    return { spec: this.fingerprint, numbers: [this.#slice, this.#lastTs, this.#lastBad, ...this.#all, ...this.#bad] };
  }

  #count(all: number, bad: number): void {
    const index = indexOf(this.#slice);
    this.#all[index]! += all;
    this.#bad[index]! += bad;
    this.#sumAll += all;
    this.#sumBad += bad;
  }

  #advance(slice: number): void {
    const first = Math.max(this.#slice + 1, slice - BAD_SHARE_SLICES + 1);
    for (let entered = first; entered <= slice; entered += 1) {
      const index = indexOf(entered);
      this.#sumAll -= this.#all[index]!;
      this.#sumBad -= this.#bad[index]!;
      this.#all[index] = this.#bad[index] = 0;
    }
    this.#slice = Math.max(this.#slice, slice);
  }

  #restore(numbers: readonly number[]): void {
    [this.#slice, this.#lastTs, this.#lastBad] = numbers as [number, number, number];
    this.#all.set(numbers.slice(3, 3 + BAD_SHARE_SLICES));
    this.#bad.set(numbers.slice(3 + BAD_SHARE_SLICES));
    this.#sumAll = this.#all.reduce((sum, count) => sum + count, 0);
    this.#sumBad = this.#bad.reduce((sum, count) => sum + count, 0);
  }
}

/** Place of a slice in the ring, before 1970 too. */
function indexOf(slice: number): number {
  return ((slice % BAD_SHARE_SLICES) + BAD_SHARE_SLICES) % BAD_SHARE_SLICES;
}
