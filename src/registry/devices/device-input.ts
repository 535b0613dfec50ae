import type { EnterpriseBook } from '../parks/enterprise-book.js';
import type { RegistryParts } from '../parts.js';
import { type Device, type DeviceInput, type Gateway, RegistryError } from '../port.js';
import { checkRates } from './max-rates.js';

export function byIdAndPark(a: Device, b: Device): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.park < b.park ? -1 : 1;
}

/** A new device with default settings. */
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

/** The given fields; a device keeps the others. */
export function givenOf(input: DeviceInput): Partial<Device> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** Looks up the objects that a device refers to. */
export interface DeviceReferences extends Pick<RegistryParts, 'parks'> {
  readonly enterprises: EnterpriseBook;
  readonly gateway: (id: string) => Gateway | undefined;
}

/** @throws RegistryError if the device refers to an object of another park or domain */
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
  // The same error for a gateway of another park, which the caller may not see.
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
