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
  private readonly removed = new Set<string>();
  private readonly listeners: ((device: Device) => void)[] = [];
  private retiredCount = 0;

  constructor(private readonly deps: GoneDevicesDeps) {
    const rows = deps.state.db.prepare<[], Row>('SELECT park, device, how, at FROM gone_devices').all();
    for (const { park, device: id, how, at } of rows) {
      if (how === 'removed') this.removed.add(keyOf(park, id));
      else if (deps.devices.setRetired(id, at) !== undefined) this.retiredCount += 1;
    }
  }

  /** Called when a device is retired, restored or removed, as it is from now on. */
  onChanged(listener: (device: Device) => void): void {
    this.listeners.push(listener);
  }

  /** Why readings of a device that the registry has are refused; asked at every message. */
  refuses(id: string): DeviceRefusal | null {
    if (this.retiredCount === 0) return null;
    return this.deps.devices.get(id)?.retiredAt == null ? null : 'device_retired';
  }

  /** Whether a device was removed and has not been heard since. */
  isRemoved(id: string, park: string): boolean {
    return this.removed.size > 0 && this.removed.has(keyOf(park, id)) && this.deps.devices.get(id) === undefined;
  }

  retire(id: string, who: string): Device {
    const { devices, clock } = this.deps;
    const known = devices.require(id);
    if (known.retiredAt != null) return known;
    const at = clock();
    this.write(known, 'retired', at, { who, action: 'device.retire' });
    const device = devices.setRetired(id, at)!;
    this.retiredCount += 1;
    this.tell(device);
    return device;
  }

  restore(id: string, who: string): Device {
    const { state, audit, devices } = this.deps;
    const known = devices.require(id);
    if (known.retiredAt == null) return known;
    writeNow(state, (db) => {
      db.prepare('DELETE FROM gone_devices WHERE park = ? AND device = ?').run(known.park, id);
      audit.insertChange(db, { who, action: 'device.restore', target: id });
    });
    const device = devices.setRetired(id, null)!;
    this.retiredCount -= 1;
    this.tell(device);
    return device;
  }

  remove(id: string, who: string): Device {
    const { devices, clock } = this.deps;
    const known = devices.require(id);
    this.write(known, 'removed', clock(), { who, action: 'device.remove', detail: { ...known } });
    devices.forget(id);
    if (known.retiredAt != null) this.retiredCount -= 1;
    this.removed.add(keyOf(known.park, id));
    this.tell(known);
    return known;
  }

  private write(
    { id, park }: Device,
    how: Row['how'],
    at: number,
    entry: { who: string; action: string; detail?: Readonly<Record<string, unknown>> },
  ): void {
    const { state, audit } = this.deps;
    writeNow(state, (db) => {
      if (how === 'removed') db.prepare('DELETE FROM devices WHERE park = ? AND id = ?').run(park, id);
      db.prepare(
        `INSERT INTO gone_devices VALUES (?, ?, ?, ?)
         ON CONFLICT (park, device) DO UPDATE SET how = excluded.how, at = excluded.at`,
      ).run(park, id, how, at);
      audit.insertChange(db, { ...entry, target: id });
    });
  }

  private tell(device: Device): void {
    for (const listener of this.listeners) listener(device);
  }
}

const keyOf = (park: string, id: string) => `${park}/${id}`;
