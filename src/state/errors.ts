import Sqlite from '../sqlite.js';

/** The disk is full or failing: nothing was stored, the sender should try again later. */
export class StorageUnavailableError extends Error {
  override readonly name: string = 'StorageUnavailableError';
}

const STORAGE_CODES = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|NOMEM|BUSY|PROTOCOL|CORRUPT|NOTADB)/;

/** Whether SQLite could not store, as opposed to being asked for something wrong. */
export function isStorageError(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && STORAGE_CODES.test(error.code);
}

/** What a failed write is to whoever asked for it: StorageUnavailableError when it was the disk, else the error itself. */
export function asUnavailable(error: unknown): unknown {
  if (!isStorageError(error)) return error;
  return new StorageUnavailableError(`nothing was stored: ${(error as Error).message}`, { cause: error });
}
