import type { DeviceKey } from '../../model/ids.js';
import type { Domain, Reading } from '../../model/reading.js';
import type { Bucket } from '../rollup/model/bucket.js';
import type { HistorianStats, TimeSpan } from './stats.js';

/** One series: one metric of one device. */
export interface SeriesKey {
  readonly device: DeviceKey;
  readonly metric: string;
}

/** A stretch of one series as columns, times rising, each time once. Times are epoch milliseconds. */
export interface RawChunk {
  readonly series: SeriesKey;
  readonly ts: Float64Array;
  readonly value: Float64Array;
  /** Index into DATA_FLAGS. */
  readonly flag: Uint8Array;
  /** Index into QUALITIES. */
  readonly quality: Uint8Array;
  /** Time of receipt of the version that counts. */
  readonly receivedAt: Float64Array;
}

/** Versions of one series: times rising, those of one time in the order of their arrival. */
export interface VersionChunk extends RawChunk {
  /** Who sent it, row by row; null where nobody knows. */
  readonly gateway: readonly (string | null)[];
  /** 1 for the version that answers count. */
  readonly counts: Uint8Array;
}

/** Readings with `from <= ts < to`, series by series in the order asked, times rising within each. */
export interface RawQuery {
  readonly series: readonly SeriesKey[];
  readonly from: number;
  readonly to: number;
  /** At most this many readings in all; one more is an error of the caller's, see `ResultTooLargeError`. */
  readonly limit: number;
}

/**
 * `delta` is for counters: consumption; resets, roll-overs and odd readings are decided as `CounterIncrements` says.
 * `time_weighted_mean` weighs each value by the time it held: until the next one, at most 15 minutes.
 */
export const WINDOW_FUNCTIONS = [
  'mean',
  'time_weighted_mean',
  'min',
  'max',
  'first',
  'last',
  'sum',
  'count',
  'delta',
] as const;
export type WindowFunction = (typeof WINDOW_FUNCTIONS)[number];

/**
 * Values of `good` quality, cut in windows by their starts: window i is `edges[i] <= ts < edges[i + 1]`.
 * Windows without a good value are absent. A counter's `delta` of a window is the sum of the increments that end in it,
 * the last reading before `edges[0]` being its start where there is one; and the value that still holds at `edges[0]`
 * has its weight in the first window's time-weighted mean, which is the last value where none held for any time.
 */
export interface WindowQuery {
  readonly series: readonly SeriesKey[];
  /** Rising epoch milliseconds, at least two. */
  readonly edges: Float64Array;
  readonly fn: WindowFunction;
}

/** One window that has data; `start` is its edge. */
export interface WindowChunk {
  readonly series: SeriesKey;
  readonly start: Float64Array;
  readonly value: Float64Array;
}

/** Lengths of buckets: hours of UTC, and days of the service's time zone. */
export const BUCKET_LEVELS = ['hour', 'day'] as const;
export type BucketLevel = (typeof BUCKET_LEVELS)[number];

/**
 * The statistics of good readings of each hour or day with `from <= start < to`, as roll-ups keep them: the same to the
 * last digit whether or not they have been made. A bucket is there where a reading lies in it or a value holds into it.
 */
export interface BucketQuery {
  readonly series: readonly SeriesKey[];
  readonly level: BucketLevel;
  /** Epoch ms, whole hours of UTC; of days, starts of days of the service's zone that are made of whole hours. */
  readonly from: number;
  readonly to: number;
}

/** Buckets of one series as columns, starts rising; see `Bucket`. */
export type BucketChunk = { readonly series: SeriesKey } & { readonly [Field in keyof Bucket]: Float64Array };

export interface LatestQuery {
  readonly park?: string;
  readonly domain?: Domain;
  readonly device?: DeviceKey;
}

/** The newest reading of one series by event time, whatever its quality. */
export interface LatestValue extends SeriesKey, Reading {
  readonly park: string;
  readonly domain: Domain;
  readonly receivedAt: number;
}

/**
 * Questions about history; every answer counts (device, metric, ts) once, the later arrival winning. Once `signal` has
 * fired nobody reads the answer: it ends soon, however it ends.
 */
export interface HistorianQueries {
  /** @throws ResultTooLargeError before the first chunk */
  raw(query: RawQuery, signal?: AbortSignal): AsyncIterable<RawChunk>;
  windows(query: WindowQuery, signal?: AbortSignal): AsyncIterable<WindowChunk>;
  /** @throws RangeError where `from` or `to` is no start of a bucket of that level */
  buckets(query: BucketQuery, signal?: AbortSignal): AsyncIterable<BucketChunk>;
  latest(query: LatestQuery, signal?: AbortSignal): Promise<LatestValue[]>;
}

/** The historian as the main thread sees it. */
export interface Historian extends HistorianQueries {
  readonly stats: HistorianStats;
  /**
   * Every version of the readings that have more than one.
   * @throws ResultTooLargeError before the first chunk
   */
  versions(query: RawQuery): AsyncIterable<VersionChunk>;
  /** Where readings of that time are missing because files of history are. */
  missing(from: number, to: number): readonly TimeSpan[];
  /** Resolves when every batch up to `seq` is visible to queries. */
  caughtUp(seq: number): Promise<void>;
  close(): Promise<void>;
}
