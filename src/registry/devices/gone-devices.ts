import { type DeviceKey, deviceKey } from '../../model/ids.js';
import type { Domain } from '../../model/reading.js';
import type { Database } from '../../sqlite.js';
import { writeNow } from '../../state/port.js';
import type { AuditEntry } from '../audit/port.js';
import type { RegistryParts } from '../parts.js';
import type { Device, DeviceChange, DeviceMove, DeviceOfHistory, DeviceRefusal } from '../port.js';
import type { DeviceBook } from './device-book.js';

interface Row {
  readonly park: string;
  readonly device: string;
  readonly how: Exclude<DeviceChange, 'restored'>;
  readonly at: number;
  readonly domain: Domain | null;
}

type Gone = Pick<Row, 'domain'> & { readonly how: Exclude<Row['how'], 'retired'> };
type Entry = Omit<AuditEntry, 'target' | 'outcome'>;

/** A device in its old park and in its new one. */
interface MovedPair {
  readonly from: Device;
  readonly to: Device;
}

interface GoneParts extends RegistryParts {
  readonly devices: DeviceBook;
}

/**
 * Devices out of use. A retired device is listed and can be restored; its readings are refused. A removed device is no
 * longer in the registry; a new reading adds it as new. A moved device is in another park; the old park refuses it. Its
 * history always stays.
 */
export class GoneDevices {
  /** Removed and moved devices, which may have come back since. */
  private readonly removed = new Map<DeviceKey, Gone>();
  private readonly parks = new Map<string, readonly string[]>();
  private readonly listeners: ((device: Device, change: DeviceChange) => void)[] = [];
  private retiredCount = 0;
  private movedCount = 0;

  constructor(private readonly parts: GoneParts) {
    const rows = parts.state.db.prepare<[], Row>('SELECT * FROM gone_devices').all();
    for (const { park, device: id, how, at, domain } of rows) {
      const key = deviceKey(park, id);
      if (how !== 'retired') this.keep({ id, park }, { how, domain });
      else if (parts.devices.setRetired(key, at) !== undefined) this.retiredCount += 1;
    }
  }

  /** Calls `listener` when a device is retired, restored, removed or moved, with its state before or after. */
  onChanged(listener: (device: Device, change: DeviceChange) => void): void {
    this.listeners.push(listener);
  }

  /** Why readings of a device are refused; ingest calls it for every message. */
  refuses(key: DeviceKey): DeviceRefusal | null {
    if (this.retiredCount + this.movedCount === 0) return null;
    const known = this.parts.devices.get(key);
    if (known !== undefined) return known.retiredAt == null ? null : 'device_retired';
    return this.removed.get(key)?.how === 'moved' ? 'device_moved' : null;
  }

  /** Former devices with this id in parks that have none now. */
  called(id: string): readonly DeviceOfHistory[] {
    return (this.parks.get(id) ?? []).flatMap((park) => {
      const key = deviceKey(park, id);
      const domain = this.removed.get(key)?.domain;
      return domain != null && this.isRemoved(key) ? [{ id, park, domain }] : [];
    });
  }

  /** Whether a device was removed or moved and has not reported since. */
  isRemoved(key: DeviceKey): boolean {
    return this.goneBy(key) !== null;
  }

  /** How a device that is not in the registry left it; null for one that is in it, or never was. */
  goneBy(key: DeviceKey): Gone['how'] | null {
    return this.parts.devices.get(key) === undefined ? (this.removed.get(key)?.how ?? null) : null;
  }

  retire(key: DeviceKey, who: string): Device {
    const { devices, clock } = this.parts;
    const known = devices.require(key);
    if (known.retiredAt != null) return known;
    const at = clock();
    this.write(known, 'retired', at, { who, action: 'device.retire' });
    const device = devices.setRetired(key, at)!;
    this.retiredCount += 1;
    this.tell(device, 'retired');
    return device;
  }

  restore(key: DeviceKey, who: string): Device {
    const { state, audit, devices } = this.parts;
    const known = devices.require(key);
    if (known.retiredAt == null) return known;
    writeNow(state, (db) => {
      db.prepare('DELETE FROM gone_devices WHERE park = ? AND device = ?').run(known.park, known.id);
      audit.insertChange(db, { who, action: 'device.restore', target: devices.names.alarmName(key) });
    });
    const device = devices.setRetired(key, null)!;
    this.retiredCount -= 1;
    this.tell(device, 'restored');
    return device;
  }

  remove(key: DeviceKey, who: string): Device {
    const { devices, clock } = this.parts;
    const known = devices.require(key);
    this.write(known, 'removed', clock(), { who, action: 'device.remove', detail: { ...known } });
    this.forget(known, 'removed');
    this.tell(known, 'removed');
    return known;
  }

  /** Moves a device to another park. @throws RegistryError when it cannot be there */
  move(key: DeviceKey, to: DeviceMove, who: string): Device {
    const { devices } = this.parts;
    const from = devices.require(key);
    const there = devices.inOtherPark(from, to);
    this.moveAll([{ from, to: there }], who);
    return there;
  }

  /** Moves devices to other parks, in one transaction with the earlier writes of `more`. */
  moveAll(moves: readonly MovedPair[], who: string, more: (db: Database) => void = () => undefined): void {
    const { state, devices, clock } = this.parts;
    const at = clock();
    writeNow(state, (db) => {
      more(db);
      for (const { from, to } of moves) {
        const detail = { ...from, to: { park: to.park, gateway: to.gateway, enterprise: to.enterprise } };
        this.insert(db, from, 'moved', at, { who, action: 'device.move', detail });
        devices.write(db, to);
      }
    });
    for (const { from, to } of moves) {
      this.forget(from, 'moved');
      devices.add(to);
    }
    for (const { from } of moves) this.tell(from, 'moved');
  }

  private forget(known: Device, how: Gone['how']): void {
    this.parts.devices.forget(deviceKey(known.park, known.id));
    if (known.retiredAt != null) this.retiredCount -= 1;
    this.keep(known, { how, domain: known.domain });
  }

  private keep({ id, park }: Pick<Device, 'id' | 'park'>, gone: Gone): void {
    const key = deviceKey(park, id);
    if (this.removed.get(key)?.how === 'moved') this.movedCount -= 1;
    if (gone.how === 'moved') this.movedCount += 1;
    if (!this.removed.has(key)) this.parks.set(id, [...(this.parks.get(id) ?? []), park]);
    this.removed.set(key, gone);
  }

  private write(device: Device, how: Row['how'], at: number, entry: Entry): void {
    writeNow(this.parts.state, (db) => this.insert(db, device, how, at, entry));
  }

  private insert(db: Database, { id, park, domain }: Device, how: Row['how'], at: number, entry: Entry): void {
    const { audit, devices } = this.parts;
    if (how !== 'retired') db.prepare('DELETE FROM devices WHERE park = ? AND id = ?').run(park, id);
    db.prepare(
      `INSERT INTO gone_devices VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (park, device) DO UPDATE SET how = excluded.how, at = excluded.at, domain = excluded.domain`,
    ).run(park, id, how, at, domain);
    audit.insertChange(db, { ...entry, target: devices.names.alarmName(deviceKey(park, id)) });
  }

  private tell(device: Device, change: DeviceChange): void {
    for (const listener of this.listeners) listener(device, change);
  }
}
