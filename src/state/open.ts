import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from '../sqlite.js';
import { GroupCommit } from './group-commit.js';
import { FileIdentity } from './identity.js';
import { assertAlone, markLock, takeLock } from './lock.js';
import { migrate } from './migrate.js';
import type { Migration, State } from './port.js';
import { assertWhole } from './whole.js';

/** WAL pages after which SQLite checkpoints: a larger number stalls commits less often, but for longer. */
const CHECKPOINT_PAGES = 2_000;

/**
 * Opens the state file, locks the folder for this process and migrates every room's tables.
 * @throws StateLockedError when another process has it open
 * @param histories folders of stores that belong to the file; an empty state file makes them useless
 * @throws StateDamagedError when the file is empty, cut or no database; nothing is changed
 * @throws SchemaTooNewError when a newer version wrote the file
 */
export function openState(
  path: string,
  rooms: Readonly<Record<string, readonly Migration[]>>,
  histories: readonly string[] = [],
): State {
  mkdirSync(dirname(path), { recursive: true });
  const lockPath = `${path}.lock`;
  const lock = takeLock(lockPath);
  let db: Database | undefined;
  let identity: FileIdentity;
  try {
    assertWhole(path, histories);
    assertAlone(path, lockPath);
    keepPrivate(path);
    db = new Sqlite(path);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 2000');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    migrate(db, path, rooms);
    markLock(db, lockPath);
    identity = new FileIdentity(path);
  } catch (error) {
    db?.close();
    lock.close();
    throw error;
  }
  const group = new GroupCommit(db, () => identity.check());
  return {
    path,
    db,
    stillThere: () => identity.check(),
    commit: (work) => group.add(work),
    stats: group.stats,
    close() {
      group.close();
      db?.close();
      lock.close();
    },
  };
}

/** The file holds hashes of tokens and secrets of channels; SQLite gives its log the same permissions. */
function keepPrivate(path: string): void {
  // If the file is already in use, closing it would release SQLite's locks on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  try {
    chmodSync(path, 0o600);
  } catch {
    // The file system has no permissions, or the file belongs to another user: the operator has decided.
  }
}
