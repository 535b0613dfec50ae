import type { EnterpriseBook } from '../parks/enterprise-book.js';
import type { ParkBook } from '../parks/park-book.js';
import { type Device, type DeviceInput, type Gateway, RegistryError } from '../port.js';
import { checkRates } from './max-rates.js';

interface CheckDeps {
  readonly parks: ParkBook;
  readonly enterprises: EnterpriseBook;
  readonly gateway: (id: string) => Gateway | undefined;
}

/** @throws RegistryError where what the device refers to is not of its park, or it is of another domain */
export function checkDevice(
  { parks, enterprises, gateway: find }: CheckDeps,
  input: DeviceInput,
  known: Device | undefined,
  enterprise: string | null,
): void {
  const { id, park, domain, gateway } = input;
  parks.require(park);
  if (known && known.domain !== domain) {
    throw new RegistryError('conflict', 'device_in_other_domain', `device ${id} is one of ${known.domain}`);
  }
  // One of another park is none for whoever asks.
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
