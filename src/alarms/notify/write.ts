import type { Database } from 'better-sqlite3';
import { isStorageError } from '../../state/group-commit.js';
import { type State, StorageUnavailable } from '../../state/port.js';

/**
 * Runs a short transaction at once; it is durable when this returns.
 * @throws StorageUnavailable when the disk is full or fails; nothing was stored
 */
export function writeNow<T>(state: State, work: (db: Database) => T): T {
  try {
    return state.db.transaction(() => work(state.db)).immediate();
  } catch (error) {
    if (!isStorageError(error)) throw error;
    throw new StorageUnavailable(`nothing was stored: ${(error as Error).message}`, { cause: error });
  }
}
