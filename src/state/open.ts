import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from '../sqlite.js';
import { GroupCommit } from './group-commit.js';
import { migrate } from './migrate.js';
import type { Migration, State } from './port.js';

/** Pages of the WAL after which SQLite copies them into the file: larger stalls less often, for longer. */
const CHECKPOINT_PAGES = 2_000;

/**
 * Opens the state file, takes the folder for this process alone and brings every room's tables up to date.
 * @throws StateLocked when another process has it open
 * @throws SchemaTooNew when the file was written by a newer version
 */
export function openState(path: string, rooms: Readonly<Record<string, readonly Migration[]>>): State {
  mkdirSync(dirname(path), { recursive: true });
  const lock = takeLock(`${path}.lock`);
  keepPrivate(path);
  const db = new Sqlite(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 2000');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    migrate(db, path, rooms);
  } catch (error) {
    db.close();
    lock.close();
    throw error;
  }
  const group = new GroupCommit(db);
  return {
    path,
    db,
    commit: (work) => group.add(work),
    stats: group.stats,
    close() {
      group.close();
      db.close();
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

/** Another process already works on this state file. */
export class StateLocked extends Error {
  override readonly name = 'StateLocked';
}

/** A lock that the operating system takes back when the process dies, however it dies: an open exclusive transaction. */
function takeLock(path: string): Database {
  const lock = new Sqlite(path, { timeout: 0 });
  try {
    lock.pragma('journal_mode = DELETE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    throw new StateLocked(`${dirname(path)} is in use by another running service`);
  }
}
