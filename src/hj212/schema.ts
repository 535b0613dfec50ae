import type { Migration } from '../state/port.js';

export const migrations: readonly Migration[] = [
  {
    // The password is a salt and its digest: the protocol sends it in clear, and needs it nowhere in ours. A cipher's
    // key has to be kept as it is.
    name: 'loggers of HJ 212',
    sql: `CREATE TABLE hj212_loggers (
            mn         TEXT PRIMARY KEY,
            park       TEXT NOT NULL,
            device     TEXT NOT NULL,
            settings   TEXT NOT NULL,
            password   BLOB,
            keys       TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL
          ) STRICT, WITHOUT ROWID;`,
  },
];
