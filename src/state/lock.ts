import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from '../sqlite.js';

/** Another process has this state file open. */
export class StateLockedError extends Error {
  override readonly name = 'StateLockedError';
}

const MARK = `CREATE TABLE IF NOT EXISTS state_lock (id INTEGER PRIMARY KEY CHECK (id = 1), file TEXT NOT NULL) STRICT`;

/** A lock that the operating system releases whenever the process ends: an open exclusive transaction. */
export function takeLock(path: string): Database {
  const lock = new Sqlite(path, { timeout: 0 });
  try {
    lock.pragma('journal_mode = DELETE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    throw inUse(path);
  }
}

/**
 * Checks that no other process uses the state file. An operator can delete the lock's file while its holder runs, and
 * another process can lock a new one. The state file names its lock; with any other lock, the state file must be free.
 * @throws StateLockedError when another process has it open
 */
export function assertAlone(statePath: string, lockPath: string): void {
  if ((statSync(statePath, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  if (markedLock(statePath) === nameOf(lockPath)) return;
  const db = new Sqlite(statePath, { timeout: 2_000 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw inUse(statePath);
    throw error;
  } finally {
    db.close();
  }
}

/** Stores in the state file which lock belongs to it. */
export function markLock(db: Database, lockPath: string): void {
  db.exec(MARK);
  const name = nameOf(lockPath);
  const known = db.prepare<[], { file: string }>('SELECT file FROM state_lock').get()?.file;
  if (known !== name) db.prepare('INSERT OR REPLACE INTO state_lock VALUES (1, ?)').run(name);
}

function markedLock(statePath: string): string | null {
  const db = new Sqlite(statePath, { readonly: true, timeout: 2_000 });
  try {
    return db.prepare<[], { file: string }>('SELECT file FROM state_lock').get()?.file ?? null;
  } catch {
    // An older version wrote the file without a mark, or it cannot be read: the file must be free.
    return null;
  } finally {
    db.close();
  }
}

function nameOf(lockPath: string): string {
  const { dev, ino } = statSync(lockPath);
  return `${dev}:${ino}`;
}

const inUse = (path: string) => new StateLockedError(`${dirname(path)} is in use by another running service`);
