import type { FailureKind, WriteErrorKind } from './errors.js';

/** Journal batches that the store keeps, in order to write them again. Sizes in bytes of the journal. */
export interface RewriteStats {
  /** Size of the batches that are written and kept. */
  readonly keptBytes: number;
  readonly maxBytes: number;
  /** How often the store wrote kept batches again since the start. */
  readonly times: number;
}

/** Why the writer cannot write, or why the store accepts writes but cannot be read. */
export interface Failure {
  readonly reason: string;
  readonly kind: FailureKind;
}

/** Stored readings that are lost, because files are missing or damaged, or because they cannot be rolled up. */
export interface HistoryDamage {
  readonly files: number;
  readonly readings: number;
  /** Some of the reasons; they name files. */
  readonly reasons: readonly string[];
  /** Spans in which readings may be missing, `from <= ts < to`; disjoint and rising. */
  readonly gaps: readonly TimeSpan[];
  /** Files set aside because they are damaged or because the manifest does not list them. */
  readonly setAside: number;
  readonly setAsideBytes?: number;
  /** When the oldest file set aside was written, epoch milliseconds; null without any. */
  readonly setAsideSince?: number | null;
}

/** Epoch milliseconds, `from <= ts < to`. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

export interface RollupStats {
  /** All hours before this time (epoch ms) are rolled up; null before the first roll-up. */
  readonly rolledTo: number | null;
  /** Series with hours whose roll-ups late readings made wrong and that are not corrected yet. */
  readonly dirtySeries: number;
  /** Figures of hours before this time (epoch ms) never change again: their readings are gone. Left out before the first. */
  readonly finalTo?: number;
  /** Roll-ups that fail although others succeed; left out if none does. */
  readonly failing?: RollupTrouble;
}

/** Roll-ups that fail while the others succeed; the roll-up maker tries them again. */
export interface RollupTrouble {
  readonly hours: number;
  /** Number of runs of days. */
  readonly days: number;
  readonly series: number;
}

/** Versions of readings, and counts of those that are lost. */
export interface VersionStats {
  readonly kept: number;
  /** Versions dropped because the version file is full. */
  readonly full: number;
  /** Readings of the current batch still to look up: they may overwrite stored ones, so the batch waits. */
  readonly unlooked: number;
  /** Readings written without a look-up, because the store did not answer. */
  readonly unanswered?: number;
}

export const NO_VERSIONS: VersionStats = { kept: 0, full: 0, unlooked: 0 };

/** Figures that only the store knows. */
export interface OwnStats {
  rollups: RollupStats;
  rewrite: RewriteStats;
  damage: HistoryDamage;
  /** Readings since the start for hours whose roll-ups are final: the store keeps them, but the roll-ups stay. */
  final: number;
  /** Readings since the start that arrived after retention had dropped their day; the store ignores them. */
  ignored: number;
}

export const NO_STATS: OwnStats = {
  rollups: { rolledTo: null, dirtySeries: 0 },
  rewrite: { keptBytes: 0, maxBytes: 0, times: 0 },
  damage: { files: 0, readings: 0, reasons: [], gaps: [], setAside: 0 },
  final: 0,
  ignored: 0,
};

/** Figures of the store and of the writer, as the thread reports them. */
export interface StoreStats extends OwnStats {
  /** Journal sequences: visible to queries, and durable in the store. */
  appliedSeq: number;
  durableSeq: number;
  /** Newest receipt that queries see (epoch ms); null before the first batch of a run. */
  receivedTo: number | null;
  readings: number;
  /** Why the writer cannot write, else null. */
  failing: string | null;
  /** Kind of that failure, for callers who may not see the reason. */
  failingKind: FailureKind | null;
  /** Readings that the store refused because of their content; they are in quarantine. */
  refused: number;
  /** Failed write attempts by kind of error. */
  writeErrors: Readonly<Record<WriteErrorKind, number>>;
  /** Current size of one write, in bytes of the journal. */
  batchBytes: number;
  /** Last error of each housekeeping job, null where it succeeded. */
  chores: Readonly<Record<string, string | null>>;
  versions: VersionStats;
  /** Why the store is written to but cannot be read, else null. */
  blind: Failure | null;
}

export interface HistorianStats extends StoreStats {
  adapter: string;
  /** Queries refused because too many were open. */
  turnedAway: number;
  /** Times that the thread ended unexpectedly and was restarted. */
  restarts: number;
}
