import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from '../sqlite.js';
import { GroupCommit } from './group-commit.js';
import { FileIdentity } from './identity.js';
import { assertAlone, markLock, takeLock } from './lock.js';
import { migrate } from './migrate.js';
import type { Migration, State } from './port.js';
import { assertWhole } from './whole.js';

/** Pages of the WAL after which SQLite copies them into the file: larger stalls less often, for longer. */
const CHECKPOINT_PAGES = 2_000;

/**
 * Opens the state file, takes the folder for this process alone and brings every room's tables up to date.
 * @throws StateLockedError when another process has it open
 * @param histories folders of what belongs to it, and is worth nothing beside an empty one
 * @throws StateDamagedError when it is empty, cut or no database; nothing is changed
 * @throws SchemaTooNewError when the file was written by a newer version
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

/** It holds hashes of tokens and secrets of channels; SQLite gives its log the rights of the file. */
function keepPrivate(path: string): void {
  // Closing a file that is in use would end SQLite's locks on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  try {
    chmodSync(path, 0o600);
  } catch {
    // A file system without rights, or somebody else's file: whoever set that up decides.
  }
}
