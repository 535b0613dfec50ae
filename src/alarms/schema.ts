import type { Migration } from '../state/port.js';

/** Times are epoch milliseconds; `body` and `view` are JSON of AlarmRule and Alarm. */
export const migrations: readonly Migration[] = [
  {
    name: 'alarms',
    sql: `CREATE TABLE alarm_rules (
            rule    TEXT NOT NULL,
            version INTEGER NOT NULL,
            origin  TEXT NOT NULL CHECK (origin IN ('default', 'edited')),
            body    TEXT NOT NULL,
            PRIMARY KEY (rule, version)
          ) STRICT, WITHOUT ROWID;

          -- Conditions that were ever other than normal; the clock of a normal one keeps a resend from raising it again.
          CREATE TABLE alarm_conditions (
            rule    TEXT NOT NULL,
            device  TEXT NOT NULL,
            park    TEXT NOT NULL,
            phase   TEXT NOT NULL CHECK (phase IN ('normal', 'pending', 'active')),
            last_ts INTEGER NOT NULL,
            since   INTEGER,
            view    TEXT,
            PRIMARY KEY (rule, device)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE alarm_events (
            seq         INTEGER PRIMARY KEY AUTOINCREMENT,
            alarm       TEXT NOT NULL,
            event       TEXT NOT NULL,
            cause       TEXT NOT NULL,
            at          INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            view        TEXT NOT NULL
          ) STRICT;
          CREATE INDEX alarm_events_by_alarm ON alarm_events (alarm, seq);

          CREATE TABLE alarm_cursor (
            id  INTEGER PRIMARY KEY CHECK (id = 1),
            seq INTEGER NOT NULL
          ) STRICT;
          INSERT INTO alarm_cursor VALUES (1, 0);`,
  },
];
