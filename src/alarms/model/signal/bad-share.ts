import type { Reading } from '../../../model/reading.js';
import { SECOND_MS } from '../../../model/time/duration.js';
import { bridges, decimal } from './compare.js';
import type { Signal, SignalContext, SignalMemory } from './signal.js';
import type { BadShareSpec } from './spec.js';

/** Slices of the window. The oldest leaves as a whole, so the window may be short by one slice. */
export const BAD_SHARE_SLICES = 30;
/** Numbers of a memory before its slices, of which each has three; and length of a memory of an older version. */
const HEAD = 4;
const FORMER_LENGTH = 3 + 2 * BAD_SHARE_SLICES;

/**
 * Per cent of the window's readings whose quality is not good, for any reason. For a device that reports too rarely for
 * the window the newest readings count, as many as needed, while there is no gap among them. Neither count includes
 * readings flagged M or C: an instrument under service or calibration is neither at fault nor proven sound. A reading
 * sent again counts once, with the later quality.
 */
export class BadShareSignal implements Signal {
  readonly #sliceMs: number;
  readonly #minReadings: number;
  /** Fewest readings in a slice before the next begins, which bounds the number of slices. */
  readonly #leastOfSlice: number;
  /** The oldest first: index of the time slice; `#all` and `#bad` hold its counts. */
  readonly #slices: number[] = [];
  readonly #all: number[] = [];
  readonly #bad: number[] = [];
  #lastTs = Number.NaN;
  #lastBad = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #unbroken = 0;
  #sumAll = 0;
  #sumBad = 0;

  constructor(
    spec: BadShareSpec,
    private readonly context: Pick<SignalContext, 'maxGapMs'>,
    private readonly fingerprint: string,
    memory: SignalMemory | null,
  ) {
    this.#sliceMs = (spec.windowS * SECOND_MS) / BAD_SHARE_SLICES;
    this.#minReadings = spec.minReadings;
    this.#leastOfSlice = Math.ceil(spec.minReadings / BAD_SHARE_SLICES);
    if (memory?.numbers.length === FORMER_LENGTH) this.#restoreFormer(memory.numbers);
    else if (memory !== null) this.#restore(memory.numbers);
  }

  measure(reading: Reading, at: number): number | null {
    if (reading.flag === 'M' || reading.flag === 'C') return null;
    const bad = reading.quality === 'good' ? 0 : 1;
    const slice = Math.floor(at / this.#sliceMs);
    if (reading.ts === this.#lastTs) {
      this.#count(0, bad - this.#lastBad);
    } else {
      if (!bridges(this.context, at - this.#lastAt)) this.#unbroken = slice;
      this.#enter(slice);
      this.#count(1, bad);
    }
    this.#drop(slice);
    this.#lastTs = reading.ts;
    this.#lastBad = bad;
    this.#lastAt = at;
    return this.#sumAll < this.#minReadings || this.#sumAll === 0 ? null : decimal((this.#sumBad / this.#sumAll) * 100);
  }

  save(): SignalMemory | null {
    if (Number.isNaN(this.#lastTs)) return null;
    const numbers = [this.#lastTs, this.#lastBad, this.#lastAt, this.#unbroken];
    let before = 0;
    this.#slices.forEach((slice, index) => {
      numbers.push(slice - before, this.#all[index]!, this.#bad[index]!);
      before = slice;
    });
    return { spec: this.fingerprint, numbers };
  }

  #count(all: number, bad: number): void {
    const newest = this.#slices.length - 1;
    // Its slice has left the window.
    if (newest < 0) return;
    this.#all[newest]! += all;
    this.#bad[newest]! += bad;
    this.#sumAll += all;
    this.#sumBad += bad;
  }

  #enter(slice: number): void {
    const last = this.#slices.length - 1;
    // An index of -1 would make the array slow for good.
    if (last < 0) {
      this.#add(slice, 0, 0);
      return;
    }
    const newest = this.#slices[last]!;
    const isFull = newest < this.#unbroken || this.#all[last]! >= this.#leastOfSlice;
    if (slice > newest && isFull) this.#add(slice, 0, 0);
  }

  #add(slice: number, all: number, bad: number): void {
    this.#slices.push(slice);
    this.#all.push(all);
    this.#bad.push(bad);
    this.#sumAll += all;
    this.#sumBad += bad;
  }

  /** Drops slices outside the window, unless they are needed and no gap lies between. */
  #drop(slice: number): void {
    while (this.#slices.length > 0 && this.#slices[0]! <= slice - BAD_SHARE_SLICES) {
      const isNeeded = this.#sumAll - this.#all[0]! < this.#minReadings;
      if (isNeeded && this.#slices[0]! >= this.#unbroken) return;
      this.#slices.shift();
      this.#sumAll -= this.#all.shift()!;
      this.#sumBad -= this.#bad.shift()!;
    }
  }

  #restore(numbers: readonly number[]): void {
    [this.#lastTs, this.#lastBad, this.#lastAt, this.#unbroken] = numbers as [number, number, number, number];
    let slice = 0;
    for (let index = HEAD; index + 2 < numbers.length; index += 3) {
      slice += numbers[index]!;
      this.#add(slice, numbers[index + 1]!, numbers[index + 2]!);
    }
  }

  /** A ring of slices: the counts of all readings, then those of bad ones. */
  #restoreFormer(numbers: readonly number[]): void {
    const [newest, lastTs, lastBad] = numbers as [number, number, number];
    [this.#lastTs, this.#lastBad, this.#lastAt, this.#unbroken] = [lastTs, lastBad, lastTs, newest];
    for (let slice = newest - BAD_SHARE_SLICES + 1; slice <= newest; slice += 1) {
      const index = 3 + (((slice % BAD_SHARE_SLICES) + BAD_SHARE_SLICES) % BAD_SHARE_SLICES);
      const all = numbers[index]!;
      if (all > 0) this.#add(slice, all, numbers[index + BAD_SHARE_SLICES]!);
    }
  }
}
