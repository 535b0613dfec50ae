import { HOUR_MS } from '../../../../model/time/duration.js';
import { windowEdges } from '../../../../model/time/windows.js';
import type { TimeZone } from '../../../../model/time/zone.js';

/** Days of one period at most. */
export const MAX_DAYS = 1_000;

/** What came on each day of `[from, to)`, the days of the zone. */
export class Days {
  readonly #edges: Float64Array;
  readonly #alarms: Uint32Array;
  readonly #stale: Uint32Array;

  /** @throws TooManyWindowsError */
  constructor(
    private readonly from: number,
    private readonly to: number,
    zone: TimeZone,
  ) {
    this.#edges = windowEdges(from, to, { count: 1, unit: 'd' }, zone, MAX_DAYS);
    this.#alarms = new Uint32Array(this.#edges.length - 1);
    this.#stale = new Uint32Array(this.#edges.length - 1);
  }

  /** The number of the day; a time outside counts as the first or the last one. */
  indexOf(at: number): number {
    let low = 0;
    let high = this.#alarms.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#edges[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  addAlarm(at: number): void {
    this.#alarms[this.indexOf(at)]! += 1;
  }

  /** One alarm was stale on the days `first` to `last`. */
  addStale(first: number, last: number): void {
    for (let day = first; day <= last; day++) this.#stale[day]! += 1;
  }

  get mostStale(): number {
    return this.#stale.reduce((most, count) => Math.max(most, count), 0);
  }

  /** Each day, cut to the period, with the alarms that were stale at some time of it. */
  finish() {
    return Array.from(this.#alarms, (alarms, index) => {
      const from = Math.max(this.from, this.#edges[index]!);
      const to = Math.min(this.to, this.#edges[index + 1]!);
      return { from, to, alarms, perHour: (alarms * HOUR_MS) / (to - from), stale: this.#stale[index]! };
    });
  }
}
