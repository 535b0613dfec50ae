import { type DeviceKey, deviceKey, deviceOf, parkOf } from '../../model/ids.js';
import type { Database } from '../../sqlite.js';
import type { Device } from '../port.js';

type Named = Pick<Device, 'id' | 'park'>;

/**
 * In which parks an id is taken, and in which order parks came to have it: alarms of the first one's device are called by
 * the id alone, and stay so whatever comes and goes, for their record outlives the device.
 */
export class DeviceNames {
  private readonly parks = new Map<string, readonly string[]>();
  private readonly named = new Map<string, readonly string[]>();
  /** Of devices that are not stored yet. */
  private readonly unstored = new Set<DeviceKey>();

  constructor(db: Database) {
    const rows = db.prepare<[], Named>('SELECT id, park FROM device_names ORDER BY rowid').all();
    for (const { id, park } of rows) this.named.set(id, [...this.parksNamed(id), park]);
  }

  parksOf(id: string): readonly string[] {
    return this.parks.get(id) ?? [];
  }

  /** The parks that ever had a device of that id, in the order in which they came to have it. */
  parksNamed(id: string): readonly string[] {
    return this.named.get(id) ?? [];
  }

  alarmName(key: DeviceKey): string {
    const [id, park] = [deviceOf(key), parkOf(key)];
    return (this.parksNamed(id)[0] ?? park) === park ? id : `${id}@${park}`;
  }

  add({ id, park }: Named): void {
    if (!this.parksNamed(id).includes(park)) {
      this.named.set(id, [...this.parksNamed(id), park]);
      this.unstored.add(deviceKey(park, id));
    }
    if (!this.parksOf(id).includes(park)) this.parks.set(id, [...this.parksOf(id), park]);
  }

  /** Undoes `add` of a device that was never stored. */
  undo(device: Named): void {
    this.remove(device);
    if (this.unstored.delete(deviceKey(device.park, device.id))) drop(this.named, device);
  }

  /** Removes a stored device; the order in which parks had the id stays. */
  remove(device: Named): void {
    drop(this.parks, device);
  }

  /** Writes which parks have had the id, within the transaction that writes the device. */
  save(db: Database, { id, park }: Named): void {
    const insert = db.prepare('INSERT INTO device_names VALUES (?, ?) ON CONFLICT (id, park) DO NOTHING');
    for (const one of new Set([...this.parksNamed(id), park])) insert.run(id, one);
    this.unstored.delete(deviceKey(park, id));
  }
}

function drop(from: Map<string, readonly string[]>, { id, park }: Named): void {
  const others = (from.get(id) ?? []).filter((one) => one !== park);
  if (others.length > 0) from.set(id, others);
  else from.delete(id);
}
