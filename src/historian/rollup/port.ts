import type { DeviceKey } from '../../model/ids.js';
import { BUCKET_LEVELS, type BucketLevel, type SeriesKey } from '../port/queries.js';
import type { Bucket, Carry } from './model/bucket.js';

/** Lengths of roll-ups: days are made of hours. */
export const ROLLUP_LEVELS = BUCKET_LEVELS;
export type RollupLevel = BucketLevel;

/** A stored bucket with the carry for the next one. Days have no carry of their own: `NO_CARRY`. */
export interface Rollup extends Bucket {
  readonly carry: Carry;
}

/** Roll-ups of one series, starts rising. */
export interface SeriesRollups {
  readonly series: SeriesKey;
  readonly rollups: readonly Rollup[];
}

/** Receives a series that fails while others succeed. */
export type OnFailed = (series: SeriesKey, error: unknown) => void;

/** An adapter keeps its roll-ups here. */
export interface RollupStore {
  /** Replaces rows with the same (level, series, start); durable and visible when it resolves. */
  write(level: RollupLevel, rows: readonly SeriesRollups[]): Promise<void>;
  /**
   * Rows with `from <= start < to`, in the order of `series`; a series may come in several consecutive parts, one
   * without rows may be left out. Rows without a reading (`count` 0) are returned too.
   */
  read(level: RollupLevel, series: readonly SeriesKey[], from: number, to: number): AsyncIterable<SeriesRollups>;
  /**
   * Rows of every series that has some, each once or in consecutive parts. If only some series cannot be read, and the
   * store can tell which, it reports them to `onFailed` at the end.
   */
  readAll(level: RollupLevel, from: number, to: number, onFailed?: OnFailed): AsyncIterable<SeriesRollups>;
  /** The last hour of each series that starts before `before`, by `seriesName`; leaves out series without one. */
  lastBefore(series: readonly SeriesKey[], before: number): Promise<ReadonlyMap<string, Rollup>>;
}

/** Name of a series as a map key; no metric contains the separator. */
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

/** Raw readings of an adapter, from which roll-ups are computed. Only good readings, none before retention. */
export interface RollupSource {
  /**
   * Readings of these series in order, or of every series; `from <= ts < to`. A series may come in consecutive parts.
   * Includes everything appended before the caller asks for the first part.
   */
  goodReadings(series: readonly SeriesKey[] | 'all', from: number, to: number): AsyncIterable<GoodReadings>;
  /** Time of the oldest stored reading; null without any. */
  oldest(): Promise<number | null>;
  /** Whether every stored reading of that span can still be read; left out if that is always so. */
  whole?(from: number, to: number): boolean;
}
