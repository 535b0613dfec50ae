import type { HistorianStore, ReadingsBatch } from '../../../src/historian/port/store.js';
import type { RateSource } from '../../../src/historian/rollup/meter-rates.js';
import type { DeviceReadings } from '../../../src/model/reading.js';
import { HOUR_MS } from '../../../src/model/time/duration.js';
import { MemoryRates } from '../../component/historian/rollup/memory-rates.js';
import { DAY, message, type Row, T0 } from './readings.js';

/**
 * A place that keeps a history, empty at first. Its stores roll up the days of `ZONE`, accept readings of any time
 * between `T0` - 400 days and `LATER`, and drop raw readings only as `maintain` tells them to.
 */
export interface Place {
  /** A store on the place, not yet open; the one before it was closed. */
  store(): HistorianStore;
  /**
   * A store, not yet open, on the files of a process that dies at this instant. The store before it is still open; it
   * closes at the end and must not disturb. If that is impossible, the store before it closes instead.
   */
  storeAfterCrash?(): HistorianStore;
  /** After every store was closed. */
  dispose(): Promise<void>;
}

export type MakePlace = (rates: RateSource) => Promise<Place>;

/** Time zone of the daily roll-ups. */
export const ZONE = 'Asia/Shanghai';
/** Long after every reading of the suite, so that `maintain` seals, rolls up and compacts everything it can. */
export const LATER = T0 + 8 * DAY;

const GRACE = 10 * 60_000;

/** The store under test and what the tests do with it. */
export class Harness {
  store!: HistorianStore;
  /** Registered maximum rates of counters, which its stores use. */
  rates = new MemoryRates();
  /** Sequence of the last batch. */
  seq = 0;
  private place!: Place;
  private now = LATER;
  private batches: ReadingsBatch[] = [];
  private abandoned: HistorianStore[] = [];

  constructor(private readonly makePlace: MakePlace) {}

  async setUp(): Promise<void> {
    this.seq = 0;
    this.now = LATER;
    this.batches = [];
    this.abandoned = [];
    this.rates = new MemoryRates();
    this.place = await this.makePlace(this.rates);
    this.store = this.place.store();
    await this.store.open();
  }

  async tearDown(): Promise<void> {
    for (const store of [...this.abandoned, this.store]) await store.close();
    await this.place.dispose();
  }

  put(...rows: readonly Row[]): Promise<void> {
    return this.putMessages(rows.map((row) => message(row)));
  }

  putMessages(messages: readonly DeviceReadings[]): Promise<void> {
    this.seq += 1;
    const batch = { seq: this.seq, messages };
    this.batches.push(batch);
    return this.store.append([batch]);
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = this.place.store();
    await this.store.open();
  }

  /** Kills the process, starts it again, and appends from the journal what the store lacks. */
  async crash(): Promise<void> {
    if (this.place.storeAfterCrash === undefined) await this.reopen();
    else {
      const next = this.place.storeAfterCrash();
      this.abandoned.push(this.store);
      this.store = next;
      await next.open();
    }
    await this.replay();
  }

  /** Appends the batches that the store may lack, like the writer after a start. */
  async replay(): Promise<void> {
    const durable = this.store.durableSeq();
    await this.store.append(this.batches.filter(({ seq }) => seq > durable));
  }

  /** Rolls up and corrects everything due at `now`, and little else. */
  async rollUp(now: number, keepFrom = 0): Promise<void> {
    const due = Math.floor((now - GRACE) / HOUR_MS) * HOUR_MS;
    const isDone = () => {
      const { rolledTo = null, dirtySeries = 0 } = this.store.stats?.().rollups ?? {};
      return rolledTo !== null && rolledTo >= due && dirtySeries === 0;
    };
    do await this.store.maintain(now, keepFrom);
    while (!isDone());
  }

  /** Seals, rolls up, drops and compacts until no work is left; each call is a few days later than the last. */
  async settle(keepFrom = 0): Promise<void> {
    await this.store.flush();
    for (let i = 0; i < 5; i += 1) {
      this.now += DAY;
      await this.rollUp(this.now, keepFrom);
    }
  }
}
