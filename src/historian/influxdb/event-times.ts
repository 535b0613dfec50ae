import type { DeviceReadings } from '../../model/reading.js';
import type { StoreTimes } from '../port/store.js';
import type { Cursor } from './write/cursor.js';

/** Knows how new readings are: those that the server had when it was first asked, and those it took since. */
export class EventTimes implements StoreTimes {
  /** The server said what it has. */
  private isKnown = false;
  private stored = Number.NEGATIVE_INFINITY;
  private newestOfAll = Number.NEGATIVE_INFINITY;
  private newestOwn = Number.NEGATIVE_INFINITY;

  constructor(private readonly cursor: Pick<Cursor, 'believed'>) {}

  /** The newest time of what the server has, epoch milliseconds; -Infinity where it has nothing. */
  serverHas(newest: number): void {
    if (!this.isKnown) this.stored = newest;
    this.isKnown = true;
    this.newestOfAll = Math.max(this.newestOfAll, newest);
  }

  /** The server took these. */
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

  /** What came since the start says nothing of the age of what was there before. */
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
