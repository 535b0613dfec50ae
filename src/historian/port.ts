import type { DeviceKey } from '../model/ids.js';
import type { DataFlag, DeviceReadings, Domain, Quality } from '../model/reading.js';

/** One series: one metric of one device. */
export interface SeriesKey {
  readonly device: DeviceKey;
  readonly metric: string;
}

/** The decoded messages of one journal batch, in order of arrival. */
export interface ReadingsBatch {
  readonly seq: number;
  readonly messages: readonly DeviceReadings[];
  /** Of the journal; left out where the journal does not have it. */
  readonly bytes?: number;
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
  /** At most this many readings in all; one more is an error of the caller's, see `ResultTooLarge`. */
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

export interface LatestQuery {
  readonly park?: string;
  readonly domain?: Domain;
  readonly device?: DeviceKey;
}

/** The newest reading of one series by event time, whatever its quality. */
export interface LatestValue extends SeriesKey {
  readonly park: string;
  readonly domain: Domain;
  readonly ts: number;
  readonly value: number;
  readonly flag: DataFlag;
  readonly quality: Quality;
  readonly receivedAt: number;
}

/** A query would return more than its bound; nothing was returned. */
export class ResultTooLarge extends Error {
  override readonly name = 'ResultTooLarge';
  constructor(readonly limit: number) {
    super(`the result has more than ${limit} readings`);
  }
}

/** More queries at once than the historian takes on; ask again later. */
export class TooManyQueries extends Error {
  override readonly name = 'TooManyQueries';
  constructor(readonly limit: number) {
    super(`more than ${limit} queries of history at once`);
  }
}

/** A question worked longer than it may; ask for less, or for fewer series at once. */
export class QueryTimedOut extends Error {
  override readonly name = 'QueryTimedOut';
  /** `limit` in milliseconds. */
  constructor(readonly limit: number) {
    super(`the question worked longer than ${limit / 1000} s`);
  }
}

/** The store cannot be asked just now, or went away while it was; it is being brought back. */
export class HistorianUnavailable extends Error {
  override readonly name = 'HistorianUnavailable';
}

/**
 * Questions about history; every answer counts (device, metric, ts) once, the later arrival winning. Once `signal` has
 * fired nobody reads the answer: it ends soon, however it ends.
 */
export interface HistorianQueries {
  /** @throws ResultTooLarge before the first chunk */
  raw(query: RawQuery, signal?: AbortSignal): AsyncIterable<RawChunk>;
  windows(query: WindowQuery, signal?: AbortSignal): AsyncIterable<WindowChunk>;
  latest(query: LatestQuery, signal?: AbortSignal): Promise<LatestValue[]>;
}

/** What an adapter (lake, influxdb) implements; it lives in the historian's worker thread. */
export interface HistorianStore extends HistorianQueries {
  /** Opens the store in whatever state the last run left it. */
  open(): Promise<void>;
  /** Everything up to here is in this store, for good as far as it knows; may fall, see `goBack`. */
  durableSeq(): number;
  /** The journal may be trimmed up to here; `durableSeq` where it is left out. Never falls. */
  releasedSeq?(): number;
  /**
   * Takes batches; visible to queries when it resolves. They come in order; one at or before `durableSeq` is ignored.
   * May be called once more before it resolved: the later call takes effect after the earlier, and fails with it.
   */
  append(batches: readonly ReadingsBatch[]): Promise<void>;
  /** Whether it may have lost some of what it took, and wants it again; then `goBack` says from where on. */
  wantsAgain?(): boolean;
  /**
   * The batch behind which the next append has to begin: the last one, or where it `wantsAgain` an earlier one, never
   * before `releasedSeq`. Called with no append under way.
   */
  goBack?(): Promise<number>;
  /** What is kept of the journal for that; left out by a store that loses nothing. */
  rewriteStats?(): RewriteStats;
  /** Bytes of the journal that one `append` should carry just now. */
  batchBytes(): number;
  /**
   * Housekeeping that may take a while: seal, compact, roll up, drop days wholly before `keepFrom` (epoch ms). All that
   * was received until `settledTo` (epoch ms, not before any earlier one; `now` when left out) has been appended.
   */
  maintain(now: number, keepFrom: number, settledTo?: number): Promise<void>;
  /** The parts of `maintain`, each of which can fail alone; left out by a store where they cannot. */
  chores?(): readonly Chore[];
  /** What it knows of time, for retention; left out where that is not its own. */
  readonly times?: StoreTimes;
  /** Why it is written to without being read, null while it can be; left out by a store that always can. */
  blind?(): Error | null;
  /** Makes everything appended durable; afterwards `durableSeq` is the last appended seq. */
  flush(): Promise<void>;
  /** Ends what is under way, which fails. */
  close(): Promise<void>;
  /** Where the roll-ups stand; left out by a store without any. */
  rollupStats?(): RollupStats;
  /** Readings since it was opened of hours whose figures are final: they are kept, and change none of them. */
  final?(): number;
  /** Readings since it was opened that came after their day was dropped. */
  ignored?(): number;
  /** What of the history cannot be read any more; left out by a store whose files are another's. */
  damage?(): HistoryDamage;
}

/** Bytes of the journal. */
export interface RewriteStats {
  /** Written, and kept to be written again. */
  readonly keptBytes: number;
  readonly maxBytes: number;
  /** How often it was written again since the start. */
  readonly times: number;
}

/** Why a store takes what is written and does not say what it has. */
export interface Blindness {
  readonly reason: string;
  readonly kind: FailureKind;
}

/** Epoch milliseconds, null where nothing is known. */
export interface StoreTimes {
  /** Newest time since the start of a reading that brought its own, by another clock than ours. */
  readonly own: number | null;
  /** Newest time of any reading kept, also of those from before the start; null as well while that is not known. */
  readonly newest: number | null;
  /** The time last believed, else the newest that was kept at the start; kept for good when it is set. */
  believed: number | null;
}

/** Times of one round of housekeeping, as of `maintain`. */
export interface ChoreTime {
  readonly now: number;
  readonly keepFrom: number;
  readonly settledTo: number;
}

/** One part of housekeeping. */
export interface Chore {
  readonly name: string;
  /** Without it the journal cannot be trimmed. */
  readonly vital?: boolean;
  work(time: ChoreTime): Promise<unknown>;
  /** What of it fails by itself, while the rest is done; null where nothing does. */
  problem?(): string | null;
}

/** What is missing of what was kept, because files of it are missing or damaged, or because it cannot be rolled up. */
export interface HistoryDamage {
  readonly files: number;
  readonly readings: number;
  /** Some of the reasons; they name files. */
  readonly reasons: readonly string[];
  /** Where readings may be missing, `from <= ts < to`; disjoint and rising. */
  readonly gaps: readonly TimeSpan[];
  /** Files that lie aside, because they are damaged or because nothing says that they count. */
  readonly setAside: number;
  readonly setAsideBytes?: number;
  /** When the oldest of them was written, epoch milliseconds; null without any. */
  readonly setAsideSince?: number | null;
}

/** Epoch milliseconds, `from <= ts < to`. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

export const NO_DAMAGE: HistoryDamage = { files: 0, readings: 0, reasons: [], gaps: [], setAside: 0 };

export interface RollupStats {
  /** All hours before this time (epoch ms) are rolled; null before the first was. */
  readonly rolledTo: number | null;
  /** Series with hours that late readings made wrong and that wait for their correction. */
  readonly dirtySeries: number;
  /** What fails by itself; left out where nothing does. */
  readonly failing?: RollupTrouble;
}

