import type { DeviceKey } from '../../model/ids.js';
import type { Database } from '../../sqlite.js';

/** The device of an id from a time when no two parks had the same id. */
export type KeyOf = (id: string) => DeviceKey | undefined;

/** Replaces device ids, which an older version wrote into a table, by device keys. */
export function keyDevices(db: Database, table: string, keyOf: KeyOf): void {
  db.function('key_of', (id) => keyOf(String(id)) ?? null);
  db.exec(`UPDATE OR REPLACE ${table} SET device = key_of(device)
           WHERE instr(device, '/') = 0 AND key_of(device) IS NOT NULL`);
}
