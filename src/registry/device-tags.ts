import Sqlite from '../sqlite.js';

/** Where a device belongs; the texts are ids, and empty where the registry does not know. */
export interface DeviceTags {
  readonly district: string;
  readonly enterprise: string;
}

/** Asks the registry where devices belong, from any thread. */
export interface DeviceTagsReader {
  tagsOf(device: string, park: string): DeviceTags;
  close(): void;
}

/** A change in the registry is seen after this long at the latest. */
const FRESH_MS = 2_000;
const MOST_DEVICES = 200_000;

/** A reader with a read-only connection of its own, and a short memory: it is asked for every message. */
export function openDeviceTags(statePath: string, clock: () => number = () => performance.now()): DeviceTagsReader {
  const db = new Sqlite(statePath, { readonly: true, fileMustExist: true });
  db.pragma('busy_timeout = 2000');
  const enterprise = db.prepare<[string], { enterprise: string | null }>('SELECT enterprise FROM devices WHERE id = ?');
  const district = db.prepare<[string], { district: string }>('SELECT district FROM parks WHERE id = ?');
  const known = new Map<string, { readonly park: string; readonly tags: DeviceTags }>();
  let readAt = clock();
  return {
    tagsOf(device, park) {
      if (known.size >= MOST_DEVICES || clock() - readAt > FRESH_MS) {
        known.clear();
        readAt = clock();
      }
      const before = known.get(device);
      if (before?.park === park) return before.tags;
      const tags = {
        district: district.get(park)?.district ?? '',
        enterprise: enterprise.get(device)?.enterprise ?? '',
      };
      known.set(device, { park, tags });
      return tags;
    },
    close: () => db.close(),
  };
}
