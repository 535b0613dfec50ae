import type { InfluxOptions } from '../influxdb/options.js';
import type { LakeOptions } from '../lake/open.js';
import type {
  BucketChunk,
  BucketQuery,
  LatestQuery,
  LatestValue,
  RawChunk,
  RawQuery,
  VersionChunk,
  WindowChunk,
  WindowQuery,
} from '../port/queries.js';
import type { ResultQuery, ResultSeries, ResultSpan } from '../port/results.js';
import type { StoreStats } from '../port/stats.js';
import type { RefusedReadings } from '../port/store.js';

/** The adapter and where its store is. */
export type StoreOptions =
  | ({ readonly kind: 'lake' } & Pick<LakeOptions, 'folder' | 'sealRows' | 'sealAgeMs' | 'memoryMb'>)
  | ({ readonly kind: 'influxdb' } & Pick<
      InfluxOptions,
      'folder' | 'url' | 'api' | 'token' | 'org' | 'bucket' | 'rewriteBytes'
    >);

export interface WorkerOptions {
  readonly statePath: string;
  /** Opaque handle from the journal. */
  readonly journalAddress: string;
  readonly store: StoreOptions;
  readonly rawDays: number;
  /** IANA time zone in which daily roll-ups are cut. */
  readonly timeZone: string;
  /** Milliseconds that one query may compute. */
  readonly queryTimeoutMs: number;
  /** An earlier run of the thread counted the batches up to here. */
  readonly countedSeq: number;
}

export type HistorianQuestion =
  | { readonly kind: 'raw'; readonly query: RawQuery }
  | { readonly kind: 'versions'; readonly query: RawQuery }
  | { readonly kind: 'windows'; readonly query: WindowQuery }
  | { readonly kind: 'buckets'; readonly query: BucketQuery }
  | { readonly kind: 'latest'; readonly query: LatestQuery }
  | { readonly kind: 'results'; readonly query: ResultQuery }
  | { readonly kind: 'replaceResults'; readonly query: readonly ResultSpan[] };

/** How many points of results were not as given. */
export interface ResultsReplaced {
  readonly changed: number;
}

/** One piece of an answer: columns of one series, part of the latest values, or points of one series of results. */
export type AnswerPiece =
  | RawChunk
  | VersionChunk
  | WindowChunk
  | BucketChunk
  | readonly LatestValue[]
  | ResultSeries
  | ResultsReplaced;

export type ToWorker =
  /** The journal's newest sequence. */
  | { readonly type: 'head'; readonly seq: number }
  /** Starts a housekeeping round if one is due. Epoch milliseconds. */
  | { readonly type: 'tick'; readonly now: number }
  /** `seq`: the newest durable batch when the query came; the answer has to include it. */
  | { readonly type: 'ask'; readonly id: number; readonly question: HistorianQuestion; readonly seq: number }
  /** The reader accepted a piece: the worker may send one more. */
  | { readonly type: 'more'; readonly id: number }
  | { readonly type: 'cancel'; readonly id: number }
  /** The main thread stored the refused readings, or could not. */
  | { readonly type: 'kept'; readonly id: number; readonly error: string | null }
  | { readonly type: 'close' };

/** Counts since this run of the thread began. */
export interface WorkerStatus extends Readonly<StoreStats> {
  readonly releasedSeq: number;
}

/** What an answer has that could not wait for all that was durable. */
export type Late = Pick<StoreStats, 'appliedSeq' | 'receivedTo'>;

export interface QueryFailure {
  readonly name: string;
  readonly message: string;
  readonly limit?: number;
}

export type FromWorker =
  | { readonly type: 'open'; readonly durableSeq: number }
  | { readonly type: 'status'; readonly status: WorkerStatus }
  /** A query gave up waiting: its answer, which comes after this, lacks batches behind `appliedSeq`. */
  | ({ readonly type: 'late' } & Late)
  | { readonly type: 'piece'; readonly id: number; readonly piece: AnswerPiece }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: QueryFailure }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'refused'; readonly id: number; readonly refused: readonly RefusedReadings[] }
  /** The thread cannot continue and ends soon. */
  | { readonly type: 'crashed'; readonly failure: Pick<Error, 'name' | 'message' | 'stack'> }
  | { readonly type: 'closed'; readonly status: WorkerStatus };

/** Pieces that may be in flight to a reader. */
export const PIECES_AHEAD = 4;
/** Queries that may be open at once: computing, waiting for a turn or for their reader. */
export const MAX_OPEN_QUERIES = 32;
/** Of these, the share of one asker that is named. */
export const MAX_OWN_QUERIES = 16;
