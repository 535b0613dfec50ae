import { openReadOnly } from '../sqlite.js';
import { decodeBody } from './codec.js';
import { type JournalReader, positionFrom, type StoredBatch } from './port.js';

const HEAD = 'SELECT coalesce(max(seq), 0) FROM journal';

/** The newest durable position, and the highest that the journal trimmed once `store` had it; 0 where there is none. */
export function journalBounds(address: string, store: string): { readonly head: number; readonly trimmedSeq: number } {
  const db = openReadOnly(address);
  try {
    const mark = db.prepare<[string], number>('SELECT seq FROM journal_mark WHERE name = ?').pluck();
    return { head: db.prepare<[], number>(HEAD).pluck().get()!, trimmedSeq: mark.get(trimmedMark(store)) ?? 0 };
  } finally {
    db.close();
  }
}

export const trimmedMark = (store: string): string => `trimmed for ${store}`;

/** Opens a reader with its own read-only connection; it sees durable batches, from any thread. */
export function openJournalReader(address: string): JournalReader {
  const db = openReadOnly(address);
  const rows = db.prepare<[number], { seq: number; bytes: number; body: Buffer; raw_days: number | null }>(
    'SELECT seq, bytes, body, raw_days FROM journal WHERE seq > ? ORDER BY seq',
  );
  const newest = db.prepare<[], number>(HEAD).pluck();
  return {
    read(after, maxBytes) {
      const batches: StoredBatch[] = [];
      let bytes = 0;
      // Leaving the loop early ends the read transaction, so that the WAL can be reset.
      for (const row of rows.iterate(after)) {
        const batch = { position: positionFrom(row.seq), bytes: row.bytes, entries: decodeBody(row.body) };
        batches.push(row.raw_days === null ? batch : { ...batch, rawDays: row.raw_days });
        bytes += row.bytes;
        if (bytes >= maxBytes) break;
      }
      return batches;
    },
    head: () => positionFrom(newest.get()!),
    close: () => db.close(),
  };
}
