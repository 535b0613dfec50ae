import type { DeviceKey } from '../../model/ids.js';
import type { Domain, Reading } from '../../model/reading.js';
import type { Bucket } from '../rollup/model/bucket.js';
import type { Results } from './results.js';
import type { HistorianStats, TimeSpan } from './stats.js';

/** One series: one metric of one device. */
export interface SeriesKey {
  readonly device: DeviceKey;
  readonly metric: string;
}

/** Columns of part of one series; times rise and occur once. Times are epoch milliseconds. */
export interface RawChunk {
  readonly series: SeriesKey;
  readonly ts: Float64Array;
  readonly value: Float64Array;
  /** Index into DATA_FLAGS. */
  readonly flag: Uint8Array;
  /** Index into QUALITIES. */
  readonly quality: Uint8Array;
  /** Receipt of the version that counts. */
  readonly receivedAt: Float64Array;
}

/** Versions of one series: times rise, versions of one time stand in order of receipt. */
export interface VersionChunk extends RawChunk {
  /** Gateway that sent each version; null where unknown. */
  readonly gateway: readonly (string | null)[];
  /** 1 for the version that queries return. */
  readonly counts: Uint8Array;
}

/** Every asker gets its share of a busy historian. */
interface Asked {
  /** Who asks, such as the id of a token; the service itself when left out. */
  readonly by?: string;
}

/** Readings with `from <= ts < to`, series in the order of `series`, times rising within each. */
export interface RawQuery extends Asked {
  readonly series: readonly SeriesKey[];
  readonly from: number;
  readonly to: number;
  /** Most readings in all; with more, the query throws `ResultTooLargeError`. */
  readonly limit: number;
}

/**
 * `delta` is a counter's consumption, after `CounterIncrements`. `time_weighted_mean` weighs each value by the time
 * until the next one, at most 15 minutes.
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
 * Values of `good` quality in windows: window i is `edges[i] <= ts < edges[i + 1]`. The answer leaves out windows
 * without a good value. A counter's `delta` is the sum of the increments that end in the window; the first window's
 * increment starts at the last reading before `edges[0]`, if any. The value that holds at `edges[0]` has its weight in
 * the first window's time-weighted mean. Where no value held for any time, that mean is the last value.
 */
export interface WindowQuery extends Asked {
  readonly series: readonly SeriesKey[];
  /** Rising epoch milliseconds, at least two. */
  readonly edges: Float64Array;
  readonly fn: WindowFunction;
}

/** Windows that have data; `start` is the window's first edge. */
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
export interface BucketQuery extends Asked {
  readonly series: readonly SeriesKey[];
  readonly level: BucketLevel;
  /** Epoch ms, whole hours of UTC; of days, starts of days of the service's zone that are made of whole hours. */
  readonly from: number;
  readonly to: number;
}

/** Buckets of one series as columns, starts rising; see `Bucket`. */
export type BucketChunk = { readonly series: SeriesKey } & { readonly [Field in keyof Bucket]: Float64Array };

export interface LatestQuery extends Asked {
  readonly park?: string;
  readonly domain?: Domain;
  readonly device?: DeviceKey;
}

/** The reading of one series with the newest event time, whatever its quality. */
export interface LatestValue extends SeriesKey, Reading {
  readonly park: string;
  readonly domain: Domain;
  readonly receivedAt: number;
}

/** Queries of history. An answer counts (device, metric, ts) once: the later receipt wins. `signal` ends it early. */
export interface HistorianQueries {
  /** @throws ResultTooLargeError before the first chunk */
  raw(query: RawQuery, signal?: AbortSignal): AsyncIterable<RawChunk>;
  windows(query: WindowQuery, signal?: AbortSignal): AsyncIterable<WindowChunk>;
  /** @throws RangeError where `from` or `to` is no start of a bucket of that level */
  buckets(query: BucketQuery, signal?: AbortSignal): AsyncIterable<BucketChunk>;
  latest(query: LatestQuery, signal?: AbortSignal): Promise<LatestValue[]>;
}

/**
 * What an answer lacks that was acknowledged before its question: it holds everything received up to `completeThrough`
 * (epoch ms; null where that is unknown).
 */
export interface HistoryLag {
  readonly completeThrough: number | null;
}

/** The one that lacks more; null lacks nothing. */
export function olderLag(one: HistoryLag | null, other: HistoryLag | null): HistoryLag | null {
  if (one === null || other === null) return one ?? other;
  return (other.completeThrough ?? Number.NEGATIVE_INFINITY) < (one.completeThrough ?? Number.NEGATIVE_INFINITY)
    ? other
    : one;
}

/** The historian on the main thread. */
export interface Historian extends HistorianQueries, Results {
  readonly stats: HistorianStats;
  /** All versions of the readings that have more than one. @throws ResultTooLargeError before the first chunk */
  versions(query: RawQuery): AsyncIterable<VersionChunk>;
  /** Parts of the span in which readings are missing because files of the store are missing or damaged. */
  missing(from: number, to: number): readonly TimeSpan[];
  /**
   * For a question that comes now: what it returns says, once the answer begins, what that lacks; null where it holds all
   * that was acknowledged before the question.
   */
  lagSince(): () => HistoryLag | null;
  /** Resolves when queries see every batch up to `seq`. */
  caughtUp(seq: number): Promise<void>;
  close(): Promise<void>;
}
