import type { Migration } from '../state/port.js';

/** Migrations made it anew as ids, and what an enterprise refers to, changed: every text is what a file was written with. */
const devicesTable = (table: string, id: string, enterprise: string, keys = '') => `CREATE TABLE ${table} (
            id                  ${id},
            park                TEXT NOT NULL REFERENCES parks (id),
            domain              TEXT NOT NULL,
            gateway             TEXT,
            name                TEXT NOT NULL,
            place               TEXT,
            enterprise          ${enterprise},
            limit_profile       TEXT,
            expected_interval_s INTEGER,
            origin              TEXT NOT NULL CHECK (origin IN ('discovered', 'registered')),
            created_at          INTEGER NOT NULL${keys}
          ) STRICT;`;
const PARK_KEY = `,
            PRIMARY KEY (park, id)`;

/** Times are epoch milliseconds. `devices.gateway` is the gateway a device belongs to. */
export const migrations: readonly Migration[] = [
  {
    name: 'registry',
    sql: `CREATE TABLE districts (
            id      TEXT PRIMARY KEY,
            name_zh TEXT NOT NULL,
            name_en TEXT NOT NULL
          ) STRICT;
          CREATE TABLE parks (
            id                  TEXT PRIMARY KEY,
            no                  INTEGER NOT NULL UNIQUE,
            name_zh             TEXT NOT NULL,
            name_en             TEXT NOT NULL,
            district            TEXT NOT NULL REFERENCES districts (id),
            location_zh         TEXT NOT NULL,
            area_mu             REAL NOT NULL,
            land_use            TEXT NOT NULL,
            current_industry_zh TEXT NOT NULL,
            leading_industry_zh TEXT NOT NULL,
            renewal_zh          TEXT NOT NULL
          ) STRICT;
          CREATE TABLE enterprises (
            id      TEXT PRIMARY KEY,
            park    TEXT NOT NULL REFERENCES parks (id),
            name_zh TEXT NOT NULL,
            name_en TEXT NOT NULL
          ) STRICT;
          CREATE TABLE gateways (
            id                TEXT PRIMARY KEY,
            park              TEXT NOT NULL REFERENCES parks (id),
            name              TEXT NOT NULL,
            created_at        INTEGER NOT NULL,
            secret_rotated_at INTEGER NOT NULL,
            secret_hash       TEXT NOT NULL
          ) STRICT;
          ${devicesTable('devices', 'TEXT PRIMARY KEY', 'TEXT REFERENCES enterprises (id)')}
          CREATE INDEX devices_enterprise ON devices (enterprise) WHERE enterprise IS NOT NULL;`,
  },
  {
    name: 'tokens',
    sql: `CREATE TABLE tokens (
            id         TEXT PRIMARY KEY,
            name       TEXT NOT NULL,
            role       TEXT NOT NULL,
            parks      TEXT NOT NULL,
            districts  TEXT NOT NULL,
            origin     TEXT NOT NULL CHECK (origin IN ('api', 'environment', 'first_start')),
            hash       BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER,
            revoked_by TEXT
          ) STRICT;`,
  },
  {
    name: 'audit',
    sql: `CREATE TABLE audit (
            id      INTEGER PRIMARY KEY,
            ts      INTEGER NOT NULL,
            last_ts INTEGER NOT NULL,
            count   INTEGER NOT NULL,
            who     TEXT NOT NULL,
            action  TEXT NOT NULL,
            target  TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
            detail  TEXT
          ) STRICT;
          CREATE INDEX audit_outcome ON audit (outcome, id);
          CREATE INDEX audit_who ON audit (who, id);`,
  },
  {
    name: 'device ids belong to parks',
    sql: `${devicesTable('devices_by_park', 'TEXT NOT NULL', 'TEXT REFERENCES enterprises (id)', PARK_KEY)}
          INSERT INTO devices_by_park SELECT id, park, domain, gateway, name, place, enterprise, limit_profile,
            expected_interval_s, origin, created_at FROM devices;
          DROP TABLE devices;
          ALTER TABLE devices_by_park RENAME TO devices;
          CREATE INDEX devices_enterprise ON devices (enterprise) WHERE enterprise IS NOT NULL;

          -- Which park had a device of this id first: alarms call that one by its id alone, for good.
          CREATE TABLE device_names (
            id   TEXT PRIMARY KEY,
            park TEXT NOT NULL
          ) STRICT;
          INSERT INTO device_names SELECT id, park FROM devices;`,
  },
  {
    name: 'settings of parks',
    sql: `CREATE TABLE park_settings (
            park         TEXT PRIMARY KEY REFERENCES parks (id),
            device_moves TEXT NOT NULL
          ) STRICT;`,
  },
  {
    // Of a secret that is known to be right, and is random: see sign-in.ts.
    name: 'gateway secret digests',
    sql: 'ALTER TABLE gateways ADD COLUMN secret_digest BLOB;',
  },
  {
    name: 'limit profiles of parks, and devices that are no more',
    sql: `-- What an administrator said in place of what the service ships; profile NULL: none.
          CREATE TABLE IF NOT EXISTS park_profiles (
            park    TEXT NOT NULL REFERENCES parks (id),
            domain  TEXT NOT NULL,
            profile TEXT,
            PRIMARY KEY (park, domain)
          ) STRICT, WITHOUT ROWID;
          -- Retired devices are in devices too, removed ones are not; their alarms have ended.
          CREATE TABLE IF NOT EXISTS gone_devices (
            park   TEXT NOT NULL,
            device TEXT NOT NULL,
            how    TEXT NOT NULL CHECK (how IN ('retired', 'removed')),
            at     INTEGER NOT NULL,
            PRIMARY KEY (park, device)
          ) STRICT, WITHOUT ROWID;`,
  },
  {
    name: 'rates of counters',
    sql: `-- Units per hour that a device's counter can rise at most; NULL: not known any more. The historian asks for later changes.
          CREATE TABLE IF NOT EXISTS max_rates (
            park   TEXT NOT NULL,
            device TEXT NOT NULL,
            metric TEXT NOT NULL,
            rate   REAL,
            change INTEGER NOT NULL UNIQUE,
            PRIMARY KEY (park, device, metric)
          ) STRICT, WITHOUT ROWID;`,
  },
  {
    name: 'devices that moved to other parks',
    sql: `-- Domains, of which the audit knows those of devices that were removed before: their history is asked for by them.
          CREATE TABLE devices_gone (
            park   TEXT NOT NULL,
            device TEXT NOT NULL,
            how    TEXT NOT NULL CHECK (how IN ('retired', 'removed', 'moved')),
            at     INTEGER NOT NULL,
            domain TEXT,
            PRIMARY KEY (park, device)
          ) STRICT, WITHOUT ROWID;
          INSERT INTO devices_gone SELECT gone.park, gone.device, gone.how, gone.at,
            (SELECT json_extract(detail, '$.domain') FROM audit
              WHERE action = 'device.remove' AND json_valid(detail) AND json_extract(detail, '$.park') = gone.park
                AND json_extract(detail, '$.id') = gone.device ORDER BY id DESC LIMIT 1)
            FROM gone_devices AS gone;
          DROP TABLE gone_devices;
          ALTER TABLE devices_gone RENAME TO gone_devices;`,
  },
  {
    name: 'enterprise ids belong to parks',
    sql: `CREATE TABLE enterprises_by_park (
            id      TEXT NOT NULL,
            park    TEXT NOT NULL REFERENCES parks (id),
            name_zh TEXT NOT NULL,
            name_en TEXT NOT NULL,
            PRIMARY KEY (park, id)
          ) STRICT;
          INSERT INTO enterprises_by_park SELECT id, park, name_zh, name_en FROM enterprises;
          ${devicesTable(
            'devices_anew',
            'TEXT NOT NULL',
            'TEXT',
            `${PARK_KEY},
            FOREIGN KEY (park, enterprise) REFERENCES enterprises_by_park (park, id)`,
          )}
          INSERT INTO devices_anew SELECT id, park, domain, gateway, name, place,
            (SELECT id FROM enterprises_by_park AS its WHERE its.park = devices.park AND its.id = devices.enterprise),
            limit_profile, expected_interval_s, origin, created_at FROM devices;
          DROP TABLE devices;
          DROP TABLE enterprises;
          ALTER TABLE enterprises_by_park RENAME TO enterprises;
          ALTER TABLE devices_anew RENAME TO devices;
          CREATE INDEX devices_enterprise ON devices (park, enterprise) WHERE enterprise IS NOT NULL;`,
  },
  {
    name: 'order of parks that have an id',
    sql: `-- In the order of their rows: alarms of the first one's device are called by the id alone.
          CREATE TABLE device_parks (
            id   TEXT NOT NULL,
            park TEXT NOT NULL,
            PRIMARY KEY (id, park)
          ) STRICT;
          INSERT INTO device_parks SELECT id, park FROM device_names;
          INSERT OR IGNORE INTO device_parks SELECT id, park FROM devices ORDER BY created_at, park;
          INSERT OR IGNORE INTO device_parks SELECT device, park FROM gone_devices ORDER BY at, park;
          DROP TABLE device_names;
          ALTER TABLE device_parks RENAME TO device_names;`,
  },
];
