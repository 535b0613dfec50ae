import type { Migration } from '../state/port.js';

/** One row holds all messages of one commit, see codec.ts. */
export const migrations: readonly Migration[] = [
  {
    name: 'journal',
    sql: `CREATE TABLE journal (
            seq   INTEGER PRIMARY KEY,
            bytes INTEGER NOT NULL,
            body  BLOB NOT NULL
          ) STRICT`,
  },
  {
    // Bytes on disk of every row up to and including this one, so that the journal knows its size without reading all
    // rows; 0 in rows that older versions wrote.
    name: 'running total',
    sql: 'ALTER TABLE journal ADD COLUMN total INTEGER NOT NULL DEFAULT 0',
  },
  {
    // Position up to which the journal was trimmed once a store had it: a store that has less has lost data.
    name: 'marks',
    sql: 'CREATE TABLE journal_mark (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  },
  {
    // Retention by which ingest judged the messages, so that followers decode them with the same verdict; null in rows
    // that older versions wrote.
    name: 'days in force',
    sql: 'ALTER TABLE journal ADD COLUMN raw_days REAL',
  },
];
