import type { Migration } from '../state/port.js';

/** Alarms that a detector or a person gives: latched, as their class asks. */
const isFireAlarm = (rule: string) =>
  `${rule} IN ('smoke-alarm', 'heat-alarm', 'manual-call-point', 'combustible-gas-level-1', 'combustible-gas-level-2')`;

/** The class of what had none, by the JSON of a rule or an alarm. */
const classOf = (domain: string, rule: string) =>
  `CASE ${domain} WHEN 'fire' THEN iif(${isFireAlarm(rule)}, 'fire_alarm', 'fire_facility')
   WHEN 'wastewater' THEN 'environment' WHEN 'system' THEN 'system' ELSE 'operation' END`;

/** The view of an alarm that only knew `active` and `normal`, as one of ISA-18.2. */
const asIsa = (view: string) => `json_set(${view},
  '$.state', iif(${view} ->> 'state' = 'active', 'unack_active', 'normal'),
  '$.active', json(iif(${view} ->> 'state' = 'active', 'true', 'false')),
  '$.unacknowledged', json(iif(${view} ->> 'state' = 'active', 'true', 'false')),
  '$.latched', json(iif(${view} ->> 'state' = 'active' AND ${isFireAlarm(`${view} ->> 'rule'`)}, 'true', 'false')),
  '$.level', 'alarm', '$.alarmClass', ${classOf(`${view} ->> 'domain'`, `${view} ->> 'rule'`)},
  '$.suppression', NULL, '$.shelved', NULL, '$.outOfService', NULL, '$.cause', NULL,
  '$.acknowledgedAt', NULL, '$.acknowledgedBy', NULL, '$.comment', NULL)`;

/** A rule with one condition and a priority, as one with levels. */
const ruleWithLevels = `json_set(json_remove(body, '$.condition', '$.priority'),
  '$.comparison', json_object(
    'side', CASE body ->> '$.condition.kind' WHEN 'state' THEN 'equal' ELSE body ->> '$.condition.kind' END,
    'inclusive', json(CASE WHEN body ->> '$.condition.kind' = 'state' OR body ->> '$.condition.inclusive' THEN 'true' ELSE 'false' END),
    'levels', json_array(json_object('name', 'alarm', 'setpoint', body -> '$.condition.setpoint',
      'deadband', coalesce(body -> '$.condition.deadband', 0), 'priority', body ->> 'priority'))),
  '$.alarmClass', ${classOf("body ->> 'domain'", 'rule')},
  '$.parks', json('[]'), '$.devices', json('[]'), '$.signal', json('{"kind":"value"}'),
  '$.offDelayS', 0, '$.schedule', NULL, '$.suppressedBy', json('[]'))`;

/** Of the conditions; the key came to tell parks apart. */
const WATCH_COLUMNS = `            rule      TEXT NOT NULL,
            device    TEXT NOT NULL,
            park      TEXT NOT NULL,
            last_ts   INTEGER NOT NULL,
            quiet     INTEGER NOT NULL,
            condition TEXT NOT NULL,
            state     TEXT,
            memory    TEXT,
            view      TEXT,
`;

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
  {
    name: 'alarms of ISA-18.2',
    sql: `-- Conditions with levels, beside them what people did; a quiet one keeps a resend from raising it again.
          CREATE TABLE alarm_watches (
${WATCH_COLUMNS}            PRIMARY KEY (rule, device)
          ) STRICT, WITHOUT ROWID;

          ALTER TABLE alarm_events ADD COLUMN by TEXT;
          ALTER TABLE alarm_events ADD COLUMN comment TEXT;
          ALTER TABLE alarm_events ADD COLUMN rule TEXT;
          ALTER TABLE alarm_events ADD COLUMN device TEXT;
          ALTER TABLE alarm_events ADD COLUMN park TEXT;
          ALTER TABLE alarm_events ADD COLUMN domain TEXT;
          ALTER TABLE alarm_events ADD COLUMN priority TEXT;
          UPDATE alarm_events SET
            rule = view ->> 'rule', device = view ->> 'device', park = view ->> 'park',
            domain = view ->> 'domain', priority = view ->> 'priority',
            view = ${asIsa('view')};
          INSERT INTO alarm_watches
            SELECT rule, device, park, last_ts, phase = 'normal',
              json_object('lastTs', last_ts, 'level', phase = 'active', 'since', since,
                          'met', CASE phase WHEN 'normal' THEN json_array() ELSE json_array(since) END, 'back', NULL),
              CASE phase WHEN 'active' THEN json_object('active', json('true'), 'unacknowledged', json('true'),
                'latched', json(iif(${isFireAlarm('rule')}, 'true', 'false')),
                'suppression', json_object('shelved', NULL, 'byDesign', NULL, 'outOfService', NULL)) END,
              NULL, CASE WHEN view IS NOT NULL THEN ${asIsa('view')} END
            FROM alarm_conditions;
          DROP TABLE alarm_conditions;
          -- The defaults come again in their newest version; what people edited is theirs.
          DELETE FROM alarm_rules WHERE origin = 'default';
          UPDATE alarm_rules SET body = ${ruleWithLevels};
          CREATE INDEX alarm_events_by_receipt ON alarm_events (received_at, seq);`,
  },
  {
    name: 'since when alarms are recorded',
    sql: `CREATE TABLE alarm_record (
            id    INTEGER PRIMARY KEY CHECK (id = 1),
            since INTEGER NOT NULL
          ) STRICT;
          INSERT INTO alarm_record
            SELECT 1, coalesce(min(received_at), CAST(unixepoch('subsec') * 1000 AS INTEGER)) FROM alarm_events;`,
  },
  {
    name: 'history of alarm rules',
    sql: `-- Versions are kept for good. at: from when on in force; by: NULL for the service itself; shipped: version of the
          -- default that this one equals.
          ALTER TABLE alarm_rules ADD COLUMN by TEXT;
          ALTER TABLE alarm_rules ADD COLUMN at INTEGER;
          ALTER TABLE alarm_rules ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE alarm_rules ADD COLUMN shipped INTEGER;
          ALTER TABLE alarm_rules ADD COLUMN comment TEXT;
          UPDATE alarm_rules SET shipped = version WHERE origin = 'default';`,
  },
  {
    name: 'device ids belong to parks',
    sql: `CREATE TABLE alarm_watches_by_park (
${WATCH_COLUMNS}            PRIMARY KEY (rule, park, device)
          ) STRICT, WITHOUT ROWID;
          INSERT INTO alarm_watches_by_park
            SELECT rule, device, park, last_ts, quiet, condition, state, memory, view FROM alarm_watches;
          DROP TABLE alarm_watches;
          ALTER TABLE alarm_watches_by_park RENAME TO alarm_watches;
          -- Who votes: devices, told apart by their parks from now on.
          UPDATE alarm_watches
            SET memory = json_set(memory, '$.names',
              json((SELECT json_group_array(park || '/' || one.value) FROM json_each(memory, '$.names') AS one)))
            WHERE park <> '' AND json_array_length(memory, '$.names') > 0
              AND rule NOT IN (SELECT rule FROM alarm_rules WHERE body ->> 'domain' = 'system');`,
  },
  {
    name: 'what was learned of devices',
    sql: `-- How often each is heard and of what, as JSON of LivenessMemory: known after a power cut too, when some never speak again.
          CREATE TABLE IF NOT EXISTS heard_devices (
            device TEXT PRIMARY KEY,
            memory TEXT NOT NULL
          ) STRICT, WITHOUT ROWID;`,
  },
];
