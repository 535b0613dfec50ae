import type { DeviceKey } from '../../model/ids.js';
import { BUCKET_LEVELS, type BucketLevel, type SeriesKey } from '../port/queries.js';
import type { Bucket, Carry } from './model/bucket.js';

/** Lengths of roll-ups: days are made of hours. */
export const ROLLUP_LEVELS = BUCKET_LEVELS;
export type RollupLevel = BucketLevel;

/** A bucket as it is kept, with what the one after it begins with. Days carry nothing of their own: `NO_CARRY`. */
export interface Rollup extends Bucket {
  readonly carry: Carry;
}

/** Rows of one series, starts rising. */
export interface SeriesRollups {
  readonly series: SeriesKey;
  readonly rows: readonly Rollup[];
}

/** Told of a series that fails by itself, while others do not. */
export type OnFailed = (series: SeriesKey, error: unknown) => void;

/** Where an adapter keeps its roll-ups, for good. */
export interface RollupStore {
  /** Puts rows in place of those with the same (level, series, start); durable and visible when it resolves. */
  write(level: RollupLevel, rows: readonly SeriesRollups[]): Promise<void>;
  /**
   * Rows with `from <= start < to`, series by series in the order asked, one after the other where a series comes in
   * several parts; a series without any may be left out. Rows without a reading (`count` 0) are rows like others.
   */
  read(level: RollupLevel, series: readonly SeriesKey[], from: number, to: number): AsyncIterable<SeriesRollups>;
  /**
   * The same of every series that has some, each series once or in parts that follow each other. Where some of them
   * cannot be read while others can, and the store can tell, they are told to `onFailed` at the end.
   */
  readAll(level: RollupLevel, from: number, to: number, onFailed?: OnFailed): AsyncIterable<SeriesRollups>;
  /** The newest hour that starts before `before`, of each series that has one, by `seriesName`. */
  lastBefore(series: readonly SeriesKey[], before: number): Promise<ReadonlyMap<string, Rollup>>;
}

/** Name of a series as a key of maps; no metric holds the separator. */
export const seriesName = ({ device, metric }: SeriesKey): string => `${device}/${metric}`;
export const seriesNamed = (name: string): SeriesKey => {
  const end = name.lastIndexOf('/');
  return { device: name.slice(0, end) as DeviceKey, metric: name.slice(end + 1) };
};

/** Good readings of one series, times rising, each time once. */
export interface GoodReadings {
  readonly series: SeriesKey;
  readonly ts: Float64Array;
  readonly value: Float64Array;
}

/** The raw side of an adapter, as roll-ups are computed from it. Only good readings; nothing before what is kept. */
export interface RollupSource {
  /**
   * Of these series in the order asked, or of every series that has some; `from <= ts < to`. A series may come in parts
   * that follow each other. Sees all that was appended before the first part is asked for.
   */
  goodReadings(series: readonly SeriesKey[] | 'all', from: number, to: number): AsyncIterable<GoodReadings>;
  /** Time of the oldest reading kept; null when there is none. */
  oldest(): Promise<number | null>;
  /** Whether all that was kept of that time can still be read; left out where that is always so. */
  whole?(from: number, to: number): boolean;
}
