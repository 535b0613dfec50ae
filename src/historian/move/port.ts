import type { DeviceKey } from '../../model/ids.js';
import type { Domain } from '../../model/reading.js';
import type { SeriesKey } from '../port/queries.js';
import type { HistorianStore } from '../port/store.js';
import type { RollupStore } from '../rollup/port.js';
import type { RollupMaker } from '../rollup/rollup-maker.js';

/** Park and domain of a device. */
export interface DeviceOrigin {
  readonly park: string;
  readonly domain: Domain;
}

/** A store whose whole history can be moved to another, and counted. Times are epoch milliseconds. */
export interface MovableStore extends HistorianStore {
  /** Its roll-ups; those whose raw readings are gone are copied. */
  readonly rollupStore: RollupStore;
  /** Progress of the roll-ups; available once the store is open. */
  readonly rollupMaker: Pick<RollupMaker, 'rolledTo' | 'daysTo' | 'keptFrom' | 'droppable' | 'problem' | 'takeOver'>;
  /** Readings before this are gone and not accepted; -Infinity if retention never dropped any. */
  readonly keptFrom: number;
  /** Rejects readings of days wholly before `time` from now on; the store must have none. */
  keepFrom(time: number): Promise<void>;
  /** Time of the oldest stored reading; null without any. */
  oldest(): Promise<number | null>;
  /** Number of readings of any quality with `from <= ts < to`, of each series in order. */
  counts(series: readonly SeriesKey[], from: number, to: number): Promise<readonly number[]>;
  /** A device's current origin; undefined if it never reported. */
  originOf(device: DeviceKey): Promise<DeviceOrigin | undefined>;
  /** Prepares roll-ups of a series that may have no reading here; `origin` counts if the device is new. */
  addSeries(series: SeriesKey, origin: DeviceOrigin): Promise<void>;
}
