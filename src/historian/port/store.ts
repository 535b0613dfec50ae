import type { DeviceReadings } from '../../model/reading.js';
import type { HistorianQueries } from './queries.js';
import type { OwnStats } from './stats.js';

/** The decoded messages of one journal batch, in order of arrival. */
export interface ReadingsBatch {
  readonly seq: number;
  readonly messages: readonly DeviceReadings[];
  /** Of the journal; left out where the journal does not have it. */
  readonly bytes?: number;
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
   * Accepts batches, which queries see when it resolves. They come in order; one at or before `durableSeq` is ignored.
   * May be called once more before it resolved: the later call takes effect after the earlier, and fails with it.
   */
  append(batches: readonly ReadingsBatch[]): Promise<void>;
  /** Whether it may have lost some of what it accepted, and wants it again; then `goBack` says from where on. */
  wantsAgain?(): boolean;
  /**
   * The batch behind which the next append has to begin: the last one, or where it `wantsAgain` an earlier one, never
   * before `releasedSeq`. Called with no append in flight.
   */
  goBack?(): Promise<number>;
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
  /** Ends what is in flight, which fails. */
  close(): Promise<void>;
  /** What only the store can tell, as of now; what never happens to it may be left out. */
  stats?(): Partial<OwnStats>;
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

/** Readings that the store's server refuses for what they are, each of them found on its own. */
export interface RefusedReadings {
  readonly message: DeviceReadings;
  /** The server's own words. */
  readonly reason: string;
}

/** Keeps refused readings where people find them; the store goes on behind them only when it resolved. */
export type KeepRefused = (refused: readonly RefusedReadings[]) => Promise<void>;
