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
];
