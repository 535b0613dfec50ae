import type { DeviceKey } from '../model/ids.js';
import Sqlite, { type Database } from '../sqlite.js';

/** Whether SQLite reports that its file is damaged. */
export const isDamage = (error: unknown): error is Error =>
  error instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);

/** Opens a SQLite file with durable commits and the tables of `schema`; closes it if `use` throws. */
export function openDurable<T>(path: string, schema: string, use: (db: Database) => T): T {
  const db = new Sqlite(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec(schema);
    return use(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The device of an id from a time when no two parks had the same id. */
export type KeyOf = (id: string) => DeviceKey | undefined;

/** Replaces device ids, which an older version wrote into a table, by device keys. */
export function keyDevices(db: Database, table: string, keyOf: KeyOf): void {
  db.function('key_of', (id) => keyOf(String(id)) ?? null);
  db.exec(`UPDATE OR REPLACE ${table} SET device = key_of(device)
           WHERE instr(device, '/') = 0 AND key_of(device) IS NOT NULL`);
}
