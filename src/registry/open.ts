import type { State } from '../state/port.js';
import { AuditLog } from './audit/audit-log.js';
import { DeviceBook } from './devices/device-book.js';
import { GoneDevices } from './devices/gone-devices.js';
import { EnterpriseBook } from './parks/enterprise-book.js';
import { ParkBook } from './parks/park-book.js';
import { ParkProfileBook, ParkSettingsBook } from './parks/park-decisions.js';
import { REGISTRY_BOUNDS, type RegistryLimits } from './parts.js';
import type { Registry } from './port.js';
import { type CheckQueueBounds, SIGN_IN_BOUNDS } from './sign-in/check-queue.js';
import { GatewayBook } from './sign-in/gateway-book.js';
import { SecretChecker } from './sign-in/secret-checker.js';
import { TokenBook } from './sign-in/token-book.js';

export interface RegistryOptions {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Whether an unknown device is added at its first reading. */
  readonly discovery: boolean;
  /** The administrator's token from the environment; without it, the first start creates one. */
  readonly adminToken?: string | undefined;
  readonly limits?: Partial<RegistryLimits>;
  readonly signInBounds?: Partial<CheckQueueBounds>;
}

/**
 * Loads the registry from the state file, which the caller opened with the migrations of schema.ts.
 * @throws StorageUnavailableError when the disk is full or fails
 */
export function openRegistry(state: State, options: RegistryOptions): Registry {
  const { clock, discovery, adminToken } = options;
  const limits = { ...REGISTRY_BOUNDS, ...options.limits };
  const audit = new AuditLog(state, clock);
  const parks = new ParkBook(state);
  const parts = { state, audit, parks, limits, clock };
  const profiles = new ParkProfileBook(parts);
  const enterprises = new EnterpriseBook(parts);
  const checker = new SecretChecker({ ...SIGN_IN_BOUNDS, ...options.signInBounds });
  const gateways = new GatewayBook({ ...parts, checker });
  const settings = new ParkSettingsBook(parts);
  const gateway = (id: string) => gateways.get(id);
  const devices = new DeviceBook({ ...parts, enterprises, gateway, settings, discovery });
  const gone = new GoneDevices({ ...parts, devices });
  const tokens = new TokenBook(parts);
  if (adminToken !== undefined) tokens.setEnvironmentToken(adminToken);
  const firstAdminToken = tokens.makeFirstAdmin();

  return {
    audit,
    firstAdminToken,
    districts: () => parks.districts,
    parks: () => parks.parks,
    park: (id) => parks.park(id),
    parkSettings: (park) => settings.get(park),
    putParkSettings: (park, given, who) => settings.put(park, given, who),
    parkProfiles: (park) => profiles.of(park),
    putParkProfiles: (park, changes, who) => profiles.put(park, changes, who),

    gateway,
    gateways: (park) => gateways.list(park),
    signIn: (id, secret, address) => gateways.signIn(id, secret, address),
    seen: (id, now) => gateways.seen(id, now),
    setOnline: (id, online, now) => gateways.setOnline(id, online, now),
    onRevoked: (listener) => gateways.onRevoked(listener),
    createGateway: (input, who) => gateways.create(input, who),
    rotateGatewaySecret: (id, who) => gateways.rotate(id, who),
    removeGateway(id, who) {
      gateways.remove(id, who);
      devices.forgetGateway(id);
    },

    moveGateway(id, { park, devices: along }, who) {
      gateways.requireToMove(id, park);
      const own = along ? devices.list().filter((one) => one.gateway === id && one.retiredAt == null) : [];
      const moves = own.map((from) => ({ from, to: { ...devices.inOtherPark(from, { park }), gateway: id } }));
      gone.moveAll(moves, who, (db) => gateways.writeMove(db, id, park, who, { devices: moves.length }));
      devices.leaveGateway(id, park);
      return gateways.moved(id, park);
    },

    get revision() {
      return devices.revision + profiles.revision;
    },
    device: (key) => devices.get(key),
    devicesCalled: (id) => devices.called(id),
    parksNamed: (id) => devices.names.parksNamed(id),
    alarmName: (key) => devices.names.alarmName(key),
    devices: (filter) => devices.list(filter),
    admit: (device, domain, gateway, now) => gone.refuses(device) ?? devices.admit(device, domain, gateway, now),
    isRemoved: (device) => gone.isRemoved(device),
    goneBy: (device) => gone.goneBy(device),
    retireDevice: (device, who) => gone.retire(device, who),
    restoreDevice: (device, who) => gone.restore(device, who),
    removedCalled: (id) => gone.called(id),
    removeDevice: (device, who) => gone.remove(device, who),
    moveDevice: (device, to, who) => gone.move(device, to, who),
    onDeviceChanged: (listener) => gone.onChanged(listener),
    putDevice: (input, who) => devices.put(input, who),

    enterprisesCalled: (id) => enterprises.called(id),
    enterprises: (park) => enterprises.list(park),
    putEnterprise: (input, who) => enterprises.put(input, who),
    removeEnterprise: (id, who, park) => enterprises.remove(id, who, park),

    token: (id) => tokens.get(id),
    tokens: () => tokens.list(),
    check: (token) => tokens.check(token),
    authenticate(token) {
      const checked = tokens.check(token);
      return typeof checked === 'string' ? null : checked;
    },
    onTokenRevoked: (listener) => tokens.onRevoked(listener),
    createToken: (input, who) => tokens.create(input, who),
    revokeToken: (id, who) => tokens.revoke(id, who),

    get stats() {
      return {
        gateways: gateways.size,
        gatewaysOnline: gateways.online,
        devices: devices.size,
        tokens: tokens.size,
        discovered: devices.discovered,
        discoveryUndone: devices.discoveryUndone,
        deviceLimitRefusals: devices.limitRefusals,
        movesBeyondAudit: devices.moves.beyond,
        signIns: gateways.signIns,
        signInRefusals: gateways.signInRefusals,
        signInBusy: gateways.signInBusy,
      };
    },
    close() {
      devices.close();
      audit.close();
    },
  };
}
