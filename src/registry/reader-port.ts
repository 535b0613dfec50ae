import { type DeviceKey, deviceKey, deviceOf, parkOf } from '../model/ids.js';
import { openReadOnly } from '../sqlite.js';

// What other threads ask of the registry, each through a read-only connection of its own.

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

/** The most that one counter of a device can rise in an hour, as it is since change number `change`; null: not known. */
interface MaxRateChange {
  readonly device: DeviceKey;
  readonly metric: string;
  readonly rate: number | null;
  readonly change: number;
}

/** Asks the registry for the rates of devices' counters, from any thread. */
interface MaxRatesReader {
  /** What changed since change number `change`, in that order; from 0 on, all there is. */
  after(change: number): readonly MaxRateChange[];
  close(): void;
}

type StoredRate = Omit<MaxRateChange, 'device'> & { readonly park: string; readonly device: string };

/** A reader with a read-only connection of its own; it sees what is durable. */
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
