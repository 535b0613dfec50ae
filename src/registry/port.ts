import type { Principal, Role } from '../model/access.js';
import type { MaxRates } from '../model/counter/max-rates.js';
import type { DeviceKey } from '../model/ids.js';
import type { District, Park, ParkSettings } from '../model/parks.js';
import type { Domain } from '../model/reading.js';
import type { Audit } from './audit/port.js';

/** The broker reports presence, which is not stored: after a start every gateway is offline until it signs in. */
export interface Gateway {
  readonly id: string;
  readonly park: string;
  readonly name: string;
  readonly createdAt: number;
  readonly secretRotatedAt: number;
  readonly online: boolean;
  /** Epoch milliseconds of the last sign-in, status or message; null before the first since the start. */
  readonly lastSeenAt: number | null;
}

export interface Device {
  /** Unique within the park. */
  readonly id: string;
  readonly park: string;
  readonly domain: Domain;
  /** The gateway it belongs to, whose readings ingest accepts; null: the next one that publishes for it. */
  readonly gateway: string | null;
  readonly name: string;
  readonly place: string | null;
  readonly enterprise: string | null;
  readonly limitProfile: string | null;
  /** Expected seconds between readings; null when unknown. */
  readonly expectedIntervalS: number | null;
  /** Added at its first reading, or by an administrator or operator. */
  readonly origin: 'discovered' | 'registered';
  readonly createdAt: number;
  /** Maximum rates of its counters; null: none is known. */
  readonly maxRates?: MaxRates | null;
  /** Retired since, epoch milliseconds; its readings are refused, and it has no alarms. */
  readonly retiredAt?: number | null;
}

export interface Enterprise {
  /** Unique within the park. */
  readonly id: string;
  readonly park: string;
  readonly nameZh: string;
  readonly nameEn: string;
}

/** By domain, the limit profile of a park's devices without their own; null: the general limits. */
export type ParkProfiles = Readonly<Record<Domain, string | null>>;

/** Why ingest may not accept a reading for a device. */
export type DeviceRefusal =
  | 'device_in_other_domain'
  | 'device_of_other_gateway'
  | 'unknown_device'
  | 'device_limit'
  | 'device_retired'
  | 'device_moved';

/** A device with history, whether it is still in the registry or not. */
export type DeviceOfHistory = Pick<Device, 'id' | 'park' | 'domain'>;

/** How a device went out of use, or came back. */
export type DeviceChange = 'retired' | 'restored' | 'removed' | 'moved';

/** Look-ups on the hot path: in memory, synchronous. */
export interface RegistryLookups {
  /** Rises when a device, except its gateway, or the profiles of a park may have changed. */
  readonly revision: number;
  districts(): readonly District[];
  parks(): readonly Park[];
  park(id: string): Park | undefined;
  parkSettings(park: string): ParkSettings;
  parkProfiles(park: string): ParkProfiles;
  gateway(id: string): Gateway | undefined;
  device(key: DeviceKey): Device | undefined;
  /** The devices of all parks with this id. */
  devicesCalled(id: string): readonly Device[];
  /** Unique, permanent name in alarms: the id, followed by `@` and the park if another park had the id first. */
  alarmName(key: DeviceKey): string;
  /** The parks that ever had a device with that id, in the order in which they got it. */
  parksNamed(id: string): readonly string[];
  devices(filter?: { park?: string; domain?: Domain }): readonly Device[];
  /** Whether a device was removed or moved and has not reported since. */
  isRemoved(device: DeviceKey): boolean;
  /** How a device that is not in the registry left it; null for one that is in it, or never was. */
  goneBy(device: DeviceKey): 'removed' | 'moved' | null;
  /** Former devices with this id in parks that have none now. */
  removedCalled(id: string): readonly DeviceOfHistory[];
}

/** For ingest: checks that a device may report here, and adds unknown ones if discovery is on. */
export interface DeviceAdmission {
  /** Null if ingest may accept readings of `device`. Adds a new device before ingest acknowledges the reading. */
  admit(device: DeviceKey, domain: Domain, gateway: string, now: number): DeviceRefusal | null;
}

/** For the broker. */
export interface GatewaySignIn {
  /** Null for a wrong secret, `busy` if it cannot be checked now. Each `address` has its share of the checks. */
  signIn(id: string, secret: string, address?: string): Promise<Gateway | 'busy' | null>;
  seen(id: string, now: number): void;
  setOnline(id: string, online: boolean, now: number): void;
  /** Calls `listener` when a gateway's connections must end: new secret, or removal from `removedFrom`. */
  onRevoked(listener: (gateway: string, removedFrom?: string) => void): void;
}

/** Why a token is refused; only the holder of its secret learns `expired`. */
export type TokenRefusal = 'unknown' | 'expired';

/** Authenticates people and programs, and reports revocations so that open sockets can end. */
export interface TokenChecks {
  authenticate(token: string): Principal | null;
  /** As `authenticate`, with the reason. */
  check(token: string): Principal | TokenRefusal;
  /** Calls `listener` with the id of a revoked token. */
  onTokenRevoked(listener: (token: string) => void): void;
}

