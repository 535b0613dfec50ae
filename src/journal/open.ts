import type { Database } from 'better-sqlite3';
import type { State } from '../state/port.js';
import { BodyWriter } from './codec.js';
import type { Journal, JournalBatch, JournalEntry, JournalFollower, JournalStats } from './port.js';
import { openJournalReader } from './reader.js';

/** Rows and bytes that one trimming step deletes at the most, so that no commit takes long. */
const TRIM_ROWS = 256;
const TRIM_BYTES = 4 * 1024 * 1024;

/** Opens the journal in the state file; `onListenerError` hears of a follower that threw. */
export function openJournal<E extends JournalEntry>(
  state: State,
  onListenerError: (error: unknown) => void,
): Journal<E> {
  return new SqliteJournal<E>(state, onListenerError);
}

class SqliteJournal<E extends JournalEntry> implements Journal<E> {
  readonly stats: JournalStats;
  private seq: number;
  private pending: E[] = [];
  private commit: Promise<void> | null = null;
  private trimming = false;
  private readonly body = new BodyWriter();
  private readonly listeners: ((batch: JournalBatch<E>) => void)[] = [];
  private readonly followers: Follower[] = [];
  private readonly insert;
  private readonly oldest;
  private readonly remove;

  constructor(
    private readonly state: State,
    private readonly onListenerError: (error: unknown) => void,
  ) {
    const { db } = state;
    this.insert = db.prepare('INSERT INTO journal (seq, bytes, body) VALUES (?, ?, ?)');
    this.oldest = db.prepare<[number], { seq: number; bytes: number }>(
      `SELECT seq, bytes FROM journal WHERE seq <= ? ORDER BY seq LIMIT ${TRIM_ROWS}`,
    );
    this.remove = db.prepare('DELETE FROM journal WHERE seq <= ?');
    const kept = db
      .prepare<[], { first: number | null; last: number | null; bytes: number }>(
        'SELECT min(seq) AS first, max(seq) AS last, coalesce(sum(bytes), 0) AS bytes FROM journal',
      )
      .get();
    this.seq = kept?.last ?? 0;
    this.stats = { messages: 0, bytes: 0, keptBytes: kept?.bytes ?? 0, trimmedSeq: (kept?.first ?? 1) - 1 };
  }

  append(entry: E): Promise<void> {
    this.pending.push(entry);
    this.commit ??= this.commitPending();
    return this.commit;
  }

  onCommitted(listener: (batch: JournalBatch<E>) => void): void {
    this.listeners.push(listener);
  }

  head(): number {
    return this.seq;
  }

  follow(name: string, released: number): JournalFollower {
    // A follower that has seen more than the journal: the state file is older than it, restored from a backup. Numbers
    // that it takes for old must not be given again.
    this.seq = Math.max(this.seq, released);
    const follower = new Follower(name, released, () => this.trim());
    this.followers.push(follower);
    return follower;
  }

  reader() {
    return openJournalReader(this.state.path);
  }

  private async commitPending(): Promise<void> {
    let entries: E[] = [];
    let bytes = 0;
    await this.state
      .commit(() => {
        entries = this.pending;
        this.pending = [];
        this.commit = null;
        bytes = this.write(entries);
      })
      .catch((error) => {
        // The group may have failed before this work ran: what waits then fails with it.
        if (entries.length === 0) this.pending = [];
        this.commit = entries.length === 0 ? null : this.commit;
        throw error;
      });
    this.seq += 1;
    this.stats.messages += entries.length;
    this.stats.bytes += bytes;
    this.stats.keptBytes += bytes;
    this.tell({ seq: this.seq, entries });
  }

  private write(entries: readonly E[]): number {
    this.body.reset();
    for (const entry of entries) this.body.add(entry);
    const body = this.body.body();
    this.insert.run(this.seq + 1, body.length, body);
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

  /** Deletes what every follower has released, a step per commit; the newest row stays, so that `seq` never restarts. */
  private trim(): void {
    const upTo = Math.min(this.seq - 1, ...this.followers.map((follower) => follower.released));
    if (this.trimming || upTo <= this.stats.trimmedSeq) return;
    this.trimming = true;
    let step = { seq: 0, bytes: 0 };
    this.state
      .commit((_db: Database) => {
        step = { seq: 0, bytes: 0 };
        for (const row of this.oldest.iterate(upTo)) {
          step = { seq: row.seq, bytes: step.bytes + row.bytes };
          if (step.bytes >= TRIM_BYTES) break;
        }
        this.remove.run(step.seq);
      })
      .then(
        () => {
          this.stats.trimmedSeq = Math.max(step.seq, this.stats.trimmedSeq);
          this.stats.keptBytes -= step.bytes;
          this.trimming = false;
          if (step.seq > 0) this.trim();
        },
        // A full disk: the next release tries again.
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