/** What cannot be rolled up while the rest is, and is tried again by itself. */
export interface RollupTrouble {
  readonly hours: number;
  /** Runs of days. */
  readonly days: number;
  readonly series: number;
}

/** Versions of readings, and where some are not kept. */
export interface VersionStats {
  readonly kept: number;
  /** Versions not kept because the room for them is full. */
  readonly full: number;
  /** Readings that the batch in hand may overwrite and that are still to be looked up; it is written after them. */
  readonly unlooked: number;
  /** Readings that were written without being looked up, because the store did not answer. */
  readonly unanswered?: number;
}

export const NO_VERSIONS: VersionStats = { kept: 0, full: 0, unlooked: 0 };

/** The historian as the main thread sees it. */
export interface Historian extends HistorianQueries {
  readonly stats: HistorianStats;
  /**
   * Every version of the readings that have more than one.
   * @throws ResultTooLarge before the first chunk
   */
  versions(query: RawQuery): AsyncIterable<VersionChunk>;
  /** Where readings of that time are missing because files of history are. */
  missing(from: number, to: number): readonly TimeSpan[];
  /** Resolves when every batch up to `seq` is visible to queries. */
  caughtUp(seq: number): Promise<void>;
  close(): Promise<void>;
}

export interface HistorianStats {
  adapter: string;
  /** Journal sequence visible to queries, and safe in the store. */
  appliedSeq: number;
  durableSeq: number;
  readings: number;
  /** Queries refused because too many were open. */
  turnedAway: number;
  /** Times the writer ended unasked and was started again. */
  restarts: number;
  /** Why the writer stands still, else null. */
  failing: string | null;
  /** Of what kind that is, for those who may not see the reason. */
  failingKind: FailureKind | null;
  /** Readings that the store would not take for what they are; they wait in quarantine. */
  refused: number;
  /** Tries to write that failed, by what went wrong. */
  writeErrors: Readonly<Record<WriteErrorKind, number>>;
  /** Bytes of the journal that one write carries just now. */
  batchBytes: number;
  rollups: RollupStats;
  rewrite: RewriteStats;
  damage: HistoryDamage;
  /** What each part of housekeeping fails with, null where it does not. */
  chores: Readonly<Record<string, string | null>>;
  /** Readings of hours whose figures are final. */
  final: number;
  /** Readings that came after their day was dropped, and would be dropped again. */
  ignored: number;
  versions: VersionStats;
  /** Why the store is written to and not read, else null. */
  blind: Blindness | null;
}

/** `refused`: for what it holds. `timeout`: no answer in time. `busy`: asked to wait. `other`: of the store itself. */
export const WRITE_ERROR_KINDS = [
  'unreachable',
  'timeout',
  'credentials',
  'not_found',
  'refused',
  'busy',
  'server',
  'other',
] as const;
export type WriteErrorKind = (typeof WRITE_ERROR_KINDS)[number];
/** `damaged`: its own files are missing, or not what they have to be. */
export type FailureKind = WriteErrorKind | 'damaged';

/** Readings that the store's server will not take for what they are, each of them found on its own. */
export interface RefusedReadings {
  readonly message: DeviceReadings;
  /** The server's own words. */
  readonly reason: string;
}

/** Keeps refused readings where people find them; the store goes on behind them only when it resolved. */
export type KeepRefused = (refused: readonly RefusedReadings[]) => Promise<void>;
