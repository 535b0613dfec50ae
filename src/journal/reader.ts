import Sqlite from '../sqlite.js';
import { decodeBody } from './codec.js';
import type { JournalReader, StoredBatch } from './port.js';

/** A reader with a read-only connection of its own; it sees what is durable, from any thread. */
export function openJournalReader(statePath: string): JournalReader {
  const db = new Sqlite(statePath, { readonly: true, fileMustExist: true });
  db.pragma('busy_timeout = 2000');
  const after = db.prepare<[number], { seq: number; bytes: number; body: Buffer }>(
    'SELECT seq, bytes, body FROM journal WHERE seq > ? ORDER BY seq',
  );
  const newest = db.prepare<[], { head: number | null }>('SELECT max(seq) AS head FROM journal');
  return {
    read(afterSeq, maxBytes) {
      const batches: StoredBatch[] = [];
      let bytes = 0;
      // Leaving the loop early ends the read transaction, so that the WAL can be reset.
      for (const row of after.iterate(afterSeq)) {
        batches.push({ seq: row.seq, bytes: row.bytes, entries: decodeBody(row.body) });
        bytes += row.bytes;
        if (bytes >= maxBytes) break;
      }
      return batches;
    },
    head: () => newest.get()?.head ?? 0,
    close: () => db.close(),
  };
}
