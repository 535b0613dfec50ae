import type { FastifyRequest } from 'fastify';
import { maySeePark } from '../../domain/access.js';
import type { Device, RegistryLookups } from '../../registry/port.js';
import { principalOf } from '../auth/access.js';
import { requirePark } from '../auth/scope.js';
import { problem } from '../problem.js';

type Lookups = Pick<RegistryLookups, 'devicesCalled' | 'park'>;

export interface Meant {
  /** Where it was asked for, such as `query.device`. */
  readonly field: string;
  /** The park that was given with it. */
  readonly park?: string | undefined;
}

/** The devices of the id that the principal may see, in the park if one is given. @throws Problem 404 for the park */
export function devicesMeant(request: FastifyRequest, registry: Lookups, id: string, park?: string): readonly Device[] {
  const who = principalOf(request);
  if (park !== undefined) requirePark(request, registry, park);
  return registry.devicesCalled(id).filter((device) => {
    const its = registry.park(device.park);
    return its !== undefined && maySeePark(who, its) && (park === undefined || park === its.id);
  });
}

/**
 * The device that is meant, told apart by its park where several parks have one of that id.
 * @throws Problem 404 when the principal sees none; 409, for a query or body 422, when it sees several
 */
export function requireDevice(request: FastifyRequest, registry: Lookups, id: string, { field, park }: Meant): Device {
  const [device, ...others] = devicesMeant(request, registry, id, park);
  if (device === undefined) throw problem(404, 'unknown_device', `there is no device ${id}`, { device: id });
  if (others.length > 0) throw ambiguous(id, field, [device, ...others]);
  return device;
}

export function ambiguous(id: string, field: string, devices: readonly Device[]) {
  const parks = devices.map(({ park }) => park).sort();
  const expected = `which park's is meant: ${parks.join(', ')} each have a device ${id}; add park=`;
  const isPath = field.startsWith('params.');
  return problem(isPath ? 409 : 422, 'ambiguous_device', `${field}: ${expected}`, {
    device: id,
    parks,
    ...(!isPath && { errors: [{ field, expected }] }),
  });
}
