import { MINUTE_MS } from '../../../../model/time/duration.js';

/** Steps back up to this are taken for events that overtook each other. */
export const CLOCK_SLACK_MS = MINUTE_MS;

/**
 * Makes time that never falls out of a clock that may be set back. A small step back is no time passed; after a larger
 * one time goes on from where it was, at the pace of the clock.
 */
export class SteadyClock {
  #steady = Number.NEGATIVE_INFINITY;
  #ahead = 0;

  /** Steady milliseconds for what the clock shows; never less than before. */
  read(at: number): number {
    const steady = at + this.#ahead;
    if (steady >= this.#steady) this.#steady = steady;
    else if (this.#steady - steady > CLOCK_SLACK_MS) this.#ahead = this.#steady - at;
    return this.#steady;
  }

  /** What the clock would have shown at a steady time, as it is set now. */
  toClock(steady: number): number {
    return steady - this.#ahead;
  }
}
