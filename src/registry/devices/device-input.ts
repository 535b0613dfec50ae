import type { EnterpriseBook } from '../parks/enterprise-book.js';
import type { RegistryParts } from '../parts.js';
import { type Device, type DeviceInput, type Gateway, RegistryError } from '../port.js';
import { checkRates } from './max-rates.js';

export function byIdAndPark(a: Device, b: Device): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.park < b.park ? -1 : 1;
}

/** A new device with the defaults of all that is not said of it. */
export function registeredDevice({ id, park, domain }: Pick<Device, 'id' | 'park' | 'domain'>, now: number): Device {
  return {
    id,
    park,
    domain,
    gateway: null,
    name: id,
    place: null,
    enterprise: null,
    limitProfile: null,
    expectedIntervalS: null,
    origin: 'registered',
    createdAt: now,
  };
}

/** The fields that are given; those left out stay as they are. */
export function givenOf(input: DeviceInput): Partial<Device> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** Where what a device refers to is looked up. */
export interface DeviceReferences extends Pick<RegistryParts, 'parks'> {
  readonly enterprises: EnterpriseBook;
  readonly gateway: (id: string) => Gateway | undefined;
}

/** @throws RegistryError where what the device refers to is not of its park, or it is of another domain */
export function checkDevice(
  { parks, enterprises, gateway: find }: DeviceReferences,
  input: DeviceInput,
  known: Device | undefined,
  enterprise: string | null,
): void {
  const { id, park, domain, gateway } = input;
  parks.require(park);
  if (known && known.domain !== domain) {
    throw new RegistryError('conflict', 'device_in_other_domain', `device ${id} is one of ${known.domain}`);
  }
  // Whoever asks is not told that another park has such a gateway.
  if (gateway != null && find(gateway)?.park !== park) {
    throw new RegistryError('invalid', 'unknown_gateway', `park ${park} has no gateway ${gateway}`, 'gateway');
  }
  checkRates(input);
  if (enterprise === null) return;
  if (enterprises.get(park, enterprise) !== undefined) return;
  if (enterprises.called(enterprise).length === 0)
    throw new RegistryError('invalid', 'unknown_enterprise', `there is no enterprise ${enterprise}`, 'enterprise');
  const message = `enterprise ${enterprise} is not in park ${park}`;
  throw new RegistryError('invalid', 'enterprise_in_other_park', message, 'enterprise');
}
