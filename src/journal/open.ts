import type { Database } from '../sqlite.js';
import type { State } from '../state/port.js';
import { Bound } from './bound.js';
import { BodyWriter, EMPTY_BODY_BYTES, entryBytes } from './codec.js';
import { diskBytes } from './disk.js';
import {
  type Journal,
  type JournalBatch,
  type JournalEntry,
  type JournalFollower,
  JournalFull,
  type JournalParticipant,
  type JournalStats,
} from './port.js';
import { openJournalReader, trimmedMark } from './reader-port.js';

/** Rows and bytes that one trimming step deletes at the most, so that no commit takes long. */
const TRIM_ROWS = 256;
const TRIM_BYTES = 4 * 1024 * 1024;

export interface JournalOptions {
  /** Most bytes of the state file that may hold what is not released; without it there is no bound. */
  readonly maxBytes?: number;
  /** Who will follow: nothing goes before all of them are there. */
  readonly followers?: readonly string[];
  /** The store for which it is trimmed: what it must have from then on is written down. */
  readonly store?: string;
  /** Days that readings are kept, by which what is appended was judged. */
  readonly rawDays?: number;
}

/** Opens the journal in the state file; `onListenerError` hears of a follower that threw. */
export function openJournal<E extends JournalEntry>(
  state: State,
  onListenerError: (error: unknown) => void,
  options: JournalOptions = {},
): Journal<E> {
  return new SqliteJournal<E>(state, onListenerError, options);
}

interface Row {
  readonly seq: number;
  readonly bytes: number;
}

class SqliteJournal<E extends JournalEntry> implements Journal<E> {
  readonly stats: JournalStats;
  private seq: number;
  /** Bytes on disk of every row there ever was, and of the newest. */
  private total: number;
  private newestBytes: number;
  /** The row that was newest and released when another came, until it is trimmed. */
  private spare: Row | null = null;
  private pending: E[] = [];
  /** What is to be written beside them. */
  private beside: ((db: Database) => void)[] = [];
  /** Body bytes of the entries that wait for their commit, and of those in the commit under way. */
  private pendingBytes = 0;
  private writingBytes = 0;
  private commit: Promise<void> | null = null;
  private participant: JournalParticipant<E> | null = null;
  private trimming = false;
  private readonly body = new BodyWriter();
  private readonly listeners: ((batch: JournalBatch<E>) => void)[] = [];
  private readonly followers: Follower[] = [];
  private readonly awaited: Set<string>;
  private readonly bound: Bound;
  private readonly pageBytes: number;
  private readonly rawDays: number | null;
  private readonly insert;
  private readonly oldest;
  private readonly remove;
  private readonly mark;

  constructor(
    private readonly state: State,
    private readonly onListenerError: (error: unknown) => void,
    { maxBytes = Number.POSITIVE_INFINITY, followers = [], store, rawDays }: JournalOptions,
  ) {
    const { db } = state;
    this.rawDays = rawDays ?? null;
    this.insert = db.prepare('INSERT INTO journal (seq, bytes, body, total, raw_days) VALUES (?, ?, ?, ?, ?)');
    this.oldest = db.prepare<[number], Row>(
      `SELECT seq, bytes FROM journal WHERE seq <= ? ORDER BY seq LIMIT ${TRIM_ROWS}`,
    );
    this.remove = db.prepare('DELETE FROM journal WHERE seq <= ?');
    const setMark = db.prepare('INSERT OR REPLACE INTO journal_mark (name, seq) VALUES (?, ?)');
    this.mark = (seq: number) => store !== undefined && setMark.run(trimmedMark(store), seq);
    this.pageBytes = Number(db.pragma('page_size', { simple: true }));
    this.bound = new Bound(maxBytes);
    this.awaited = new Set(followers);

    const end = (order: 'ASC' | 'DESC') =>
      db
        .prepare<[], Row & { total: number }>(`SELECT seq, bytes, total FROM journal ORDER BY seq ${order} LIMIT 1`)
        .get();
    const [first, last] = [end('ASC'), end('DESC')];
    this.seq = last?.seq ?? 0;
    this.total = last?.total ?? 0;
    this.newestBytes = last === undefined ? 0 : this.bytesOf(last);
    const keptBytes = first === undefined ? 0 : this.keptFrom(first);
    this.stats = {
      messages: 0,
      bytes: 0,
      keptBytes,
      heldBytes: keptBytes,
      maxBytes,
      refusing: 'nothing',
      refused: 0,
      trimmedSeq: (first?.seq ?? 1) - 1,
    };
  }

  append(entry: E, urgent = false, beside?: (db: Database) => void): Promise<void> {
    const bytes = entryBytes(entry);
    const waiting = EMPTY_BODY_BYTES + this.writingBytes + this.pendingBytes + bytes;
    if (!this.bound.admits(this.stats.heldBytes + diskBytes(waiting, this.pageBytes), urgent)) return this.refuse();
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
    if (this.participant) throw new Error('somebody takes part in the journal’s commits already');
    this.participant = participant;
  }

  head(): number {
    return this.seq;
  }