/** A token without its secret. Empty `parks` and `districts` mean no limit. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly parks: readonly string[];
  readonly districts: readonly string[];
  readonly createdAt: number;
  /** Epoch milliseconds; null when it never expires. */
  readonly expiresAt: number | null;
  /** Created through the API, from PARK_ADMIN_TOKEN, or at the first start. */
  readonly origin: 'api' | 'environment' | 'first_start';
}

export type GatewayInput = Pick<Gateway, 'id' | 'park' | 'name'>;
export type DeviceInput = Pick<Device, 'id' | 'park' | 'domain'> &
  Partial<
    Pick<Device, 'gateway' | 'name' | 'place' | 'enterprise' | 'limitProfile' | 'expectedIntervalS' | 'maxRates'>
  >;
export type TokenInput = Pick<Token, 'name' | 'role' | 'parks' | 'districts' | 'expiresAt'>;

/** Settings of a device in its new park; place, enterprise and gateway that are left out become empty. */
export type DeviceMove = Pick<Device, 'park'> & Partial<Pick<Device, 'gateway' | 'name' | 'place' | 'enterprise'>>;

/** `secret` is returned only once; the registry keeps its hash. */
export interface GatewaySecret {
  readonly gateway: Gateway;
  readonly secret: string;
}

/**
 * Changes to the registry; each is durable and audited in one transaction when it returns or resolves. `who` is the
 * caller's token id. All throw RegistryError when refused and StorageUnavailableError when the disk fails.
 */
interface RegistryAdmin {
  /** Domains that are left out keep their profile. */
  putParkProfiles(park: string, changes: Partial<ParkProfiles>, who: string): ParkProfiles;
  gateways(park?: string): readonly Gateway[];
  createGateway(input: GatewayInput, who: string): Promise<GatewaySecret>;
  /** Creates a new secret; the old one becomes invalid at once. */
  rotateGatewaySecret(id: string, who: string): Promise<GatewaySecret>;
  removeGateway(id: string, who: string): void;
  /**
   * Moves a gateway to another park; its secret stays and its connections end. Its devices in use move along as by
   * `moveDevice`, or stay in the old park without a gateway.
   */
  moveGateway(id: string, to: { readonly park: string; readonly devices: boolean }, who: string): Gateway;
  /** Registers a device, or changes the given settings of a known one; its park and domain cannot change. */
  putDevice(input: DeviceInput, who: string): { readonly device: Device; readonly created: boolean };
  putParkSettings(park: string, settings: Partial<ParkSettings>, who: string): ParkSettings;
  /** Takes a device out of use: its alarms end, its readings are refused until it is restored. */
  retireDevice(device: DeviceKey, who: string): Device;
  restoreDevice(device: DeviceKey, who: string): Device;
  /** Removes a device from the registry: its alarms end, its history stays; a later reading adds it as new. */
  removeDevice(device: DeviceKey, who: string): Device;
  /**
   * Moves a device to another park with its settings. In the old park its alarms end, its history stays, and readings
   * from the old gateways are refused. In the new park history and alarms treat it as new.
   */
  moveDevice(device: DeviceKey, to: DeviceMove, who: string): Device;
  /** Calls `listener` when a device is retired, restored, removed or moved, with its state before or after. */
  onDeviceChanged(listener: (device: Device, change: DeviceChange) => void): void;
  /** The enterprises of all parks with this id. */
  enterprisesCalled(id: string): readonly Enterprise[];
  enterprises(park?: string): readonly Enterprise[];
  putEnterprise(input: Enterprise, who: string): { readonly enterprise: Enterprise; readonly created: boolean };
  /** `park` may be left out if only one park has an enterprise with that id. */
  removeEnterprise(id: string, who: string, park?: string): void;
  tokens(): readonly Token[];
  token(id: string): Token | undefined;
  /** `secret` is the whole token as its holder sends it. */
  createToken(input: TokenInput, who: string): { readonly token: Token; readonly secret: string };
  revokeToken(id: string, who: string): void;
}

/** The registry refused a change: `missing` and `conflict` concern its target, `invalid` an object it refers to. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  constructor(
    readonly kind: 'missing' | 'conflict' | 'invalid',
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    /** The wrong field of the input, if any. */
    readonly field: string | null = null,
  ) {
    super(message);
  }
}

interface RegistryStats {
  /** Current sizes. */
  gateways: number;
  gatewaysOnline: number;
  devices: number;
  tokens: number;
  discovered: number;
  /** Discovered devices whose commit failed, and devices refused at a bound. */
  discoveryUndone: number;
  deviceLimitRefusals: number;
  /** Moves between gateways without an audit row, beyond the bound per day. */
  movesBeyondAudit: number;
  signIns: number;
  signInRefusals: number;
  /** Sign-ins refused because too many were being checked. */
  signInBusy: number;
}

/** The whole registry, in the process that opened it. */
export interface Registry extends RegistryLookups, DeviceAdmission, GatewaySignIn, TokenChecks, RegistryAdmin {
  readonly audit: Audit;
  /** The administrator's token if this start created one: print it once. */
  readonly firstAdminToken: string | null;
  readonly stats: RegistryStats;
  /** Writes changes that are only in memory; call it before the state file closes. */
  close(): void;
}
