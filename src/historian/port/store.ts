import type { DeviceReadings } from '../../model/reading.js';
import type { HistorianQueries } from './queries.js';
import type { Results } from './results.js';
import type { OwnStats } from './stats.js';

/** The decoded messages of one journal batch, in order of arrival. */
export interface ReadingsBatch {
  readonly seq: number;
  readonly messages: readonly DeviceReadings[];
  /** Size in the journal; left out where the journal no longer has the batch. */
  readonly bytes?: number;
}

/** An adapter (lake, influxdb); it runs in the historian's worker thread. */
export interface HistorianStore extends HistorianQueries, Results {
  /** Opens the store, whatever state the last run left it in. */
  open(): Promise<void>;
  /** The store holds everything up to this sequence durably, as far as it knows; may fall, see `goBack`. */
  durableSeq(): number;
  /** The journal may trim up to this sequence; `durableSeq` if left out. Never falls. */
  releasedSeq?(): number;
  /**
   * Writes batches in order; queries see them when it resolves. Ignores a batch at or before `durableSeq`. The caller
   * may call it once more before it resolves: the later call takes effect after the earlier, and fails with it.
   */
  append(batches: readonly ReadingsBatch[]): Promise<void>;
  /** Whether the store may have lost accepted batches and needs them again; `goBack` then says from where. */
  wantsAgain?(): boolean;
  /**
   * Sequence after which the next append has to begin: the last batch, or an earlier one if the store `wantsAgain`, but
   * never before `releasedSeq`. The caller has no append in flight.
   */
  goBack?(): Promise<number>;
  /** How many bytes of the journal one `append` should carry at present. */
  batchBytes(): number;
  /**
   * Housekeeping that may take a while: seals, compacts, rolls up, drops days wholly before `keepFrom` (epoch ms). The
   * caller has appended everything received until `settledTo` (epoch ms; never falls; `now` if left out).
   */
  maintain(now: number, keepFrom: number, settledTo?: number): Promise<void>;
  /** The jobs of `maintain`, if each can fail alone. */
  chores?(): readonly Chore[];
  /** Times that retention needs; left out by a store that does not know them. */
  readonly times?: StoreTimes;
  /** Why the store can be written but not read, null while it can be read; left out if it always can. */
  blind?(): Error | null;
  /** Makes every appended batch durable; afterwards `durableSeq` is the last appended sequence. */
  flush(): Promise<void>;
  /** Closes the store; operations in flight fail. */
  close(): Promise<void>;
  /** Ends work in flight, also that of `open`, with an error; for a store whose opening may work long. */
  giveUp?(): void;
  /** Whether native code may run: a thread that ends under it ends the whole process, or waits for it. */
  holdsThread?(): boolean;
  /** Current figures; the store leaves out those that do not apply to it. */
  stats?(): Partial<OwnStats>;
}

/** Epoch milliseconds, null if unknown. */
export interface StoreTimes {
  /** Newest event time since the start that a device's own clock gave. */
  readonly own: number | null;
  /** Newest event time of all stored readings; null without any, or while unknown. */
  readonly newest: number | null;
  /** The time last believed, else the newest stored at the start; the store persists it. */
  believed: number | null;
}

/** Times of one housekeeping round, as in `maintain`. */
export interface ChoreTime {
  readonly now: number;
  readonly keepFrom: number;
  readonly settledTo: number;
}

/** One housekeeping job. */
export interface Chore {
  readonly name: string;
  /** The journal cannot be trimmed while this job fails. */
  readonly vital?: boolean;
  work(time: ChoreTime): Promise<unknown>;
  /** What part of the job fails while the rest succeeds, else null. */
  problem?(): string | null;
}

/** Readings that the store's server refuses because of their content, each of them tested alone. */
export interface RefusedReadings {
  readonly message: DeviceReadings;
  /** The server's own text. */
  readonly reason: string;
}

/** Stores refused readings in quarantine; the store continues with later batches only after it resolves. */
export type KeepRefused = (refused: readonly RefusedReadings[]) => Promise<void>;
