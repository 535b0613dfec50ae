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
import type { StoreStats } from '../port/stats.js';
import type { RefusedReadings } from '../port/store.js';

/** The adapter and where it finds its store. */
export type StoreOptions =
  | ({ readonly kind: 'lake' } & Pick<LakeOptions, 'folder' | 'sealRows' | 'sealAgeMs' | 'memoryMb'>)
  | ({ readonly kind: 'influxdb' } & Pick<
      InfluxOptions,
      'folder' | 'url' | 'api' | 'token' | 'org' | 'bucket' | 'rewriteBytes'
    >);

/** What the worker is started with. */
export interface WorkerOptions {
  readonly statePath: string;
  /** As the journal names itself. */
  readonly journalAddress: string;
  readonly store: StoreOptions;
  readonly rawDays: number;
  /** IANA time zone in which daily roll-ups are cut. */
  readonly timeZone: string;
  /** Milliseconds that one question may work. */
  readonly queryTimeoutMs: number;
  /** Batches up to here were counted by an earlier life of the thread. */
  readonly countedSeq: number;
}

export type Question =
  | { readonly kind: 'raw'; readonly query: RawQuery }
  | { readonly kind: 'versions'; readonly query: RawQuery }
  | { readonly kind: 'windows'; readonly query: WindowQuery }
  | { readonly kind: 'buckets'; readonly query: BucketQuery }
  | { readonly kind: 'latest'; readonly query: LatestQuery };

/** One piece of an answer: columns of a stretch, or a part of the latest values. */
export type Piece = RawChunk | VersionChunk | WindowChunk | BucketChunk | readonly LatestValue[];

export type ToWorker =
  /** The journal has batches up to here. */
  | { readonly type: 'head'; readonly seq: number }
  /** Time passes: a moment for housekeeping. Epoch milliseconds. */
  | { readonly type: 'tick'; readonly now: number }
  /** `seq`: what was durable when the question was asked, and so has to be in the answer. */
  | { readonly type: 'ask'; readonly id: number; readonly question: Question; readonly seq: number }
  /** The reader took a piece: one more may come. */
  | { readonly type: 'more'; readonly id: number }
  | { readonly type: 'cancel'; readonly id: number }
  /** The refused readings are kept, or why they are not. */
  | { readonly type: 'kept'; readonly id: number; readonly error: string | null }
  | { readonly type: 'close' };

/** Counters are those of this life of the thread. */
export interface WorkerStatus extends Readonly<StoreStats> {
  readonly releasedSeq: number;
}

export interface QueryFailure {
  readonly name: string;
  readonly message: string;
  readonly limit?: number;
}

export type FromWorker =
  | { readonly type: 'open'; readonly durableSeq: number }
  | { readonly type: 'status'; readonly status: WorkerStatus }
  | { readonly type: 'piece'; readonly id: number; readonly piece: Piece }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: QueryFailure }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'refused'; readonly id: number; readonly refused: readonly RefusedReadings[] }
  /** The thread cannot go on; it ends soon. */
  | { readonly type: 'crashed'; readonly failure: Pick<Error, 'name' | 'message' | 'stack'> }
  | { readonly type: 'closed'; readonly status: WorkerStatus };

/** Pieces that may be in flight to a reader that has not yet taken them. */
export const PIECES_AHEAD = 4;
/** Queries that may be open at once, running, waiting for their turn or for their reader. */
export const MAX_OPEN_QUERIES = 32;
