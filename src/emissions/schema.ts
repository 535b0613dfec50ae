import type { Migration } from '../state/port.js';

/** What people told of outlets. Times are epoch milliseconds. */
export const migrations: readonly Migration[] = [
  {
    name: 'ledgers',
    // One sequence of versions for all ledgers of the room. One item holds one entry as JSON; null withdraws it. No row is
    // ever changed or deleted. `outlet` is '' where an entry is of none.
    sql: `CREATE TABLE emission_revisions (
            version     INTEGER PRIMARY KEY,
            recorded_at INTEGER NOT NULL,
            by          TEXT NOT NULL,
            source      TEXT NOT NULL,
            reason      TEXT NOT NULL
          ) STRICT;
          CREATE TABLE emission_items (
            ledger  TEXT NOT NULL,
            outlet  TEXT NOT NULL,
            key     TEXT NOT NULL,
            version INTEGER NOT NULL REFERENCES emission_revisions (version),
            value   TEXT,
            PRIMARY KEY (ledger, outlet, key, version)
          ) STRICT, WITHOUT ROWID;`,
  },
];
