import type { FailureKind, WriteErrorKind } from './errors.js';

/** Bytes of the journal. */
export interface RewriteStats {
  /** Written, and kept to be written again. */
  readonly keptBytes: number;
  readonly maxBytes: number;
  /** How often it was written again since the start. */
  readonly times: number;
}

/** Why the writer stands still, or a store accepts what is written and does not say what it has. */
export interface Failure {
  readonly reason: string;
  readonly kind: FailureKind;
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

export interface RollupStats {
  /** All hours before this time (epoch ms) are rolled up; null before the first was. */
  readonly rolledTo: number | null;
  /** Series with hours that late readings made wrong and that wait for their correction. */
  readonly dirtySeries: number;
  /** Figures of hours before this time (epoch ms) never change again: their readings are gone. Left out before the first. */
  readonly finalTo?: number;
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

/** What only a store can tell of itself. */
export interface OwnStats {
  rollups: RollupStats;
  /** What of the journal is kept to be written again. */
  rewrite: RewriteStats;
  damage: HistoryDamage;
  /** Readings since the start of hours whose figures are final: they are kept, and change none of them. */
  final: number;
  /** Readings since the start that came after their day was dropped, and would be dropped again. */
  ignored: number;
}

export const NO_STATS: OwnStats = {
  rollups: { rolledTo: null, dirtySeries: 0 },
  rewrite: { keptBytes: 0, maxBytes: 0, times: 0 },
  damage: { files: 0, readings: 0, reasons: [], gaps: [], setAside: 0 },
  final: 0,
  ignored: 0,
};

/** What the thread tells of its store and of what it writes there. */
export interface StoreStats extends OwnStats {
  /** Journal sequence visible to queries, and safe in the store. */
  appliedSeq: number;
  durableSeq: number;
  readings: number;
  /** Why the writer stands still, else null. */
  failing: string | null;
  /** Of what kind that is, for those who may not see the reason. */
  failingKind: FailureKind | null;
  /** Readings that the store refused for what they are; they wait in quarantine. */
  refused: number;
  /** Tries to write that failed, by what went wrong. */
  writeErrors: Readonly<Record<WriteErrorKind, number>>;
  /** Bytes of the journal that one write carries just now. */
  batchBytes: number;
  /** What each part of housekeeping fails with, null where it does not. */
  chores: Readonly<Record<string, string | null>>;
  versions: VersionStats;
  /** Why the store is written to and not read, else null. */
  blind: Failure | null;
}

export interface HistorianStats extends StoreStats {
  adapter: string;
  /** Queries refused because too many were open. */
  turnedAway: number;
  /** Times the writer ended unasked and was started again. */
  restarts: number;
}
