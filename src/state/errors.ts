import Sqlite from '../sqlite.js';

/** The disk is full or failing: the service stored nothing, the sender should try again later. */
export class StorageUnavailableError extends Error {
  override readonly name: string = 'StorageUnavailableError';
}

const STORAGE_CODES = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|NOMEM|BUSY|PROTOCOL|CORRUPT|NOTADB)/;

/** Whether SQLite could not store, in contrast to a wrong statement or value. */
export function isStorageError(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && STORAGE_CODES.test(error.code);
}

/** Turns a disk error of a write into StorageUnavailableError; returns any other error as it is. */
export function asUnavailable(error: unknown): unknown {
  if (!isStorageError(error)) return error;
  return new StorageUnavailableError(`nothing was stored: ${(error as Error).message}`, { cause: error });
}
