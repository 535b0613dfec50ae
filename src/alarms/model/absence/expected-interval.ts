import { DAY_MS } from '../../../model/time/duration.js';

/** Newest steps kept; the share of outages is counted among them. */
export const INTERVAL_STEPS = 32;
/** Newest steps of which the median is taken, so that an estimate soon follows a change. */
const MEDIAN_STEPS = 16;
/** Steps needed for an estimate. */
export const INTERVAL_TRUSTED = 8;
/** Longest expected interval. */
export const MAX_INTERVAL_MS = DAY_MS;

/** A step longer than this many intervals is an outage, or a pause between events. */
const REGULAR = 3;
/** A regular series may have one such step, and one more per this many steps; with more it reports on events. */
const STEPS_PER_OUTAGE = 14;

/** The steps an interval was learned from, in stored form: milliseconds, the oldest first. */
export interface IntervalMemory {
  readonly events: readonly number[];
  readonly receipts: readonly number[];
}

/**
 * Learns the interval of a series, where the registry has none: the longer of the median step of event time and the
 * median step between receipts, since a gateway may send readings in batches. Medians withstand a lost reading, a
 * backlog and a few outages. Bounded: the newest steps.
 */
export class ExpectedInterval {
  readonly #events: Steps;
  readonly #receipts: Steps;
  #lastTs = Number.NaN;
  #lastReceivedAt = Number.NaN;

  /** @param memory of an earlier run; the time between the runs is no step */
  constructor(memory?: IntervalMemory) {
    this.#events = new Steps(MEDIAN_STEPS, memory?.events);
    this.#receipts = new Steps(INTERVAL_STEPS, memory?.receipts);
  }

  /**
   * @param ts event time in milliseconds
   * @param receivedAt time of receipt in milliseconds; readings of one message share it and count as one receipt
   */
  accept(ts: number, receivedAt: number): void {
    if (!(ts <= this.#lastTs)) {
      if (ts > this.#lastTs) this.#events.add(ts - this.#lastTs);
      this.#lastTs = ts;
    }
    if (!(receivedAt <= this.#lastReceivedAt)) {
      if (receivedAt > this.#lastReceivedAt) this.#receipts.add(receivedAt - this.#lastReceivedAt);
      this.#lastReceivedAt = receivedAt;
    }
  }

  /** Known steps between receipts, up to the bound. */
  get steps(): number {
    return this.#receipts.count;
  }

  /** Milliseconds; null while too little is known, and for a series without a regular interval. */
  get estimateMs(): number | null {
    const { count } = this.#receipts;
    if (count < INTERVAL_TRUSTED || this.#events.count < INTERVAL_TRUSTED) return null;
    const interval = Math.max(this.#receipts.median(), this.#events.median());
    const outages = 1 + Math.floor(count / STEPS_PER_OUTAGE);
    return this.#receipts.longerThan(REGULAR * interval) > outages ? null : interval;
  }

  save(): IntervalMemory {
    return { events: this.#events.list(), receipts: this.#receipts.list() };
  }
}

/** The newest steps, in milliseconds. */
class Steps {
  readonly #ring: Uint32Array;
  #added = 0;

  constructor(size: number, known: readonly number[] = []) {
    this.#ring = new Uint32Array(size);
    for (const step of known.slice(-size)) this.add(step);
  }

  get count(): number {
    return Math.min(this.#added, this.#ring.length);
  }

  add(step: number): void {
    this.#ring[this.#added++ % this.#ring.length] = Math.min(step, MAX_INTERVAL_MS);
  }

  list(): number[] {
    const { length } = this.#ring;
    return Array.from({ length: this.count }, (_, n) => this.#ring[(this.#added - this.count + n) % length]!);
  }

  /** Of the newest `MEDIAN_STEPS`; the upper one of two. */
  median(): number {
    const newest = Math.min(this.count, MEDIAN_STEPS);
    const sorted = new Uint32Array(newest);
    for (let n = 0; n < newest; n += 1) sorted[n] = this.#ring[(this.#added - 1 - n) % this.#ring.length]!;
    return sorted.sort()[newest >> 1]!;
  }

  longerThan(limit: number): number {
    let longer = 0;
    for (let n = 0; n < this.count; n += 1) if (this.#ring[n]! > limit) longer += 1;
    return longer;
  }
}
