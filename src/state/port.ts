import type { Database } from '../sqlite.js';

export { asUnavailable, isStorageError, StorageUnavailableError } from './errors.js';
export { writeNow } from './write-now.js';

/** A migration: forward only, run in one transaction; its index in the list is its version. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * The one SQLite file (WAL, synchronous=FULL). The main thread is its only writer; `db` may be used for
 * immediate reads and transactions, `commit` joins the next group commit.
 */
export interface State {
  readonly path: string;
  readonly db: Database;
  /**
   * Runs `work` inside the next group commit and resolves once it is on disk.
   * @throws StorageUnavailableError when the disk is full or fails; nothing of the group was stored.
   */
  commit(work: (db: Database) => void): Promise<void>;
  /**
   * Checks that writes last: the open file is still the one at its path.
   * @throws StorageUnavailableError when it is not
   */
  stillThere(): void;
  readonly stats: StateStats;
  close(): void;
}

export interface StateStats {
  commits: number;
  failedCommits: number;
  /** The last disk error while the disk fails, else null. */
  failing: string | null;
  lastCommitMs: number;
}
