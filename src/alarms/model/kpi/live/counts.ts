import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../model/time/duration.js';

/** Steps back up to this count as events out of order. */
export const CLOCK_SLACK_MS = MINUTE_MS;

/**
 * Makes time that never falls from a clock that may be set back. During a small step back no time passes; after a
 * larger one time continues from where it was, at the pace of the clock.
 */
export class SteadyClock {
  #steady = Number.NEGATIVE_INFINITY;
  #ahead = 0;

  /** Steady milliseconds for a time of the clock; never less than before. */
  read(at: number): number {
    const steady = at + this.#ahead;
    if (steady >= this.#steady) this.#steady = steady;
    else if (this.#steady - steady > CLOCK_SLACK_MS) this.#ahead = this.#steady - at;
    return this.#steady;
  }

  /** The clock's present time for a steady time. */
  toClock(steady: number): number {
    return steady - this.#ahead;
  }
}

const HOURS = 24;

/** Count of the present hour and the 23 before it. Times may not fall: see `SteadyClock`. */
export class DailyCount {
  readonly #hours = new Uint32Array(HOURS);
  #hour = Number.NaN;

  add(at: number): void {
    this.#advance(at);
    this.#hours[this.#hour % HOURS]! += 1;
  }

  total(at: number): number {
    this.#advance(at);
    return this.#hours.reduce((sum, count) => sum + count, 0);
  }

  #advance(at: number): void {
    const hour = Math.floor(at / HOUR_MS);
    const last = Math.min(hour, this.#hour + HOURS);
    for (let passed = this.#hour + 1; passed <= last; passed++) this.#hours[passed % HOURS] = 0;
    this.#hour = hour;
  }
}

/** Count of the last `lengthS` whole seconds, in fixed memory. Times may not fall: see `SteadyClock`. */
export class WindowCount {
  readonly #seconds: Uint32Array;
  #second = Number.NaN;
  #total = 0;

  constructor(lengthS: number) {
    this.#seconds = new Uint32Array(lengthS);
  }

  get total(): number {
    return this.#total;
  }

  /** Moves on to `at` (ms) and returns when (ms, a whole second) the count fell below `floor`; null when it did not. */
  advance(at: number, floor = 0): number | null {
    const to = Math.floor(at / SECOND_MS);
    const ring = this.#seconds;
    const wasBelow = this.#total < floor;
    let fell: number | null = null;
    const last = Math.min(to, this.#second + ring.length);
    for (let second = this.#second + 1; second <= last && this.#total > 0; second++) {
      const slot = second % ring.length;
      this.#total -= ring[slot]!;
      ring[slot] = 0;
      if (fell === null && this.#total < floor) fell = second * SECOND_MS;
    }
    this.#second = to;
    return wasBelow ? null : fell;
  }

  /** Counts one at the time of the last `advance`. */
  add(): void {
    this.#seconds[this.#second % this.#seconds.length]! += 1;
    this.#total += 1;
  }
}
