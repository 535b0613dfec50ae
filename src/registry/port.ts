import type { Principal } from '../domain/access.js';
import type { District, Park } from '../domain/parks.js';
import type { Domain } from '../domain/reading.js';

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
  readonly id: string;
  readonly park: string;
  readonly domain: Domain;
  /** The gateway it last came through; null when it was registered by hand and never seen. */
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
}

export interface Enterprise {
  readonly id: string;
  readonly park: string;
  readonly nameZh: string;
  readonly nameEn: string;
}

/** Why a reading may not be taken for a device. */
export type DeviceRefusal = 'device_in_other_park' | 'device_in_other_domain' | 'unknown_device' | 'device_limit';

/** Lookups on the hot path: in memory, synchronous. */
export interface RegistryLookups {
  districts(): readonly District[];
  parks(): readonly Park[];
  park(id: string): Park | undefined;
  gateway(id: string): Gateway | undefined;
  device(id: string): Device | undefined;
  devices(filter?: { park?: string; domain?: Domain }): readonly Device[];
}

/** What ingest needs: may this device report here, and take it on if discovery is on. */
export interface DeviceAdmission {
  /**
   * Null when readings of `device` may be taken. A device taken on is written with the next group commit, that is,
   * before the reading that brought it is acknowledged.
   */
  admit(device: string, park: string, domain: Domain, gateway: string, now: number): DeviceRefusal | null;
}

/** What the broker needs. */
export interface GatewaySignIn {
  /** The gateway when the secret is its own, else null; constant in time. */
  signIn(id: string, secret: string): Promise<Gateway | null>;
  seen(id: string, now: number): void;
  setOnline(id: string, online: boolean, now: number): void;
  /** Called when a gateway is removed or its secret changes: open connections must end. */
  onRevoked(listener: (gateway: string) => void): void;
}

/** What the API needs to sign people and programs in. */
export interface TokenSignIn {
  authenticate(token: string): Principal | null;
}
