import type { Device, DeviceInput } from '../port.js';

export function byIdAndPark(a: Device, b: Device): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.park < b.park ? -1 : 1;
}

/** One that is new, as far as nothing is said of it. */
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
