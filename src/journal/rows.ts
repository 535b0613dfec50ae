import type { State } from '../state/port.js';
import { Bound } from './bound.js';
import { diskBytes } from './disk.js';
import { type JournalFollower, type JournalStats, type Position, positionFrom } from './port.js';
import { trimmedMark } from './reader-port.js';

/** Most rows and bytes that one trimming step deletes, so that no commit takes long. */
const TRIM_ROWS = 256;
const TRIM_BYTES = 4 * 1024 * 1024;

export interface JournalOptions {
  /** Most bytes of the state file that unreleased batches may take; without it there is no bound. */
  readonly maxBytes?: number;
  /** Names of the followers expected; the journal trims nothing until all have registered. */
  readonly followers?: readonly string[];
  /** The store that a trim relies on: the journal records the position up to which that store must have every batch. */
  readonly store?: string;
  /** Retention in days, by which ingest judges the entries. */
  readonly rawDays?: number;
}

interface Row {
  readonly seq: number;
  readonly bytes: number;
}

/** The journal's rows in the state file: counts them against the bound, and trims what every follower has released. */
export class Rows {
  readonly stats: JournalStats;
  head: Position;
  /** Bytes on disk of all rows ever inserted, and of the newest. */
  private total: number;
  private newestBytes: number;
  /** A row that was newest and released when the next row came; it stays here until it is trimmed. */
  private spare: Row | null = null;
  private trimming = false;
  private readonly followers: JournalFollower[] = [];
  private readonly awaited: Set<string>;
  private readonly bound: Bound;
  private readonly pageBytes: number;
  private readonly rawDays: number | null;
  private readonly insertRow;
  private readonly oldest;
  private readonly remove;
  private readonly mark;

  constructor(
    private readonly state: State,
    { maxBytes = Number.POSITIVE_INFINITY, followers = [], store, rawDays }: JournalOptions,
  ) {
    const { db } = state;
    this.rawDays = rawDays ?? null;
    this.insertRow = db.prepare('INSERT INTO journal (seq, bytes, body, total, raw_days) VALUES (?, ?, ?, ?, ?)');
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
    this.head = positionFrom(last?.seq ?? 0);
    this.total = last?.total ?? 0;
    this.newestBytes = last === undefined ? 0 : this.onDisk(last.bytes);
    const keptBytes = first === undefined ? 0 : this.keptFrom(first);
    this.stats = {
      messages: 0,
      bytes: 0,
      keptBytes,
      heldBytes: keptBytes,
      maxBytes,
      refusing: 'nothing',
      refused: 0,
      trimmedTo: positionFrom((first?.seq ?? 1) - 1),
    };
  }

  /** Position of the next row. */
  get next(): Position {
    return positionFrom(this.head + 1);
  }

  /** Whether the bound allows a body of this many bytes. */
  admits(bodyBytes: number, urgent: boolean): boolean {
    return this.bound.admits(this.stats.heldBytes + this.onDisk(bodyBytes), urgent);
  }

  /** Counts a refused entry, and trims again: the last trim may have met a full disk, and no release may follow. */
  refuse(): void {
    this.stats.refused += 1;
    this.stats.refusing = this.bound.refusing;
    this.trim();
  }

  /** Inserts a row; call it within a commit. */
  insert(body: Buffer): void {
    this.insertRow.run(this.next, body.length, body, this.total + this.onDisk(body.length), this.rawDays);
  }

  /** Counts the inserted row after its commit succeeded. */
  inserted(bodyBytes: number, messages: number): void {
    const { stats } = this;
    // `seq` restarts in an empty table. The new row now holds the number, so the row before can be trimmed.
    if (this.lowestReleased() >= this.head) this.spare = { seq: this.head, bytes: this.newestBytes };
    this.head = this.next;
    this.newestBytes = this.onDisk(bodyBytes);
    this.total += this.newestBytes;
    stats.messages += messages;
    stats.bytes += bodyBytes;
    stats.keptBytes += this.newestBytes;
    this.measure();
    if (this.spare !== null) this.trim();
  }

  follow(name: string, released: Position): JournalFollower {
    // A follower that has seen more than the journal: an operator restored an older state file from a backup. The
    // journal must not give those positions again, because the follower takes them for old.
    if (released > this.head) this.head = released;
    const follower = new Follower(released, () => {
      this.measure();
      this.trim();
    });
    this.followers.push(follower);
    const awaited = this.awaited.delete(name);
    this.measure();
    if (awaited) this.trim();
    return follower;
  }

  private onDisk(bodyBytes: number): number {
    return diskBytes(bodyBytes, this.pageBytes);
  }

  private keptFrom(first: Row & { readonly total: number }): number {
    if (first.total > 0) return this.total - first.total + this.onDisk(first.bytes);
    let kept = 0;
    const rows = this.state.db.prepare<[], Row>('SELECT seq, bytes FROM journal').iterate();
    for (const row of rows) kept += this.onDisk(row.bytes);
    return kept;
  }

  /** The newest row stays so that `seq` never restarts. Once released it does not count as held. */
  private measure(): void {
    const { stats } = this;
    if (this.spare !== null && this.spare.seq <= stats.trimmedTo) this.spare = null;
    const newest = this.lowestReleased() >= this.head ? this.newestBytes : 0;
    stats.heldBytes = stats.keptBytes - newest - (this.spare?.bytes ?? 0);
    this.bound.measure(stats.heldBytes);
    stats.refusing = this.bound.refusing;
  }

  /** 0 until every expected follower has registered. */
  private lowestReleased(): number {
    if (this.awaited.size > 0 || this.followers.length === 0) return 0;
    return Math.min(...this.followers.map((follower) => follower.released));
  }

  /** Deletes what all followers released, a step per commit; keeps the newest row so that `seq` never restarts. */
  private trim(): void {
    const upTo = Math.min(this.head - 1, this.lowestReleased());
    if (this.trimming || upTo <= this.stats.trimmedTo) return;
    this.trimming = true;
    let step = { seq: 0, bytes: 0 };
    this.state
      .commit(() => {
        step = { seq: 0, bytes: 0 };
        for (const row of this.oldest.iterate(upTo)) {
          step = { seq: row.seq, bytes: step.bytes + this.onDisk(row.bytes) };
          if (step.bytes >= TRIM_BYTES) break;
        }
        this.remove.run(step.seq);
        if (step.seq > 0) this.mark(step.seq);
      })
      .then(
        () => {
          this.stats.trimmedTo = positionFrom(Math.max(step.seq, this.stats.trimmedTo));
          this.stats.keptBytes -= step.bytes;
          this.measure();
          this.trimming = false;
          if (step.seq > 0) this.trim();
        },
        // The disk is full: the next release, or the next refused entry, tries again.
        () => {
          this.trimming = false;
        },
      );
  }
}

class Follower implements JournalFollower {
  constructor(
    public released: Position,
    private readonly onRelease: () => void,
  ) {}

  release(upTo: Position): void {
    if (upTo <= this.released) return;
    this.released = upTo;
    this.onRelease();
  }
}
