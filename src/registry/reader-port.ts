import { type DeviceKey, deviceKey, deviceOf, parkOf } from '../model/ids.js';
import { openReadOnly } from '../sqlite.js';

// Look-ups in the registry for other threads, each with its own read-only connection.

/** Origin and tags of a device; the texts are ids, and empty where the registry does not know them. */
export interface DeviceTags {
  readonly district: string;
  readonly enterprise: string;
}

/** Looks up devices' tags, from any thread. */
export interface DeviceTagsReader {
  tagsOf(device: DeviceKey): DeviceTags;
  /** The device with that id in the first park that had it; undefined if none ever did. */
  keyOf(id: string): DeviceKey | undefined;
  close(): void;
}

/** A change of the registry is visible after at most this time. */
const FRESH_MS = 2_000;
const MOST_DEVICES = 200_000;

/** Opens a reader with its own read-only connection and a short-lived cache: it is called for every message. */
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

/** The most that a device's counter can rise in an hour, from change number `change` on; null: not known. */
interface MaxRateChange {
  readonly device: DeviceKey;
  readonly metric: string;
  readonly rate: number | null;
  readonly change: number;
}

/** Looks up maximum rates of devices' counters, from any thread. */
interface MaxRatesReader {
  /** Changes after number `change`, in order; from 0 on, all. */
  after(change: number): readonly MaxRateChange[];
  close(): void;
}

type StoredRate = Omit<MaxRateChange, 'device'> & { readonly park: string; readonly device: string };

/** Opens a reader with its own read-only connection; it sees durable changes. */
export function openMaxRates(statePath: string): MaxRatesReader {
  const db = openReadOnly(statePath);
  const after = db.prepare<[number], StoredRate>(
    'SELECT park, device, metric, rate, change FROM max_rates WHERE change > ? ORDER BY change',
  );
  return {
    after: (change) =>
      after.all(change).map(({ park, device, ...row }) => ({ ...row, device: deviceKey(park, device) })),
    close: () => db.close(),
  };
}
