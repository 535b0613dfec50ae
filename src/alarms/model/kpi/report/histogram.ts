/** Upper ends in seconds for the time to acknowledge: what an operator can do while it matters, to what nobody saw. */
export const ACKNOWLEDGE_BOUNDS_S = [10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400] as const;

/** Counts by upper bound, as Prometheus shows them. */
export class Histogram {
  /** By bound, not cumulative; the last is of what exceeds every bound. */
  readonly counts: number[];
  sum = 0;

  /** @param bounds rising; a value equal to one falls under it */
  constructor(readonly bounds: readonly number[] = ACKNOWLEDGE_BOUNDS_S) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    const index = this.bounds.findIndex((bound) => value <= bound);
    this.counts[index < 0 ? this.bounds.length : index]! += 1;
    this.sum += value;
  }
}
