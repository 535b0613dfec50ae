import type { Migration } from '../state/port.js';

export const migrations: readonly Migration[] = [
  {
    name: 'quarantine',
    sql: `CREATE TABLE quarantine (
            id          INTEGER PRIMARY KEY AUTOINCREMENT,
            received_at INTEGER NOT NULL,
            gateway     TEXT NOT NULL,
            park        TEXT NOT NULL,
            topic       TEXT NOT NULL,
            payload     BLOB NOT NULL,
            code        TEXT NOT NULL,
            rejections  TEXT NOT NULL,
            replayed_at INTEGER,
            replayed_by TEXT
          ) STRICT;
          CREATE INDEX quarantine_by_park ON quarantine (park, id);`,
  },
  {
    // Guarded: readings that were acknowledged and are nowhere else.
    name: 'guarded quarantine',
    sql: `ALTER TABLE quarantine ADD COLUMN guarded INTEGER NOT NULL DEFAULT 0;
          CREATE INDEX quarantine_by_guard ON quarantine (guarded, id);
          CREATE INDEX quarantine_guarded ON quarantine (received_at, topic) WHERE guarded = 1;`,
  },
];
