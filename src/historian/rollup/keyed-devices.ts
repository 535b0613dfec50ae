import type { DeviceKey } from '../../model/ids.js';
import type { Database } from '../../sqlite.js';

/** Which device was meant by an id alone, when no two parks could have the same. */
export type KeyOf = (id: string) => DeviceKey | undefined;

/** Names devices in a table by their keys, where a version that named them by their ids has left rows. */
export function keyDevices(db: Database, table: string, keyOf: KeyOf): void {
  db.function('key_of', (id) => keyOf(String(id)) ?? null);
  db.exec(`UPDATE OR REPLACE ${table} SET device = key_of(device)
           WHERE instr(device, '/') = 0 AND key_of(device) IS NOT NULL`);
}
