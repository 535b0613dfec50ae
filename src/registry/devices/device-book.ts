import { type DeviceKey, deviceKey, deviceOf, parkOf } from '../../model/ids.js';
import type { Domain } from '../../model/reading.js';
import type { Database } from '../../sqlite.js';
import { writeNow } from '../../state/port.js';
import type { ParkSettingsBook } from '../parks/park-decisions.js';
import { type RegistryParts, requireRoom } from '../parts.js';
import { type Device, type DeviceInput, type DeviceMove, type DeviceRefusal, RegistryError } from '../port.js';
import { byIdAndPark, checkDevice, type DeviceReferences, givenOf, registeredDevice } from './device-input.js';
import { DeviceNames } from './device-names.js';
import { DiscoveryWriter, INSERT_DEVICE } from './discovery.js';
import { changedRates, MaxRateBook } from './max-rates.js';
import { MoveAudit } from './move-audit.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const SELECT = `SELECT id, park, domain, gateway, name, place, enterprise, limit_profile AS limitProfile,
  expected_interval_s AS expectedIntervalS, origin, created_at AS createdAt FROM devices`;
const UPSERT = `${INSERT_DEVICE}
  ON CONFLICT (park, id) DO UPDATE SET gateway = excluded.gateway, name = excluded.name, place = excluded.place, enterprise = excluded.enterprise,
    limit_profile = excluded.limit_profile, expected_interval_s = excluded.expected_interval_s`;

interface DeviceParts extends RegistryParts, DeviceReferences {
  readonly settings: ParkSettingsBook;
  readonly discovery: boolean;
}

/** Devices, all in memory: asked for at every message. */
export class DeviceBook {
  discovered = 0;
  discoveryUndone = 0;
  limitRefusals = 0;
  /** Rises whenever a device comes, goes or is told otherwise; not when another gateway brings it. */
  revision = 0;
  private readonly byKey = new Map<DeviceKey, Mutable<Device>>();
  readonly names: DeviceNames;
  readonly moves: MoveAudit;
  private readonly maxRates: MaxRateBook;
  /** Devices of each gateway that discovery took on through it. */
  private readonly perGateway = new Map<string, number>();
  private readonly writer: DiscoveryWriter;
  /** Null after a change, until somebody lists. */
  private sorted: readonly Device[] | null = null;

  constructor(private readonly parts: DeviceParts) {
    this.names = new DeviceNames(parts.state.db);
    this.maxRates = new MaxRateBook(parts.state.db);
    this.moves = new MoveAudit(parts.audit, (key) => this.names.alarmName(key));
    this.writer = new DiscoveryWriter(
      parts.state,
      this.names,
      this.moves,
      (key) => this.byKey.get(key),
      (device) => this.undo(device),
    );
    for (const row of parts.state.db.prepare<[], Mutable<Device>>(SELECT).all()) {
      this.keep(this.maxRates.with(row));
      if (row.origin === 'discovered') this.count(row.gateway, 1);
    }
  }

  get size(): number {
    return this.byKey.size;
  }

  get(key: DeviceKey): Device | undefined {
    return this.byKey.get(key);
  }

  called(id: string): readonly Device[] {
    return this.names.parksOf(id).flatMap((park) => this.byKey.get(deviceKey(park, id)) ?? []);
  }

  list(filter: { park?: string; domain?: Domain } = {}): readonly Device[] {
    this.sorted ??= [...this.byKey.values()].sort(byIdAndPark);
    const { park, domain } = filter;
    if (park === undefined && domain === undefined) return this.sorted;
    return this.sorted.filter(
      (one) => (park === undefined || one.park === park) && (domain === undefined || one.domain === domain),
    );
  }

  admit(key: DeviceKey, domain: Domain, gateway: string, now: number): DeviceRefusal | null {
    const known = this.byKey.get(key);
    if (!known) return this.discover(key, domain, gateway, now);
    if (known.domain !== domain) return 'device_in_other_domain';
    return known.gateway === gateway ? null : this.admitOther(known, key, gateway, now);
  }

  put(input: DeviceInput, who: string): { readonly device: Device; readonly created: boolean } {
    const { state, audit, clock } = this.parts;
    const key = deviceKey(input.park, input.id);
    const known = this.byKey.get(key);
    if (!known) requireRoom(this.parts, 'device_limit', this.byKey.size);
    const base = known ?? this.maxRates.with(registeredDevice(input, clock()));
    const { maxRates = base.maxRates, ...given } = input;
    const device = { ...base, ...givenOf(given), ...changedRates(base.maxRates, maxRates) };
    checkDevice(this.parts, input, known, device.enterprise);
    const changes = Object.entries(device).filter(([key, value]) => !known || known[key as keyof Device] !== value);
    if (changes.length > 0) {
      writeNow(state, (db) => {
        this.write(db, device);
        const action = known ? 'device.update' : 'device.create';
        const target = this.names.alarmName(key);
        audit.insertChange(db, { who, action, target, detail: Object.fromEntries(changes) });
      });
      if (device.origin === 'discovered') {
        this.count(base.gateway, -1);
        this.count(device.gateway, 1);
      }
      this.maxRates.keep(key, device.maxRates ?? null);
      this.keep(device);
      this.sorted = null;
    }
    return { device, created: !known };
  }

  /** The device as it will be in the park that it moves to, in use. @throws RegistryError when it cannot be there */
  inOtherPark(known: Device, to: DeviceMove): Device {
    const { id, domain } = known;
    const { park, gateway = null, enterprise = null, place = null, name = known.name } = to;
    if (park === known.park) {
      throw new RegistryError('invalid', 'same_park', `device ${id} is in park ${park} already`, 'park');
    }
    checkDevice(this.parts, { id, park, domain, gateway }, undefined, enterprise);
    if (this.byKey.has(deviceKey(park, id))) {
      const message = `park ${park} has a device ${id} already: remove it first, or register this one there by another id`;
      throw new RegistryError('conflict', 'device_exists', message);
    }
    const { retiredAt: _, ...settings } = known;
    return { ...settings, park, gateway, enterprise, place, name };
  }

  /** Writes a device, within a transaction of the caller's. */
  write(db: Database, device: Device): void {
    db.prepare(UPSERT).run(device);
    this.names.save(db, device);
    this.maxRates.save(db, deviceKey(device.park, device.id), device.maxRates ?? null);
  }

  /** Adds a device that the caller has written. */
  add(device: Device): void {
    this.maxRates.keep(deviceKey(device.park, device.id), device.maxRates ?? null);
    this.keep(device);
    if (device.origin === 'discovered') this.count(device.gateway, 1);
    this.sorted = null;
  }

  /** @throws RegistryError when there is no such device */
  require(key: DeviceKey): Device {
    const known = this.byKey.get(key);
    if (!known) throw new RegistryError('missing', 'unknown_device', `there is no device ${deviceOf(key)}`);
    return known;
  }

  /** In memory alone: the caller has written the file, here and below. */
  setRetired(key: DeviceKey, retiredAt: number | null): Device | undefined {
    const known = this.byKey.get(key);
    if (known) known.retiredAt = retiredAt;
    this.revision += 1;
    return known;
  }

  /** Forgets a device that the caller has deleted. */
  forget(key: DeviceKey): void {
    const known = this.byKey.get(key);
    if (!known) return;
    this.byKey.delete(key);
    this.revision += 1;
    this.names.remove(known);
    if (known.origin === 'discovered') this.count(known.gateway, -1);
    this.sorted = null;
  }

  /** The gateway was removed: its devices belong to none until they report through another. */
  forgetGateway(gateway: string): void {
    for (const device of this.byKey.values()) if (device.gateway === gateway) device.gateway = null;
    this.perGateway.delete(gateway);
  }

  /** The gateway went to `park`: its devices elsewhere belong to none until they report through another. */
  leaveGateway(gateway: string, park: string): void {
    for (const device of this.byKey.values()) {
      if (device.gateway !== gateway || device.park === park) continue;
      if (device.origin === 'discovered') this.count(gateway, -1);
      device.gateway = null;
    }
  }

  close(): void {
    writeNow(this.parts.state, (db) => this.writer.writeMoves(db));
  }

  /** Admits or refuses readings that come through another gateway than the device's own. */
  private admitOther(device: Mutable<Device>, key: DeviceKey, gateway: string, now: number): DeviceRefusal | null {
    const own = device.gateway === null ? undefined : this.parts.gateway(device.gateway);
    const { deviceMoves } = this.parts.settings.get(device.park);
    const goesOver = deviceMoves === 'always' || (deviceMoves === 'when_offline' && own?.online === false);
    if (own !== undefined && !goesOver) {
      const [who, target] = [`gateway:${gateway}`, this.names.alarmName(key)];
      const detail = { park: device.park, device: device.id, gateway: device.gateway };
      this.parts.audit.record({ who, action: 'device.publish', target, outcome: 'refused', detail });
      return 'device_of_other_gateway';
    }
    if (own !== undefined) this.moves.note({ key, from: own.id, to: gateway }, now);
    this.move(device, key, gateway, now);
    return null;
  }

  private discover(key: DeviceKey, domain: Domain, gateway: string, now: number): DeviceRefusal | null {
    const { discovery, limits, parks } = this.parts;
    const [park, id] = [parkOf(key), deviceOf(key)];
    if (!discovery || !parks.park(park)) return 'unknown_device';
    if (this.byKey.size >= limits.devices || (this.perGateway.get(gateway) ?? 0) >= limits.devicesPerGateway) {
      this.limitRefusals += 1;
      return 'device_limit';
    }
    const device: Mutable<Device> = {
      ...this.maxRates.with(registeredDevice({ id, park, domain }, now)),
      gateway,
      origin: 'discovered',
    };
    this.keep(device);
    this.count(gateway, 1);
    this.sorted = null;
    this.discovered += 1;
    this.writer.save(device);
    return null;
  }

  private move(device: Mutable<Device>, key: DeviceKey, gateway: string, now: number): void {
    const isFirst = device.gateway === null;
    if (device.origin === 'discovered') {
      this.count(device.gateway, -1);
      this.count(gateway, 1);
    }
    device.gateway = gateway;
    if (isFirst) this.writer.claim(key);
    else this.writer.move(key, now);
  }

  private keep(device: Mutable<Device>): void {
    this.byKey.set(deviceKey(device.park, device.id), device);
    this.revision += 1;
    this.names.add(device);
  }

  private undo(device: Device): void {
    const key = deviceKey(device.park, device.id);
    if (this.byKey.get(key) !== device) return;
    this.byKey.delete(key);
    this.revision += 1;
    this.names.undo(device);
    this.count(device.gateway, -1);
    this.sorted = null;
    this.discovered -= 1;
    this.discoveryUndone += 1;
  }

  private count(gateway: string | null, by: 1 | -1): void {
    if (gateway === null) return;
    const count = (this.perGateway.get(gateway) ?? 0) + by;
    if (count === 0) this.perGateway.delete(gateway);
    else this.perGateway.set(gateway, count);
  }
}
