import type {
  Blindness,
  FailureKind,
  HistoryDamage,
  LatestQuery,
  LatestValue,
  RawChunk,
  RawQuery,
  RefusedReadings,
  RewriteStats,
  RollupStats,
  VersionChunk,
  VersionStats,
  WindowChunk,
  WindowQuery,
  WriteErrorKind,
} from '../port.js';

/** The adapter and where it finds its store. */
export type StoreOptions =
  | {
      readonly kind: 'lake';
      readonly folder: string;
      /** As in LakeOptions. */
      readonly sealRows?: number;
      readonly sealAgeMs?: number;
      readonly memoryMb?: number;
    }
  | {
      readonly kind: 'influxdb';
      /** Folder of the cursor and what else is kept on this side. */
      readonly folder: string;
      readonly url: string;
      readonly api: 'v1' | 'v2' | 'v3';
      readonly token?: string;
      readonly org?: string;
      readonly bucket: string;
      /** As in InfluxOptions. */
      readonly rewriteBytes?: number;
    };

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
  | { readonly kind: 'latest'; readonly query: LatestQuery };

/** One piece of an answer: columns of a stretch, or a part of the latest values. */
export type Piece = RawChunk | VersionChunk | WindowChunk | readonly LatestValue[];

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

export interface WorkerStatus {
  readonly appliedSeq: number;
  readonly durableSeq: number;
  readonly releasedSeq: number;
  readonly readings: number;
  readonly failing: string | null;
  readonly failingKind: FailureKind | null;
  /** Since the thread started. */
  readonly refused: number;
  readonly writeErrors: Readonly<Record<WriteErrorKind, number>>;
  readonly batchBytes: number;
  readonly rollups: RollupStats;
  readonly rewrite: RewriteStats;
  readonly damage: HistoryDamage;
  /** What each part of housekeeping failed with last, if it did. */
  readonly chores: Readonly<Record<string, string | null>>;
  /** Readings of hours whose figures are final. */
  readonly final: number;
  /** Readings that came after their day was dropped. */
  readonly ignored: number;
  readonly versions: VersionStats;
  readonly blind: Blindness | null;
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

/** Pieces that may be under way to a reader that has not yet taken them. */
export const PIECES_AHEAD = 4;
/** Queries that may be open at once, running, waiting for their turn or for their reader. */
export const MAX_OPEN_QUERIES = 32;
