import type { Database } from '../sqlite.js';
import { asUnavailable } from './errors.js';

/**
 * Runs a short transaction immediately; it is durable when this returns.
 * @throws StorageUnavailableError when the disk is full or fails; nothing is stored
 */
export function writeNow<T>(state: { readonly db: Database; stillThere?(): void }, work: (db: Database) => T): T {
  try {
    state.stillThere?.();
    return state.db.transaction(() => work(state.db)).immediate();
  } catch (error) {
    throw asUnavailable(error);
  }
}
