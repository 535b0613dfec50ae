import type { Database, Statement } from '../sqlite.js';
import { isStorageError, StorageUnavailableError } from './errors.js';
import type { StateStats } from './port.js';

type Work = (db: Database) => void;

interface Waiting {
  readonly work: Work;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Least time between two commits, in milliseconds. A single write is committed at once; a stream of writes is gathered,
 * so that a thousand messages a second do not cost a thousand syncs.
 */
const GATHER_MS = 2;
/** How often the service tests a failing disk while no other write does. */
const PROBE_MS = 1_000;

/**
 * Commits everything that one turn of the event loop asked for with one sync. A work that throws is rolled back and
 * rejected alone; a disk error rejects the whole group, and a probe then tests the disk until it works again.
 */
export class GroupCommit {
  readonly stats: StateStats = { commits: 0, failedCommits: 0, failing: null, lastCommitMs: 0 };
  private waiting: Waiting[] = [];
  private scheduled = false;
  private closed = false;
  private lastEnd = 0;
  private probe: NodeJS.Timeout | null = null;
  private gone: Error | null = null;
  private readonly begin: Statement;
  private readonly end: Statement;
  private readonly undo: Statement;
  private readonly mark: Statement;
  private readonly release: Statement;
  private readonly undoToMark: Statement;

  /** @param stillThere throws when what the service writes to the file would not last */
  constructor(
    private readonly db: Database,
    private readonly stillThere: () => void = () => undefined,
  ) {
    db.exec('CREATE TABLE IF NOT EXISTS state_probe (id INTEGER PRIMARY KEY CHECK (id = 1), filler BLOB NOT NULL)');
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.end = db.prepare('COMMIT');
    this.undo = db.prepare('ROLLBACK');
    this.mark = db.prepare('SAVEPOINT one');
    this.release = db.prepare('RELEASE one');
    this.undoToMark = db.prepare('ROLLBACK TO one');
  }

  add(work: Work): Promise<void> {
    if (this.closed) return Promise.reject(new StorageUnavailableError('the state file is closed'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ work, resolve, reject });
      this.schedule();
    });
  }

  /** Commits the waiting work and stops. */
  close(): void {
    if (this.probe) clearInterval(this.probe);
    this.run();
    this.closed = true;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const rest = this.lastEnd + GATHER_MS - performance.now();
    if (rest <= 0) setImmediate(this.runScheduled);
    else setTimeout(this.runScheduled, rest);
  }

  private readonly runScheduled = () => {
    this.scheduled = false;
    this.run();
  };

  private run(): void {
    if (this.waiting.length === 0 || this.closed) return;
    const group = this.waiting;
    this.waiting = [];
    const started = performance.now();
    const done: Waiting[] = [];
    try {
      if (this.gone !== null) throw this.gone;
      this.begin.run();
      for (const one of group) if (this.runOne(one)) done.push(one);
      this.stillThere();
      this.end.run();
      this.assertWritten();
    } catch (error) {
      if (this.db.inTransaction) this.undo.run();
      this.failed(error, group);
      return;
    }
    this.stats.commits += 1;
    this.lastEnd = performance.now();
    this.stats.lastCommitMs = this.lastEnd - started;
    this.recovered();
    for (const one of done) one.resolve();
  }

  /**
   * The file may have been removed during its commit: the group is then rejected. Its content is no longer known, so
   * that the service writes nothing more to it.
   */
  private assertWritten(): void {
    try {
      this.stillThere();
    } catch (error) {
      this.gone = error as Error;
      throw error;
    }
  }

  private runOne(one: Waiting): boolean {
    this.mark.run();
    try {
      one.work(this.db);
      this.release.run();
      return true;
    } catch (error) {
      if (isStorageError(error) || !this.db.inTransaction) throw error;
      this.undoToMark.run();
      this.release.run();
      one.reject(error as Error);
      return false;
    }
  }

  private failed(error: unknown, group: readonly Waiting[]): void {
    this.stats.failedCommits += 1;
    this.stats.failing = error instanceof Error ? error.message : String(error);
    const unavailable = new StorageUnavailableError(`nothing was stored: ${this.stats.failing}`, { cause: error });
    for (const one of group) one.reject(unavailable);
    this.probe ??= setInterval(() => this.tryDisk(), PROBE_MS).unref();
  }

  private recovered(): void {
    if (this.stats.failing === null) return;
    this.stats.failing = null;
    if (this.probe) clearInterval(this.probe);
    this.probe = null;
  }

  private tryDisk(): void {
    this.add((db) => db.exec('INSERT OR REPLACE INTO state_probe VALUES (1, randomblob(65536))')).catch(
      () => undefined,
    );
  }
}
