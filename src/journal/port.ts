import type { Database } from '../sqlite.js';
import { StorageUnavailable } from '../state/port.js';

/**
 * One message as it arrived; `payload` is kept byte for byte. Times are epoch milliseconds; `replayedAt` is there when it
 * waited in quarantine until then.
 */
export interface JournalEntry {
  readonly topic: string;
  readonly gateway: string;
  readonly receivedAt: number;
  readonly replayedAt?: number;
  readonly payload: Uint8Array;
}

/** The messages of one group commit, in order of arrival. `seq` rises with every commit. */
export interface JournalBatch<E extends JournalEntry = JournalEntry> {
  readonly seq: number;
  readonly entries: readonly E[];
  /** Days that readings were kept when the batch was written; left out where that is not known. */
  readonly rawDays?: number;
}

/** A batch as it lies in the journal. */
export interface StoredBatch extends JournalBatch {
  /** Bytes of its body. */
  readonly bytes: number;
}

/** Reads what is durable. Opened read-only, so any thread may have one. */
export interface JournalReader {
  /** Batches after `afterSeq`, oldest first, until their payloads pass `maxBytes`; always at least one if there is one. */
  read(afterSeq: number, maxBytes: number): StoredBatch[];
  /** The newest durable sequence number; 0 when nothing was ever stored. */
  head(): number;
  close(): void;
}

/** Who follows the journal. A batch is kept until every follower has released it. */
export interface JournalFollower {
  readonly name: string;
  /** All batches up to here may go as far as this follower is concerned. */
  released: number;
}

/** Who writes to the state file in the very commits of the journal, so that both are durable with one sync. */
export interface JournalParticipant<E extends JournalEntry = JournalEntry> {
  /**
   * Called inside the commit, once the batch is written: what it writes is durable with the batch, or not at all.
   * What it throws fails the commit.
   */
  writing(batch: JournalBatch<E>): void;
  /** The commit failed: nothing of the batch is there. When it succeeds, `onCommitted` tells. */
  undone(): void;
}

/** The durable log between what arrives and everything that follows. `E` carries what the appender attaches. */
export interface Journal<E extends JournalEntry = JournalEntry> {
  /**
   * Resolves once the entry would survive `kill -9` and a power cut. The last part of the journal's bound is kept for
   * `urgent` entries. What `beside` writes is durable with the entry, or not at all; what it throws fails the commit.
   * @throws JournalFull at the bound, until followers have released enough
   * @throws StorageUnavailable when the disk is full or fails.
   */
  append(entry: E, urgent?: boolean, beside?: (db: Database) => void): Promise<void>;
  /** Called after each durable commit, in order, with the entries as they were appended. */
  onCommitted(listener: (batch: JournalBatch<E>) => void): void;
  /** Lets `participant` take part in every commit from now on; there is one at most. */
  join(participant: JournalParticipant<E>): void;
  head(): number;
  /** Registers a follower that has released everything up to `released`; the journal keeps what it has not. */
  follow(name: string, released: number): JournalFollower;
  /**
   * Leaves so many numbers out: they may have been given before, to batches that only a store knows that cannot be
   * opened. Durable when it resolves.
   */
  skip(numbers: number): Promise<void>;
  /** A reader of its own for this thread. */
  reader(): JournalReader;
  readonly stats: JournalStats;
}

/** What is turned away for now because too much is held. */
export type Refusing = 'nothing' | 'all_but_urgent' | 'everything';

export interface JournalStats {
  messages: number;
  bytes: number;
  /** Bytes of the state file that the rows take; the newest is there even when it is released. */
  keptBytes: number;
  /** Of these, what some follower has not released, or is not yet trimmed: what the bound bounds. */
  heldBytes: number;
  /** Infinity without a bound. */
  readonly maxBytes: number;
  refusing: Refusing;
  /** Appends turned away at the bound. */
  refused: number;
  trimmedSeq: number;
}

/** The journal holds as much as it may: nothing was stored, the sender should try again later. */
export class JournalFull extends StorageUnavailable {
  override readonly name = 'JournalFull';
  constructor(maxBytes: number) {
    super(`nothing was stored: the journal holds what it may, ${maxBytes} bytes, for a follower that is behind`);
  }
}
