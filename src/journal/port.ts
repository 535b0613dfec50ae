import { StorageUnavailableError } from '../state/port.js';

declare const position: unique symbol;

/**
 * Where a batch lies in the journal; positions rise. Outside the journal they are kept and compared, never computed: what
 * is kept is their number, and `positionFrom` makes a position of it again.
 */
export type Position = number & { readonly [position]: true };

/** Before the first batch. */
export const BEGINNING = 0 as Position;

export const positionFrom = (stored: number): Position => stored as Position;

/** Whether no batch can lie between the two. A false answer costs no more than a look into the journal. */
export const comesNext = (after: Position, next: Position): boolean => next === after + 1;

/**
 * One message as it arrived; `payload` is kept byte for byte. Times are epoch milliseconds; `replayedAt` is there when it
 * waited in quarantine until then. `park` is that of the topic, empty where the topic names none: by it a journal can be cut.
 */
export interface JournalEntry {
  readonly park: string;
  readonly topic: string;
  readonly gateway: string;
  readonly receivedAt: number;
  readonly replayedAt?: number;
  readonly payload: Uint8Array;
}

/** The entries that became durable together, in order of arrival. */
export interface JournalBatch<E extends JournalEntry = JournalEntry> {
  readonly position: Position;
  readonly entries: readonly E[];
  /** Days that readings were kept when the batch was written; left out where that is not known. */
  readonly rawDays?: number;
}

/** A batch as it lies in the journal. */
export interface StoredBatch extends JournalBatch {
  /** Bytes of its body. */
  readonly bytes: number;
}

/** Reads what is durable; any thread may have one. */
export interface JournalReader {
  /** Batches after `after`, oldest first, until their payloads pass `maxBytes`; always at least one if there is one. */
  read(after: Position, maxBytes: number): StoredBatch[];
  /** The newest durable position; `BEGINNING` when nothing was ever stored. */
  head(): Position;
  close(): void;
}

/** Who follows the journal. A batch is kept until every follower has released it, and is trimmed then. */
export interface JournalFollower {
  readonly released: Position;
  /** All batches up to this one may go as far as this follower is concerned; an earlier one than before changes nothing. */
  release(upTo: Position): void;
}

/** Who has something durable together with each batch, or not at all. */
export interface JournalParticipant<E extends JournalEntry = JournalEntry> {
  /** Called while the batch is being made durable: what is written now goes with it. What it throws fails the batch. */
  writing(batch: JournalBatch<E>): void;
  /** The batch failed: nothing of it is there. When it succeeds, `onCommitted` tells. */
  undone(): void;
}

/** The durable log between what arrives and everything that follows. `E` carries what the appender attaches. */
export interface Journal<E extends JournalEntry = JournalEntry> {
  /**
   * The entry joins the batch that is written next; resolves with the batch's position once the entry would survive
   * `kill -9` and a power cut. The last part of the journal's bound is kept for `urgent` entries. What `beside` writes is
   * durable with the entry, or not at all; what it throws fails the batch.
   * @throws JournalFullError at the bound, until followers have released enough
   * @throws StorageUnavailableError when the disk is full or fails.
   */
  append(entry: E, urgent?: boolean, beside?: () => void): Promise<Position>;
  /** Called once a batch is durable, in order, with the entries as they were appended. */
  onCommitted(listener: (batch: JournalBatch<E>) => void): void;
  /** Lets `participant` take part in every batch from now on; there is one at most. */
  join(participant: JournalParticipant<E>): void;
  head(): Position;
  /** Registers a follower that has released everything up to `released`; the journal keeps what it has not. */
  follow(name: string, released: Position): JournalFollower;
  /**
   * Leaves so many positions out: they may have been given before, to batches that only a store knows that cannot be
   * opened. Durable when it resolves.
   */
  skip(positions: number): Promise<unknown>;
  /** A reader of its own for this thread. */
  reader(): JournalReader;
  /** By which another thread opens a reader; means something to the journal alone. */
  readonly address: string;
  readonly stats: JournalStats;
}

/** What is turned away for now because too much is held. */
export type Refusing = 'nothing' | 'all_but_urgent' | 'everything';

export interface JournalStats {
  messages: number;
  bytes: number;
  /** Bytes of disk that the journal takes; its newest batch is there even when it is released. */
  keptBytes: number;
  /** Of these, what some follower has not released, or is not yet trimmed: what the bound bounds. */
  heldBytes: number;
  /** Infinity without a bound. */
  readonly maxBytes: number;
  refusing: Refusing;
  /** Appends turned away at the bound. */
  refused: number;
  trimmedTo: Position;
}

/** The journal holds as much as it may: nothing was stored, the sender should try again later. */
export class JournalFullError extends StorageUnavailableError {
  override readonly name = 'JournalFullError';
  constructor(maxBytes: number) {
    super(`nothing was stored: the journal holds what it may, ${maxBytes} bytes, for a follower that is behind`);
  }
}
