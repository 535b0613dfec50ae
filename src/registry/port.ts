import type { Principal, Role } from '../model/access.js';
import type { MaxRates } from '../model/counter/max-rates.js';
import type { DeviceKey } from '../model/ids.js';
import type { District, Park, ParkSettings } from '../model/parks.js';
import type { Domain } from '../model/reading.js';
import type { Audit } from './audit/port.js';

/** Presence is what the broker last saw, not stored: after a start every gateway is offline until it signs in. */
export interface Gateway {
  readonly id: string;
  readonly park: string;
  readonly name: string;
  readonly createdAt: number;
  readonly secretRotatedAt: number;
  readonly online: boolean;
  /** Epoch milliseconds of the last sign-in, status or message; null when never seen since the start. */
  readonly lastSeenAt: number | null;
}

export interface Device {
  /** Belongs to the park: another park may have a device of this id. */
  readonly id: string;
  readonly park: string;
  readonly domain: Domain;
  /** The gateway it belongs to, whose readings of it are taken; null: the next that publishes for it. */
  readonly gateway: string | null;
  readonly name: string;
  readonly place: string | null;
  readonly enterprise: string | null;
  readonly limitProfile: string | null;
  /** Seconds between readings that are expected; null when unknown. */
  readonly expectedIntervalS: number | null;
  /** How it came in: at its first reading, or by hand. */
  readonly origin: 'discovered' | 'registered';
  readonly createdAt: number;
  /** Its counters' own bounds; null: none is known. */
  readonly maxRates?: MaxRates | null;
  /** Epoch milliseconds since when it is out of use; its readings are refused, and it has no alarms. */
  readonly retiredAt?: number | null;
}

export interface Enterprise {
  /** Belongs to the park: another park may have an enterprise of this id. */
  readonly id: string;
  readonly park: string;
  readonly nameZh: string;
  readonly nameEn: string;
}

/** By domain, the limit profile of devices of a park that have none of their own; null: the general limits. */
export type ParkProfiles = Readonly<Record<Domain, string | null>>;

/** Why a reading may not be taken for a device. */
export type DeviceRefusal =
  | 'device_in_other_domain'
  | 'device_of_other_gateway'
  | 'unknown_device'
  | 'device_limit'
  | 'device_retired'
  | 'device_moved';

/** A device whose history the service has, in the registry or not any more. */
export type DeviceOfHistory = Pick<Device, 'id' | 'park' | 'domain'>;

/** What became of a device that is not in use, or that is again. */
export type DeviceChange = 'retired' | 'restored' | 'removed' | 'moved';

/** Lookups on the hot path: in memory, synchronous. */
export interface RegistryLookups {
  /** Rises whenever what is said of a device, or the profiles of a park, may have changed; the gateway of a device apart. */
  readonly revision: number;
  districts(): readonly District[];
  parks(): readonly Park[];
  park(id: string): Park | undefined;
  parkSettings(park: string): ParkSettings;
  parkProfiles(park: string): ParkProfiles;
  gateway(id: string): Gateway | undefined;
  device(key: DeviceKey): Device | undefined;
  /** The devices of all parks that have this id. */
  devicesCalled(id: string): readonly Device[];
  /**
   * What alarms call the device, unique among all parks and for good: its id, with `@` and its park behind where another
   * park had a device of that id first.
   */
  alarmName(key: DeviceKey): string;
  /** The parks that ever had a device of that id, in the order in which they came to have it. */
  parksNamed(id: string): readonly string[];
  devices(filter?: { park?: string; domain?: Domain }): readonly Device[];
  /** Whether a device was removed, or moved to another park, and has not been heard since. */
  isRemoved(device: DeviceKey): boolean;
  /** How a device that is not in the registry left it; null for one that is in it, or never was. */
  goneBy(device: DeviceKey): 'removed' | 'moved' | null;
  /** The devices of all parks that had this id, and have none of it now. */
  removedCalled(id: string): readonly DeviceOfHistory[];
}

/** What ingest needs: may this device report here, and take it on if discovery is on. */
export interface DeviceAdmission {
  /**
   * Null when readings of `device` may be taken. A device taken on is written with the next group commit, that is,
   * before the reading that brought it is acknowledged.
   */
  admit(device: DeviceKey, domain: Domain, gateway: string, now: number): DeviceRefusal | null;
}

/** What the broker needs. */
export interface GatewaySignIn {
  /**
   * The gateway when the secret is its own, null when it is not, `busy` when that cannot be told now. `address` is where
   * it comes from: each address has its share of what can be checked.
   */
  signIn(id: string, secret: string, address?: string): Promise<Gateway | 'busy' | null>;
  seen(id: string, now: number): void;
  setOnline(id: string, online: boolean, now: number): void;
  /**
   * Called when a gateway is removed or its secret changes: open connections must end. `removedFrom` is the park of one
   * that was removed.
   */
  onRevoked(listener: (gateway: string, removedFrom?: string) => void): void;
}

/** Why a token is not taken; `expired` is told only to who holds its secret. */
export type TokenRefusal = 'unknown' | 'expired';

/** What signs people and programs in, with news of revocations so that open sockets can end. */
export interface TokenChecks {
  authenticate(token: string): Principal | null;
  /** As `authenticate`, with the reason. */
  check(token: string): Principal | TokenRefusal;
  /** Called with the token's id when it is revoked. */
  onTokenRevoked(listener: (token: string) => void): void;
}

