import type { Migration } from '../state/port.js';

/** Everything the 5 % rests on that people tell the service. Times are epoch milliseconds. */
export const migrations: readonly Migration[] = [
  {
    name: 'ledgers',
    // One row of `intensity_items` holds one belief as JSON; null withdraws it. No row is ever changed or deleted.
    sql: `CREATE TABLE intensity_revisions (
            ledger      TEXT NOT NULL,
            version     INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            by          TEXT NOT NULL,
            source      TEXT NOT NULL,
            PRIMARY KEY (ledger, version)
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE intensity_items (
            ledger  TEXT NOT NULL,
            version INTEGER NOT NULL,
            key     TEXT NOT NULL,
            value   TEXT,
            PRIMARY KEY (ledger, version, key),
            FOREIGN KEY (ledger, version) REFERENCES intensity_revisions (ledger, version)
          ) STRICT, WITHOUT ROWID;`,
  },
  {
    name: 'reasons',
    sql: 'ALTER TABLE intensity_revisions ADD COLUMN reason TEXT',
  },
  {
    name: 'kept months',
    // Written at a stop. The months count while all that they rest on is as `intensity_kept` says.
    sql: `CREATE TABLE intensity_kept (
            id     INTEGER PRIMARY KEY CHECK (id = 1),
            rests  TEXT NOT NULL,
            newest INTEGER NOT NULL
          ) STRICT;
          CREATE TABLE intensity_kept_months (
            device   TEXT NOT NULL,
            register TEXT NOT NULL,
            max_rate REAL,
            first    INTEGER NOT NULL,
            numbers  BLOB NOT NULL,
            raw_from TEXT NOT NULL,
            crc      INTEGER NOT NULL,
            PRIMARY KEY (device, register)
          ) STRICT;`,
  },
  {
    name: 'revisions in pieces',
    // A large revision is written in several transactions; it counts, and is read, once the last one made it whole.
    sql: 'ALTER TABLE intensity_revisions ADD COLUMN whole INTEGER NOT NULL DEFAULT 1',
  },
];
