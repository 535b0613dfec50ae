import { type DeviceKey, deviceKey, deviceOf, parkOf } from '../../model/ids.js';
import { openReadOnly } from '../../sqlite.js';

/** Where a device belongs; the texts are ids, and empty where the registry does not know. */
export interface DeviceTags {
  readonly district: string;
  readonly enterprise: string;
}

/** Asks the registry where devices belong, from any thread. */
export interface DeviceTagsReader {
  tagsOf(device: DeviceKey): DeviceTags;
  /** The device of that id, of the first park that had it; undefined when none ever did. */
  keyOf(id: string): DeviceKey | undefined;
  close(): void;
}

/** A change in the registry is seen after this long at the latest. */
const FRESH_MS = 2_000;
const MOST_DEVICES = 200_000;

/** A reader with a read-only connection of its own, and a short memory: it is asked for every message. */
export function openDeviceTags(statePath: string, clock: () => number = () => performance.now()): DeviceTagsReader {
  const db = openReadOnly(statePath);
  const enterprise = db.prepare<[string, string], { enterprise: string | null }>(
    'SELECT enterprise FROM devices WHERE park = ? AND id = ?',
  );
  const first = db.prepare<[string], { park: string }>(
    'SELECT park FROM device_names WHERE id = ? ORDER BY rowid LIMIT 1',
  );
  const district = db.prepare<[string], { district: string }>('SELECT district FROM parks WHERE id = ?');
  const known = new Map<DeviceKey, DeviceTags>();
  let readAt = clock();
  return {
    tagsOf(device) {
      if (known.size >= MOST_DEVICES || clock() - readAt > FRESH_MS) {
        known.clear();
        readAt = clock();
      }
      const before = known.get(device);
      if (before !== undefined) return before;
      const park = parkOf(device);
      const tags = {
        district: district.get(park)?.district ?? '',
        enterprise: enterprise.get(park, deviceOf(device))?.enterprise ?? '',
      };
      known.set(device, tags);
      return tags;
    },
    keyOf(id) {
      const park = first.get(id)?.park;
      return park === undefined ? undefined : deviceKey(park, id);
    },
    close: () => db.close(),
  };
}
