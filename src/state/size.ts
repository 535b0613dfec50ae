import { statSync } from 'node:fs';
import type { State } from './port.js';

interface StateSize {
  readonly bytes: number;
  /** Of these, free pages, which SQLite reuses before the file grows. */
  readonly freeBytes: number;
  /** Size of the write-ahead log. */
  readonly logBytes: number;
}

/** Disk space that the state file takes. */
export function stateSize({ db, path }: Pick<State, 'db' | 'path'>): StateSize {
  const pragma = (name: string) => Number(db.pragma(name, { simple: true }));
  const page = pragma('page_size');
  return {
    bytes: page * pragma('page_count'),
    freeBytes: page * pragma('freelist_count'),
    logBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
  };
}
