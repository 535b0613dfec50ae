import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The state file, which holds the registry and the journal, is missing, empty, cut or no database. */
class StateDamagedError extends Error {
  override readonly name = 'StateDamagedError';
}

const HEADER_BYTES = 100;

/**
 * Checks a state file before SQLite opens it: SQLite takes an empty file for a new database, and deletes the log beside
 * it. `histories` are the folders of the stores that belong to it.
 * @throws StateDamagedError with the damage and the remedy; nothing is changed
 */
export function assertWhole(path: string, histories: readonly string[]): void {
  const size = sizeOf(path);
  const log = sizeOf(`${path}-wal`) ?? 0;
  if ((size ?? 0) === 0 && log > 0) {
    throw new StateDamagedError(
      `${path} is ${size === null ? 'missing' : 'empty'}, but its log ${path}-wal is there and holds what was acknowledged last: put back the state file that belongs to it, or move the log away`,
    );
  }
  if (size === 0) {
    const history = histories.find(holdsFiles);
    if (history === undefined) return;
    throw new StateDamagedError(
      `${path} is empty, but ${history} holds history: the registry, the alarms and the journal are lost. Restore the state file from a backup; to begin with an empty registry beside that history, delete the empty file`,
    );
  }
  if (size !== null && log === 0) assertLength(path, size);
}

/** The header gives the length of the database. SQLite opens a cut file and fails only at the missing pages. */
function assertLength(path: string, size: number): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, 15) !== 'SQLite format 3') {
    throw new StateDamagedError(`${path} is no SQLite database: restore it from a backup`);
  }
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const pages = header.readUInt32BE(28);
  // Older SQLite versions do not maintain the number of pages (SQLite file format, section 1.3.8).
  const valid = header.readUInt32BE(24) === header.readUInt32BE(92);
  if (!valid || size >= pages * pageSize) return;
  throw new StateDamagedError(`${path} has ${size} bytes instead of ${pages * pageSize}: restore it from a backup`);
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

function holdsFiles(folder: string): boolean {
  return (
    existsSync(folder) &&
    readdirSync(folder, { withFileTypes: true }).some((entry) =>
      entry.isDirectory() ? holdsFiles(join(folder, entry.name)) : (sizeOf(join(folder, entry.name)) ?? 0) > 0,
    )
  );
}
