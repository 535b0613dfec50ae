import type { Migration } from '../state/port.js';

/** One row holds all the messages of one commit, see codec.ts. */
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
    // Bytes on disk of every row up to and with this one, so that what is kept is known without reading all of it;
    // 0 in rows from before it was counted.
    name: 'running total',
    sql: 'ALTER TABLE journal ADD COLUMN total INTEGER NOT NULL DEFAULT 0',
  },
  {
    // How far the journal was trimmed once a store had it: a store that has less is not the one it was.
    name: 'marks',
    sql: 'CREATE TABLE journal_mark (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  },
  {
    // The bound that ingest judged the messages by, so that whoever reads them later takes what ingest took; null in
    // rows from before it was written down.
    name: 'days in force',
    sql: 'ALTER TABLE journal ADD COLUMN raw_days REAL',
  },
];