  follow(name: string, released: number): JournalFollower {
    // A follower that has seen more than the journal: the state file is older than it, restored from a backup. Numbers
    // that it takes for old must not be given again.
    this.seq = Math.max(this.seq, released);
    const follower = new Follower(name, released, () => this.released());
    this.followers.push(follower);
    const awaited = this.awaited.delete(name);
    this.measure();
    if (awaited) this.trim();
    return follower;
  }

  skip(numbers: number): Promise<void> {
    this.seq += numbers;
    this.commit ??= this.commitPending();
    return this.commit;
  }

  reader() {
    return openJournalReader(this.state.path);
  }

  /** Trimming is tried again too: the last one may have met a full disk, and no release may follow. */
  private refuse(): Promise<never> {
    this.stats.refused += 1;
    this.stats.refusing = this.bound.refusing;
    this.trim();
    return Promise.reject(new JournalFull(this.bound.maxBytes));
  }

  private async commitPending(): Promise<void> {
    let entries: E[] = [];
    let bytes = 0;
    await this.state
      .commit((db) => {
        const { beside } = this;
        entries = this.pending;
        this.writingBytes = this.pendingBytes;
        this.startGathering();
        bytes = this.write(entries);
        for (const write of beside) write(db);
        this.participant?.writing({ seq: this.seq + 1, entries });
      })
      .catch((error) => {
        // The group may have failed before this work ran: what waits then fails with it.
        if (entries.length === 0) this.startGathering();
        this.writingBytes = 0;
        this.participant?.undone();
        throw error;
      });
    // The newest was kept for its number's sake; the number is the new row's now, and it goes.
    if (this.lowestReleased() >= this.seq) this.spare = { seq: this.seq, bytes: this.newestBytes };
    this.seq += 1;
    this.writingBytes = 0;
    this.newestBytes = diskBytes(bytes, this.pageBytes);
    this.total += this.newestBytes;
    this.stats.messages += entries.length;
    this.stats.bytes += bytes;
    this.stats.keptBytes += this.newestBytes;
    this.measure();
    if (this.spare !== null) this.trim();
    this.tell({ seq: this.seq, entries });
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
    const total = this.total + diskBytes(body.length, this.pageBytes);
    this.insert.run(this.seq + 1, body.length, body, total, this.rawDays);
    return body.length;
  }

  private bytesOf(row: Row): number {
    return diskBytes(row.bytes, this.pageBytes);
  }

  private keptFrom(first: Row & { readonly total: number }): number {
    if (first.total > 0) return this.total - first.total + this.bytesOf(first);
    let kept = 0;
    const rows = this.state.db.prepare<[], Row>('SELECT seq, bytes FROM journal').iterate();
    for (const row of rows) kept += this.bytesOf(row);
    return kept;
  }

  /** The newest row is kept for its number's sake: once it is released it counts no more, nor until it is trimmed. */
  private measure(): void {
    const { stats } = this;
    if (this.spare !== null && this.spare.seq <= stats.trimmedSeq) this.spare = null;
    const newest = this.lowestReleased() >= this.seq ? this.newestBytes : 0;
    stats.heldBytes = stats.keptBytes - newest - (this.spare?.bytes ?? 0);
    this.bound.measure(stats.heldBytes);
    stats.refusing = this.bound.refusing;
  }

  /** 0 as long as somebody is awaited. */
  private lowestReleased(): number {
    if (this.awaited.size > 0 || this.followers.length === 0) return 0;
    return Math.min(...this.followers.map((follower) => follower.released));
  }

  private released(): void {
    this.measure();
    this.trim();
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

  /** Deletes what every follower has released, a step per commit; the newest row stays, so that `seq` never restarts. */
  private trim(): void {
    const upTo = Math.min(this.seq - 1, this.lowestReleased());
    if (this.trimming || upTo <= this.stats.trimmedSeq) return;
    this.trimming = true;
    let step = { seq: 0, bytes: 0 };
    this.state
      .commit((_db: Database) => {
        step = { seq: 0, bytes: 0 };
        for (const row of this.oldest.iterate(upTo)) {
          step = { seq: row.seq, bytes: step.bytes + this.bytesOf(row) };
          if (step.bytes >= TRIM_BYTES) break;
        }
        this.remove.run(step.seq);
        if (step.seq > 0) this.mark(step.seq);
      })
      .then(
        () => {
          this.stats.trimmedSeq = Math.max(step.seq, this.stats.trimmedSeq);
          this.stats.keptBytes -= step.bytes;
          this.measure();
          this.trimming = false;
          if (step.seq > 0) this.trim();
        },
        // A full disk: the next release, or the next entry that is refused, tries again.
        () => {
          this.trimming = false;
        },
      );
  }
}

class Follower implements JournalFollower {
  constructor(
    readonly name: string,
    private upTo: number,
    private readonly onRelease: () => void,
  ) {}

  get released(): number {
    return this.upTo;
  }

  set released(seq: number) {
    if (seq <= this.upTo) return;
    this.upTo = seq;
    this.onRelease();
  }
}
