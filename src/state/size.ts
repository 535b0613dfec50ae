import { statSync } from 'node:fs';
import type { State } from './port.js';

interface StateSize {
  readonly bytes: number;
  /** Of these, pages that hold nothing and are used again before the file grows. */
  readonly freeBytes: number;
  /** The write-ahead log beside it. */
  readonly logBytes: number;
}

/** What the state file takes of the disk. */
export function stateSize({ db, path }: Pick<State, 'db' | 'path'>): StateSize {
  const pragma = (name: string) => Number(db.pragma(name, { simple: true }));
  const page = pragma('page_size');
  return {
    bytes: page * pragma('page_count'),
    freeBytes: page * pragma('freelist_count'),
    logBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
  };
}
