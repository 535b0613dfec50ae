import type { Reading } from '../../../model/reading.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../model/time/duration.js';
import { bridges, decimal } from './compare.js';
import type { Signal, SignalContext, SignalMemory } from './signal.js';
import type { RateSpec } from './spec.js';

/** Most readings kept per window: the first of each slice, so the window may be short by one slice. */
export const RATE_SAMPLES = 48;

/** Fewest readings for a slope, and for a prediction, at any distance. */
const LEAST_OF_SLOPE = 2;
const LEAST_SAMPLES = 3;
/** Share of the window that a prediction requires. */
const LEAST_SEEN = 1 / 6;

/**
 * Slope from the oldest good reading kept of the window to the newest. No evidence while they are less than half the
 * window apart; a gap restarts the window, since the value in it is unknown. For a device that reports more rarely than
 * the window is long, the last two readings count. A prediction (`towards`) uses the slope of the line through all
 * readings kept, which noise bends less; before the whole window is seen, the square of the seen share weighs it, so
 * that noise weighs the same.
 */
export class RateSignal implements Signal {
  readonly #windowMs: number;
  readonly #sliceMs: number;
  readonly #factor: number;
  readonly #direction: RateSpec['direction'];
  readonly #towards: RateSpec['towards'];
  readonly #least: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  readonly #ats: number[] = [];
  readonly #values: number[] = [];

  constructor(
    spec: RateSpec,
    private readonly context: Pick<SignalContext, 'maxGapMs'>,
    private readonly fingerprint: string,
    memory: SignalMemory | null,
  ) {
    this.#windowMs = spec.windowS * SECOND_MS;
    // A closed window of n slices touches n + 1 of them.
    this.#sliceMs = this.#windowMs / (RATE_SAMPLES - 1);
    this.#factor = spec.per === 'minute' ? MINUTE_MS : HOUR_MS;
    this.#direction = spec.direction;
    this.#towards = spec.towards;
    this.#least = (spec.towards === undefined ? LEAST_OF_SLOPE : LEAST_SAMPLES) - 1;
    if (memory !== null) this.#restore(memory.numbers);
  }

  measure(reading: Reading, at: number): number | null {
    if (reading.quality !== 'good') return null;
    // JSON has no -0.
    this.#keep(reading.value + 0, at);
    const span = at - this.#ats[0]!;
    if (this.#towards !== undefined) return this.#predicted(reading.value, at, this.#towards);
    if (span < this.#windowMs / 2) return null;
    const slope = decimal(((reading.value - this.#values[0]!) * this.#factor) / span);
    if (this.#direction === 'either') return Math.abs(slope);
    return this.#direction === 'rise' ? slope : 0 - slope;
  }

  save(): SignalMemory | null {
    if (this.#ats.length === 0) return null;
    const numbers = [this.#lastAt];
    let before = 0;
    this.#ats.forEach((at, index) => {
      numbers.push(at - before, this.#values[index]!);
      before = at;
    });
    return { spec: this.fingerprint, numbers };
  }

  #keep(value: number, at: number): void {
    const ats = this.#ats;
    if (!bridges(this.context, at - this.#lastAt)) ats.length = this.#values.length = 0;
    this.#lastAt = at;
    while (ats.length > this.#least && this.#hasLeft(at)) {
      ats.shift();
      this.#values.shift();
    }
    const newest = ats.length - 1;
    if (newest >= 0 && ats[newest] === at) {
      this.#values[newest] = value;
    } else if (newest < 0 || this.#slice(ats[newest]!) !== this.#slice(at)) {
      ats.push(at);
      this.#values.push(value);
    }
  }

  /** Whether the oldest reading has left the window. A prediction keeps the one that reaches over the edge. */
  #hasLeft(at: number): boolean {
    const edge = at - this.#windowMs;
    return this.#towards === undefined ? this.#ats[0]! < edge : this.#ats[1]! <= edge;
  }

  /** The slope, if it reaches the value in time; else 0. */
  #predicted(value: number, at: number, towards: NonNullable<RateSpec['towards']>): number | null {
    const trend = this.#trend(value, at);
    if (trend === null) return null;
    const seen = Math.min(1, (at - this.#ats[0]!) / this.#windowMs);
    if (seen < LEAST_SEEN) return null;
    const slope = trend * seen * seen;
    const sign = this.#direction === 'fall' ? -1 : 1;
    const expected = value + slope * towards.withinS * SECOND_MS;
    return sign * slope > 0 && sign * (expected - towards.value) >= 0 ? decimal(sign * slope * this.#factor) : 0;
  }

  /** Slope per millisecond of the line through the readings kept and the newest; null: too few. */
  #trend(value: number, at: number): number | null {
    const ats = this.#ats;
    const values = this.#values;
    const kept = ats[ats.length - 1] === at ? ats.length - 1 : ats.length;
    const count = kept + 1;
    if (count < LEAST_SAMPLES) return null;
    let [sumT, sumV] = [0, value];
    for (let index = 0; index < kept; index += 1) {
      sumT += ats[index]! - at;
      sumV += values[index]!;
    }
    const [meanT, meanV] = [sumT / count, sumV / count];
    let [squares, products] = [meanT * meanT, -meanT * (value - meanV)];
    for (let index = 0; index < kept; index += 1) {
      const t = ats[index]! - at - meanT;
      squares += t * t;
      products += t * (values[index]! - meanV);
    }
    return products / squares;
  }

  #slice(at: number): number {
    return Math.floor(at / this.#sliceMs);
  }

  #restore(numbers: readonly number[]): void {
    let at = 0;
    for (let index = 1; index + 1 < numbers.length; index += 2) {
      at += numbers[index]!;
      this.#ats.push(at);
      this.#values.push(numbers[index + 1]!);
    }
    this.#lastAt = numbers[0] ?? at;
  }
}