/** A token as it may be shown: never its secret. Empty `parks` and `districts` mean no limit. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly parks: readonly string[];
  readonly districts: readonly string[];
  readonly createdAt: number;
  /** Epoch milliseconds; null when it never expires. */
  readonly expiresAt: number | null;
  /** How it came in: through the API, from PARK_ADMIN_TOKEN, or made at the first start. */
  readonly origin: 'api' | 'environment' | 'first_start';
}

export type GatewayInput = Pick<Gateway, 'id' | 'park' | 'name'>;
export type DeviceInput = Pick<Device, 'id' | 'park' | 'domain'> &
  Partial<
    Pick<Device, 'gateway' | 'name' | 'place' | 'enterprise' | 'limitProfile' | 'expectedIntervalS' | 'maxRates'>
  >;
export type TokenInput = Pick<Token, 'name' | 'role' | 'parks' | 'districts' | 'expiresAt'>;

/** What a device is in the park it moves to; what is left out of place, enterprise and gateway it has none of there. */
export type DeviceMove = Pick<Device, 'park'> & Partial<Pick<Device, 'gateway' | 'name' | 'place' | 'enterprise'>>;

/** `secret` is shown this once; only its hash is kept. */
export interface GatewaySecret {
  readonly gateway: Gateway;
  readonly secret: string;
}

/**
 * Changes to the registry; each is durable and audited in one transaction when it returns or resolves. `who` is the
 * token id of the one who asked. All throw RegistryError when refused and StorageUnavailableError when the disk fails.
 */
interface RegistryAdmin {
  /** Domains that are left out stay as they are. */
  putParkProfiles(park: string, changes: Partial<ParkProfiles>, who: string): ParkProfiles;
  gateways(park?: string): readonly Gateway[];
  createGateway(input: GatewayInput, who: string): Promise<GatewaySecret>;
  /** Makes a new secret; the old one ends at once. */
  rotateGatewaySecret(id: string, who: string): Promise<GatewaySecret>;
  removeGateway(id: string, who: string): void;
  /**
   * Takes a gateway to another park, with the same secret: its connections end. Its devices in use move along as by
   * `moveDevice`, or stay in the old park and belong to no gateway.
   */
  moveGateway(id: string, to: { readonly park: string; readonly devices: boolean }, who: string): Gateway;
  /** Registers a device, or changes what is given of a known one; park and domain of a known one stand. */
  putDevice(input: DeviceInput, who: string): { readonly device: Device; readonly created: boolean };
  putParkSettings(park: string, settings: Partial<ParkSettings>, who: string): ParkSettings;
  /** Takes a device out of use: its alarms end, its readings are refused until it is restored. */
  retireDevice(device: DeviceKey, who: string): Device;
  restoreDevice(device: DeviceKey, who: string): Device;
  /** Takes a device out of the registry: its alarms end, its history stays; heard again it is a new one. */
  removeDevice(device: DeviceKey, who: string): Device;
  /**
   * Takes a device to another park, with its settings: its alarms in the old one end, its history stays there, and what the
   * old one's gateways still send of it is refused. In the new park it is a new one to history and alarms.
   */
  moveDevice(device: DeviceKey, to: DeviceMove, who: string): Device;
  /** Called when a device is retired, restored, removed or moved, as it was or is from now on. */
  onDeviceChanged(listener: (device: Device, change: DeviceChange) => void): void;
  /** The enterprises of all parks that have this id. */
  enterprisesCalled(id: string): readonly Enterprise[];
  enterprises(park?: string): readonly Enterprise[];
  putEnterprise(input: Enterprise, who: string): { readonly enterprise: Enterprise; readonly created: boolean };
  /** `park` may be left out where one park alone has an enterprise of that id. */
  removeEnterprise(id: string, who: string, park?: string): void;
  tokens(): readonly Token[];
  token(id: string): Token | undefined;
  /** `secret` is the whole token as its holder sends it. */
  createToken(input: TokenInput, who: string): { readonly token: Token; readonly secret: string };
  revokeToken(id: string, who: string): void;
}

/** A change to the registry was refused: `missing` and `conflict` speak of its target, `invalid` of what it refers to. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  constructor(
    readonly kind: 'missing' | 'conflict' | 'invalid',
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    /** The field of the input that is at fault, where there is one. */
    readonly field: string | null = null,
  ) {
    super(message);
  }
}

interface RegistryStats {
  /** Live sizes. */
  gateways: number;
  gatewaysOnline: number;
  devices: number;
  tokens: number;
  discovered: number;
  /** Devices taken on whose commit failed, and devices refused by a bound. */
  discoveryUndone: number;
  deviceLimitRefusals: number;
  /** Moves between gateways that the audit has no row for, beyond its bound of a day. */
  movesBeyondAudit: number;
  signIns: number;
  signInRefusals: number;
  /** Sign-ins turned away because too many were being checked. */
  signInBusy: number;
}

/** The whole registry, as the process that opened it holds it. */
export interface Registry extends RegistryLookups, DeviceAdmission, GatewaySignIn, TokenChecks, RegistryAdmin {
  readonly audit: Audit;
  /** The administrator's token when one was made at this start: print it once. */
  readonly firstAdminToken: string | null;
  readonly stats: RegistryStats;
  /** Writes what is still only in memory; before the state file closes. */
  close(): void;
}
