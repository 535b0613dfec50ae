import type { DeviceReadings } from '../../model/reading.js';
import type { StoreTimes } from '../port/store.js';
import type { Cursor } from './write/cursor.js';

/** Tracks the newest event time: of the readings on the server at first contact, and of those written since. */
export class EventTimes implements StoreTimes {
  /** The server has reported its newest time. */
  private isKnown = false;
  private stored = Number.NEGATIVE_INFINITY;
  private newestOfAll = Number.NEGATIVE_INFINITY;
  private newestOwn = Number.NEGATIVE_INFINITY;

  constructor(private readonly cursor: Pick<Cursor, 'believed'>) {}

  /** Records the server's newest time, epoch milliseconds; -Infinity if it has no readings. */
  serverHas(newest: number): void {
    if (!this.isKnown) this.stored = newest;
    this.isKnown = true;
    this.newestOfAll = Math.max(this.newestOfAll, newest);
  }

  /** Records written readings. */
  accept(messages: readonly DeviceReadings[]): void {
    for (const { receivedAt, readings } of messages) {
      for (const { ts } of readings) {
        if (ts > this.newestOfAll) this.newestOfAll = ts;
        if (ts > this.newestOwn && ts !== receivedAt) this.newestOwn = ts;
      }
    }
  }

  get own(): number | null {
    return known(this.newestOwn);
  }

  /** Unknown before the server's report: written readings say nothing about older ones. */
  get newest(): number | null {
    return this.isKnown ? known(this.newestOfAll) : null;
  }

  get believed(): number | null {
    return this.cursor.believed ?? known(this.stored);
  }

  set believed(time: number | null) {
    if (time !== null) this.cursor.believed = time;
  }
}

const known = (time: number): number | null => (Number.isFinite(time) ? time : null);
