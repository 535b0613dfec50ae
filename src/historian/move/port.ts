import type { DeviceKey } from '../../model/ids.js';
import type { Domain } from '../../model/reading.js';
import type { SeriesKey } from '../port/queries.js';
import type { HistorianStore } from '../port/store.js';
import type { RollupStore } from '../rollup/port.js';
import type { RollupMaker } from '../rollup/rollup-maker.js';

/** Where a device belongs. */
export interface DeviceOrigin {
  readonly park: string;
  readonly domain: Domain;
}

/** A store whose whole history can be moved to another, and counted. Times are epoch milliseconds. */
export interface MovableStore extends HistorianStore {
  /** Where its roll-ups are; those of raw readings that are gone are moved as they are. */
  readonly rollupStore: RollupStore;
  /** How far they are; there once the store is open. */
  readonly rollupMaker: Pick<RollupMaker, 'rolledTo' | 'daysTo' | 'keptFrom' | 'droppable' | 'problem' | 'takeOver'>;
  /** Readings before this are gone, and none are taken; -Infinity where none were ever dropped. */
  readonly keptFrom: number;
  /** Takes no readings of days wholly before `time` from now on; it must hold none. */
  keepFrom(time: number): Promise<void>;
  /** Time of the oldest reading kept; null when there is none. */
  oldest(): Promise<number | null>;
  /** Readings kept with `from <= ts < to`, whatever their quality, of each series in the order asked. */
  counts(series: readonly SeriesKey[], from: number, to: number): Promise<readonly number[]>;
  /** Where a device belongs now; undefined if it never reported. */
  originOf(device: DeviceKey): Promise<DeviceOrigin | undefined>;
  /** Makes room for roll-ups of a series that may have no reading here; `origin` counts where the device is new. */
  addSeries(series: SeriesKey, origin: DeviceOrigin): Promise<void>;
}
