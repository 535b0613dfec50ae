import type { HistorianStore, SeriesKey } from '../port.js';
import type { RollupStore } from '../rollup/port.js';

/** A store whose whole history can be moved to another, and counted. */
export interface MovableStore extends HistorianStore {
  /** Where its roll-ups are; those of raw readings that are gone are moved as they are. */
  readonly rollups: RollupStore;
  /** Time of the oldest reading kept, epoch milliseconds; null when there is none. */
  oldest(): Promise<number | null>;
  /** Readings kept with `from <= ts < to`, whatever their quality, of each series in the order asked. */
  counts(series: readonly SeriesKey[], from: number, to: number): Promise<readonly number[]>;
}
