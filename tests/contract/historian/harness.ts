import type { DeviceReadings } from '../../../src/domain/reading.js';
import type { HistorianStore } from '../../../src/historian/port.js';
import { DAY, message, type Row, T0 } from './readings.js';

/** A place that keeps a history; `store()` gives a store on it that is not yet open. */
export interface Place {
  store(): HistorianStore;
  dispose(): Promise<void>;
}

/** Long after every reading of the suite, so that `maintain` seals and compacts whatever it can. */
export const LATER = T0 + 50 * DAY;

/** The store under test and what the tests do with it. */
export class Harness {
  store!: HistorianStore;
  /** Sequence of the last batch. */
  seq = 0;
  private place!: Place;

  constructor(private readonly makePlace: () => Promise<Place>) {}

  async setUp(): Promise<void> {
    this.seq = 0;
    this.place = await this.makePlace();
    this.store = this.place.store();
    await this.store.open();
  }

  async tearDown(): Promise<void> {
    await this.store.close();
    await this.place.dispose();
  }

  put(...rows: readonly Row[]): Promise<void> {
    return this.putMessages(rows.map((row) => message(row)));
  }

  putMessages(messages: readonly DeviceReadings[]): Promise<void> {
    this.seq += 1;
    return this.store.append([{ seq: this.seq, messages }]);
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = this.place.store();
    await this.store.open();
  }

  /** Seals and compacts until nothing is left to do. */
  async settle(): Promise<void> {
    await this.store.flush();
    for (let i = 0; i < 5; i += 1) await this.store.maintain(LATER + i * DAY, 0);
  }
}
