import { DAY_MS } from '../duration.js';

/** Newest steps looked at. */
export const INTERVAL_STEPS = 16;
/** Steps needed before an estimate is given. */
export const INTERVAL_TRUSTED = 8;
/** No expected interval is longer. */
export const MAX_INTERVAL_MS = DAY_MS;

/** A series whose second longest step is more than this many medians reports on events, not by the clock. */
const REGULAR = 3;

/**
 * Learns how often a series is to be heard, where the registry does not say: the longer of the median step of event
 * time and the median step between receipts, since a gateway may gather readings and send them in batches. Medians
 * stand a lost reading, a backlog handed in at once and an outage. Bounded: the newest steps.
 */
export class ExpectedInterval {
  readonly #events = new Uint32Array(INTERVAL_STEPS);
  readonly #receipts = new Uint32Array(INTERVAL_STEPS);
  #eventCount = 0;
  #receiptCount = 0;
  #lastTs = Number.NaN;
  #lastReceivedAt = Number.NaN;

  /**
   * @param ts event time in milliseconds
   * @param receivedAt time of receipt in milliseconds; readings of one message share it and count as one receipt
   */
  take(ts: number, receivedAt: number): void {
    if (!(ts <= this.#lastTs)) {
      if (ts > this.#lastTs)
        this.#events[this.#eventCount++ % INTERVAL_STEPS] = Math.min(ts - this.#lastTs, MAX_INTERVAL_MS);
      this.#lastTs = ts;
    }
    if (!(receivedAt <= this.#lastReceivedAt)) {
      if (receivedAt > this.#lastReceivedAt) {
        this.#receipts[this.#receiptCount++ % INTERVAL_STEPS] = Math.min(
          receivedAt - this.#lastReceivedAt,
          MAX_INTERVAL_MS,
        );
      }
      this.#lastReceivedAt = receivedAt;
    }
  }

  /** Milliseconds; null while too little is known, and for a series that keeps no interval. */
  get estimateMs(): number | null {
    const receipts = Math.min(this.#receiptCount, INTERVAL_STEPS);
    const events = Math.min(this.#eventCount, INTERVAL_STEPS);
    if (receipts < INTERVAL_TRUSTED || events < INTERVAL_TRUSTED) return null;
    const sorted = this.#receipts.slice(0, receipts).sort();
    const interval = Math.max(median(sorted), median(this.#events.slice(0, events).sort()));
    // One outage among the steps says nothing; two long ones do.
    return sorted[receipts - 2]! > REGULAR * interval ? null : interval;
  }
}

/** Of a sorted list; the upper one of two. */
function median(sorted: Uint32Array): number {
  return sorted[sorted.length >> 1]!;
}
