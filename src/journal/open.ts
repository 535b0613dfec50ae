import type { State } from '../state/port.js';
import { BodyWriter, EMPTY_BODY_BYTES, entryBytes } from './codec.js';
import {
  type Journal,
  type JournalBatch,
  type JournalEntry,
  JournalFullError,
  type JournalParticipant,
  type JournalStats,
  type Position,
  positionFrom,
} from './port.js';
import { openJournalReader } from './reader-port.js';
import { type JournalOptions, Rows } from './rows.js';

/** Opens the journal in the state file; `onListenerError` receives what a listener throws. */
export function openJournal<E extends JournalEntry>(
  state: State,
  onListenerError: (error: unknown) => void,
  options: JournalOptions = {},
): Journal<E> {
  return new SqliteJournal<E>(state, onListenerError, new Rows(state, options));
}

/** Gathers the entries of one turn into a row, and tells the listeners once its commit is durable. */
class SqliteJournal<E extends JournalEntry> implements Journal<E> {
  readonly stats: JournalStats;
  readonly address: string;
  private pending: E[] = [];
  /** Writes that the next commit makes together with the pending entries. */
  private beside: (() => void)[] = [];
  /** Body bytes of the entries that wait for a commit, and of those in the commit in flight. */
  private pendingBytes = 0;
  private writingBytes = 0;
  private commit: Promise<Position> | null = null;
  private participant: JournalParticipant<E> | null = null;
  private readonly body = new BodyWriter();
  private readonly listeners: ((batch: JournalBatch<E>) => void)[] = [];

  constructor(
    private readonly state: State,
    private readonly onListenerError: (error: unknown) => void,
    private readonly rows: Rows,
  ) {
    this.stats = rows.stats;
    this.address = state.path;
  }

  append(entry: E, urgent = false, beside?: () => void): Promise<Position> {
    const bytes = entryBytes(entry);
    const waiting = EMPTY_BODY_BYTES + this.writingBytes + this.pendingBytes + bytes;
    if (!this.rows.admits(waiting, urgent)) {
      this.rows.refuse();
      return Promise.reject(new JournalFullError(this.stats.maxBytes));
    }
    this.pending.push(entry);
    if (beside) this.beside.push(beside);
    this.pendingBytes += bytes;
    this.commit ??= this.commitPending();
    return this.commit;
  }

  onCommitted(listener: (batch: JournalBatch<E>) => void): void {
    this.listeners.push(listener);
  }

  join(participant: JournalParticipant<E>): void {
    if (this.participant) throw new Error('the journal has a participant already');
    this.participant = participant;
  }

  head(): Position {
    return this.rows.head;
  }

  follow(name: string, released: Position) {
    return this.rows.follow(name, released);
  }

  skip(positions: number): Promise<Position> {
    this.rows.head = positionFrom(this.rows.head + positions);
    this.commit ??= this.commitPending();
    return this.commit;
  }

  reader() {
    return openJournalReader(this.address);
  }

  private async commitPending(): Promise<Position> {
    let entries: E[] = [];
    let bytes = 0;
    await this.state
      .commit(() => {
        const { beside } = this;
        entries = this.pending;
        this.writingBytes = this.pendingBytes;
        this.startGathering();
        bytes = this.write(entries);
        for (const write of beside) write();
        this.participant?.writing({ position: this.rows.next, entries });
      })
      .catch((error) => {
        // The group may fail before this work runs: the pending entries then fail with it.
        if (entries.length === 0) this.startGathering();
        this.writingBytes = 0;
        this.participant?.undone();
        throw error;
      });
    this.writingBytes = 0;
    this.rows.inserted(bytes, entries.length);
    const position = this.rows.head;
    this.tell({ position, entries });
    return position;
  }

  private startGathering(): void {
    this.pending = [];
    this.beside = [];
    this.pendingBytes = 0;
    this.commit = null;
  }

  private write(entries: readonly E[]): number {
    this.body.reset();
    for (const entry of entries) this.body.add(entry);
    const body = this.body.body();
    this.rows.insert(body);
    return body.length;
  }

  private tell(batch: JournalBatch<E>): void {
    for (const listener of this.listeners) {
      try {
        listener(batch);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }
}
