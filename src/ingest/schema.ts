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
    // Guarded: readings that the broker acknowledged and no other store holds.
    name: 'guarded quarantine',
    sql: `ALTER TABLE quarantine ADD COLUMN guarded INTEGER NOT NULL DEFAULT 0;
          CREATE INDEX quarantine_by_guard ON quarantine (guarded, id);
          CREATE INDEX quarantine_guarded ON quarantine (received_at, topic) WHERE guarded = 1;`,
  },
  {
    // Count of rejections for each code, also those not kept one by one; the items that still wait, null for the whole
    // message; and the row's bytes in the file: a whole page where it shares none.
    name: 'quarantine in full',
    sql: `ALTER TABLE quarantine ADD COLUMN codes TEXT;
          ALTER TABLE quarantine ADD COLUMN open TEXT;
          ALTER TABLE quarantine ADD COLUMN text_bytes INTEGER GENERATED ALWAYS AS (
            octet_length(topic) + octet_length(gateway) + octet_length(park) + octet_length(rejections)
              + octet_length(coalesce(codes, '')) + octet_length(coalesce(open, ''))) VIRTUAL;
          ALTER TABLE quarantine ADD COLUMN bytes INTEGER GENERATED ALWAYS AS (CASE
            WHEN text_bytes + length(payload) < 3500 THEN text_bytes + length(payload) + 500
            ELSE (text_bytes + length(payload) + 500 + 4095) / 4096 * 4096 END) VIRTUAL;
          DROP INDEX quarantine_by_park;
          DROP INDEX quarantine_by_guard;
          CREATE INDEX quarantine_by_park ON quarantine (park, id, code, replayed_at);
          CREATE INDEX quarantine_by_holder ON quarantine (park, gateway, id) WHERE guarded = 0;`,
  },
];
