import type { Migration } from '../../state/port.js';

/**
 * Times are epoch milliseconds; `rank` is the place of the priority in PRIORITIES. `alarm_channels.target` and `.secret`
 * hold secrets in clear, as sending needs them: everybody who can read the state file can read them.
 */
export const migrations: readonly Migration[] = [
  {
    name: 'notify',
    sql: `CREATE TABLE alarm_channels (
            id            TEXT PRIMARY KEY,
            settings      TEXT NOT NULL,
            target        TEXT NOT NULL,
            secret        TEXT,
            updated_at    INTEGER NOT NULL,
            updated_by    TEXT NOT NULL,
            failing_since INTEGER,
            error         TEXT
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE alarm_escalation_policies (
            version INTEGER PRIMARY KEY,
            body    TEXT NOT NULL,
            ts      INTEGER NOT NULL,
            who     TEXT NOT NULL
          ) STRICT;

          CREATE TABLE alarm_escalations (
            alarm      TEXT PRIMARY KEY,
            view       TEXT NOT NULL,
            seq        INTEGER NOT NULL,
            event      TEXT NOT NULL,
            at         INTEGER NOT NULL,
            since      INTEGER NOT NULL,
            stopped_at INTEGER,
            level      INTEGER NOT NULL,
            told       TEXT NOT NULL,
            due_at     INTEGER
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX alarm_escalations_due ON alarm_escalations (due_at) WHERE due_at IS NOT NULL;

          CREATE TABLE alarm_deliveries (
            id          INTEGER PRIMARY KEY AUTOINCREMENT,
            key         TEXT NOT NULL UNIQUE,
            channel     TEXT NOT NULL,
            alarm       TEXT NOT NULL,
            rank        INTEGER NOT NULL,
            notice      TEXT NOT NULL,
            state       TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
            attempts    INTEGER NOT NULL,
            created_at  INTEGER NOT NULL,
            next_at     INTEGER NOT NULL,
            tried_at    INTEGER,
            finished_at INTEGER,
            error       TEXT
          ) STRICT;
          CREATE INDEX alarm_deliveries_state ON alarm_deliveries (state, id);
          CREATE INDEX alarm_deliveries_queue ON alarm_deliveries (channel, rank DESC, id) WHERE state = 'waiting';
          CREATE INDEX alarm_deliveries_order ON alarm_deliveries (channel, alarm, id) WHERE state = 'waiting';
          CREATE INDEX alarm_deliveries_tried ON alarm_deliveries (channel, tried_at) WHERE tried_at IS NOT NULL;

          -- The last alarm event that was taken in; an alarm raised before there was notification is not told.
          CREATE TABLE alarm_notify_cursor (
            id  INTEGER PRIMARY KEY CHECK (id = 1),
            seq INTEGER NOT NULL
          ) STRICT;`,
  },
  {
    name: 'shares of deliveries',
    sql: 'CREATE INDEX alarm_deliveries_shares ON alarm_deliveries (state, channel, id);',
  },
];
