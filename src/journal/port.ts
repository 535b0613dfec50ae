import { StorageUnavailableError } from '../state/port.js';

declare const position: unique symbol;

/**
 * Where a batch lies in the journal; positions rise. Code outside the journal stores and compares positions and
 * computes none: it stores the number, and `positionFrom` turns the number back into a position.
 */
export type Position = number & { readonly [position]: true };

/** The position before the first batch. */
export const BEGINNING = 0 as Position;

export const positionFrom = (stored: number): Position => stored as Position;

/** Whether no batch can lie between the two. A false answer costs one look into the journal. */
export const comesNext = (after: Position, next: Position): boolean => next === after + 1;

/**
 * One message as it arrived; `payload` is kept byte for byte. Times are epoch milliseconds; `replayedAt` is set when
 * the message waited in quarantine. `park` comes from the topic, else empty; a journal can be split by it.
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
  /** Retention in days when the batch was written; absent where it is not known. */
  readonly rawDays?: number;
}

/** A batch as the journal stores it. */
export interface StoredBatch extends JournalBatch {
  /** Bytes of its body. */
  readonly bytes: number;
}

/** Reads durable batches; any thread may have a reader. */
export interface JournalReader {
  /** Batches after `after`, oldest first, until their payloads pass `maxBytes`; at least one if there is one. */
  read(after: Position, maxBytes: number): StoredBatch[];
  /** The newest durable position; `BEGINNING` when the journal never stored a batch. */
  head(): Position;
  close(): void;
}

/** A named reader of the journal. The journal trims a batch once every follower has released it. */
export interface JournalFollower {
  readonly released: Position;
  /** Releases all batches up to this one; a position before the last release changes nothing. */
  release(upTo: Position): void;
}

/** Stores its own data in the commit of each batch: both become durable, or neither. */
export interface JournalParticipant<E extends JournalEntry = JournalEntry> {
  /** Called inside the batch's commit: what the participant writes now commits with it. A throw fails the batch. */
  writing(batch: JournalBatch<E>): void;
  /** The batch failed and stored nothing. After a success the journal calls `onCommitted` instead. */
  undone(): void;
}

/** The durable log between ingest and its followers. `E` carries what the appender attaches. */
export interface Journal<E extends JournalEntry = JournalEntry> {
  /**
   * Adds the entry to the next batch; resolves with the batch's position once the entry survives `kill -9` and a power
   * cut. Only `urgent` entries may use the last part of the journal's bound. What `beside` writes is durable with the
   * entry, or not at all; what it throws fails the batch.
   * @throws JournalFullError at the bound, until followers have released enough
   * @throws StorageUnavailableError when the disk is full or fails.
   */
  append(entry: E, urgent?: boolean, beside?: () => void): Promise<Position>;
  /** Calls `listener` once a batch is durable, in order, with the entries as they were appended. */
  onCommitted(listener: (batch: JournalBatch<E>) => void): void;
  /** Lets `participant` take part in every later batch; the journal has at most one. */
  join(participant: JournalParticipant<E>): void;
  head(): Position;
  /** Registers a follower that has released everything up to `released`; the journal keeps all later batches. */
  follow(name: string, released: Position): JournalFollower;
  /**
   * Leaves this many positions out. The journal may have given them before, to batches that only a store has, and that
   * store cannot be opened. Durable when it resolves.
   */
  skip(positions: number): Promise<unknown>;
  /** Opens a reader for this thread. */
  reader(): JournalReader;
  /** Opaque handle with which another thread opens a reader. */
  readonly address: string;
  readonly stats: JournalStats;
}

/** Which entries the journal refuses for now because it holds too much. */
export type Refusing = 'nothing' | 'all_but_urgent' | 'everything';

export interface JournalStats {
  messages: number;
  bytes: number;
  /** Bytes of disk that the journal takes, with its newest batch even when all followers have released it. */
  keptBytes: number;
  /** Of these, bytes that a follower has not released or the journal has not trimmed; the bound applies to them. */
  heldBytes: number;
  /** Infinity without a bound. */
  readonly maxBytes: number;
  refusing: Refusing;
  /** Appends that the journal refused at the bound. */
  refused: number;
  trimmedTo: Position;
}

/** The journal is full and stored nothing; the sender should try again later. */
export class JournalFullError extends StorageUnavailableError {
  override readonly name = 'JournalFullError';
  constructor(maxBytes: number) {
    super(`nothing was stored: the journal is full with ${maxBytes} bytes because a follower is behind`);
  }
}
