import { type DeviceKey, deviceKey } from '../domain/ids.js';
import type { State } from '../state/port.js';
import { writeNow } from '../state/write-now.js';
import type { AuditLog } from './audit.js';
import type { DeviceBook } from './devices.js';
import type { Device, DeviceRefusal } from './port.js';

interface Row {
  readonly park: string;
  readonly device: string;
  readonly how: 'retired' | 'removed';
  readonly at: number;
}

interface GoneDevicesDeps {
  readonly state: State;
  readonly audit: AuditLog;
  readonly devices: DeviceBook;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/**
 * Devices that are no more. A retired one is still listed and can come back; its readings are refused. A removed one is
 * out of the registry, and a new one when it is heard again. What they have told stays in the history.
 */
export class GoneDevices {
  private readonly removed = new Set<DeviceKey>();
  private readonly listeners: ((device: Device) => void)[] = [];
  private retiredCount = 0;

  constructor(private readonly deps: GoneDevicesDeps) {
    const rows = deps.state.db.prepare<[], Row>('SELECT park, device, how, at FROM gone_devices').all();
    for (const { park, device: id, how, at } of rows) {
      const key = deviceKey(park, id);
      if (how === 'removed') this.removed.add(key);
      else if (deps.devices.setRetired(key, at) !== undefined) this.retiredCount += 1;
    }
  }

  /** Called when a device is retired, restored or removed, as it is from now on. */
  onChanged(listener: (device: Device) => void): void {
    this.listeners.push(listener);
  }

  /** Why readings of a device that the registry has are refused; asked at every message. */
  refuses(key: DeviceKey): DeviceRefusal | null {
    if (this.retiredCount === 0) return null;
    return this.deps.devices.get(key)?.retiredAt == null ? null : 'device_retired';
  }

  /** Whether a device was removed and has not been heard since. */
  isRemoved(key: DeviceKey): boolean {
    return this.removed.has(key) && this.deps.devices.get(key) === undefined;
  }

  retire(key: DeviceKey, who: string): Device {
    const { devices, clock } = this.deps;
    const known = devices.require(key);
    if (known.retiredAt != null) return known;
    const at = clock();
    this.write(known, 'retired', at, { who, action: 'device.retire' });
    const device = devices.setRetired(key, at)!;
    this.retiredCount += 1;
    this.tell(device);
    return device;
  }

  restore(key: DeviceKey, who: string): Device {
    const { state, audit, devices } = this.deps;
    const known = devices.require(key);
    if (known.retiredAt == null) return known;
    writeNow(state, (db) => {
      db.prepare('DELETE FROM gone_devices WHERE park = ? AND device = ?').run(known.park, known.id);
      audit.insertChange(db, { who, action: 'device.restore', target: devices.alarmName(key) });
    });
    const device = devices.setRetired(key, null)!;
    this.retiredCount -= 1;
    this.tell(device);
    return device;
  }

  remove(key: DeviceKey, who: string): Device {
    const { devices, clock } = this.deps;
    const known = devices.require(key);
    this.write(known, 'removed', clock(), { who, action: 'device.remove', detail: { ...known } });
    devices.forget(key);
    if (known.retiredAt != null) this.retiredCount -= 1;
    this.removed.add(key);
    this.tell(known);
    return known;
  }

  private write(
    { id, park }: Device,
    how: Row['how'],
    at: number,
    entry: { who: string; action: string; detail?: Readonly<Record<string, unknown>> },
  ): void {
    const { state, audit, devices } = this.deps;
    writeNow(state, (db) => {
      if (how === 'removed') db.prepare('DELETE FROM devices WHERE park = ? AND id = ?').run(park, id);
      db.prepare(
        `INSERT INTO gone_devices VALUES (?, ?, ?, ?)
         ON CONFLICT (park, device) DO UPDATE SET how = excluded.how, at = excluded.at`,
      ).run(park, id, how, at);
      audit.insertChange(db, { ...entry, target: devices.alarmName(deviceKey(park, id)) });
    });
  }

  private tell(device: Device): void {
    for (const listener of this.listeners) listener(device);
  }
}
