import Sqlite, { type Database } from '../sqlite.js';
import { decodeBody } from './codec.js';
import type { JournalReader, StoredBatch } from './port.js';

/** The highest batch that was deleted once this store had it; 0 when none was. */
export function trimmedFor(statePath: string, store: string): number {
  return once(statePath, (db) => {
    const mark = db.prepare<[string], { seq: number }>('SELECT seq FROM journal_mark WHERE name = ?');
    return mark.get(trimmedMark(store))?.seq ?? 0;
  });
}

/** The newest durable sequence number; 0 when nothing was ever stored. */
export function headOf(statePath: string): number {
  return once(
    statePath,
    (db) => db.prepare<[], { head: number | null }>('SELECT max(seq) AS head FROM journal').get()?.head ?? 0,
  );
}

export const trimmedMark = (store: string): string => `trimmed for ${store}`;

function once<T>(statePath: string, work: (db: Database) => T): T {
  const db = new Sqlite(statePath, { readonly: true, fileMustExist: true });
  try {
    db.pragma('busy_timeout = 2000');
    return work(db);
  } finally {
    db.close();
  }
}

/** A reader with a read-only connection of its own; it sees what is durable, from any thread. */
export function openJournalReader(statePath: string): JournalReader {
  const db = new Sqlite(statePath, { readonly: true, fileMustExist: true });
  db.pragma('busy_timeout = 2000');
  const after = db.prepare<[number], { seq: number; bytes: number; body: Buffer; raw_days: number | null }>(
    'SELECT seq, bytes, body, raw_days FROM journal WHERE seq > ? ORDER BY seq',
  );
  const newest = db.prepare<[], { head: number | null }>('SELECT max(seq) AS head FROM journal');
  return {
    read(afterSeq, maxBytes) {
      const batches: StoredBatch[] = [];
      let bytes = 0;
      // Leaving the loop early ends the read transaction, so that the WAL can be reset.
      for (const row of after.iterate(afterSeq)) {
        const batch = { seq: row.seq, bytes: row.bytes, entries: decodeBody(row.body) };
        batches.push(row.raw_days === null ? batch : { ...batch, rawDays: row.raw_days });
        bytes += row.bytes;
        if (bytes >= maxBytes) break;
      }
      return batches;
    },
    head: () => newest.get()?.head ?? 0,
    close: () => db.close(),
  };
}
