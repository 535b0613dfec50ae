import { HOUR_MS } from '../../../../model/time/duration.js';

const HOURS = 24;

/** How many there were in the present hour and the 23 before it. Times may not fall: see `SteadyClock`. */
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
