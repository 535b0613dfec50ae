/** Resolution: a tenth of a second. */
const UNIT_MS = 100;
const BITS = 12;
/** Buckets of each doubling. */
const PER_OCTAVE = 2 ** BITS;
const OCTAVES = 24;
/** Longest duration distinguished, in units (more than 100 years). */
const LONGEST = 2 ** (BITS + OCTAVES - 1) - 1;

/**
 * Durations in buckets that widen with them, as in HdrHistogram: percentiles in one pass and in fixed memory. Below
 * 409.6 s they are exact to a tenth of a second, above at most 0.05 % too small.
 */
export class Durations {
  readonly #buckets = new Uint32Array(PER_OCTAVE * OCTAVES);
  count = 0;
  /** The longest in ms, exact; 0 without any. */
  max = 0;

  /** @param ms a negative one counts as 0 */
  add(ms: number): void {
    const units = Math.min(LONGEST, Math.max(0, Math.floor(ms / UNIT_MS)));
    this.#buckets[bucketOf(units)]! += 1;
    this.count += 1;
    this.max = Math.max(this.max, ms);
  }

  /** Shortest duration, in ms, that at least `share` (0 to 1) of all do not exceed (nearest rank); null if empty. */
  percentile(share: number): number | null {
    if (this.count === 0) return null;
    let left = Math.max(1, Math.ceil(share * this.count));
    const bucket = this.#buckets.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return lowestOf(bucket) * UNIT_MS;
  }
}

/** Octave 0 holds 0 to 4095 one by one; octave n holds from 2^(11+n) on in steps of 2^n. */
function bucketOf(units: number): number {
  const octave = units < PER_OCTAVE ? 0 : Math.floor(Math.log2(units)) - BITS + 1;
  return octave * PER_OCTAVE + Math.floor(units / 2 ** octave);
}

function lowestOf(bucket: number): number {
  return (bucket % PER_OCTAVE) * 2 ** Math.floor(bucket / PER_OCTAVE);
}

/** Upper bounds in seconds for the time to acknowledge: from an answer in time to an alarm that no operator noticed. */
export const ACKNOWLEDGE_BOUNDS_S = [10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400] as const;

/** Counts by upper bound, as Prometheus shows them. */
export class Histogram {
  /** By bound, not cumulative; the last counts durations above every bound. */
  readonly counts: number[];
  sum = 0;

  /** @param bounds rising; a value equal to one belongs to it */
  constructor(readonly bounds: readonly number[] = ACKNOWLEDGE_BOUNDS_S) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    const index = this.bounds.findIndex((bound) => value <= bound);
    this.counts[index < 0 ? this.bounds.length : index]! += 1;
    this.sum += value;
  }
}
