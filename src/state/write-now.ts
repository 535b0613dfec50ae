import type { Database } from '../sqlite.js';
import { isStorageError } from './group-commit.js';
import { type State, StorageUnavailable } from './port.js';

/**
 * Runs a short transaction at once; it is durable when this returns.
 * @throws StorageUnavailable when the disk is full or fails; nothing was stored
 */
export function writeNow<T>(
  state: Pick<State, 'db'> & Partial<Pick<State, 'stillThere'>>,
  work: (db: Database) => T,
): T {
  try {
    state.stillThere?.();
    return state.db.transaction(() => work(state.db)).immediate();
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** What a failed write is to whoever asked for it: StorageUnavailable when it was the disk, else the error itself. */
export function asUnavailable(error: unknown): unknown {
  if (!isStorageError(error)) return error;
  return new StorageUnavailable(`nothing was stored: ${(error as Error).message}`, { cause: error });
}
