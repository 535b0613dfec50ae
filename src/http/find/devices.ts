import type { FastifyRequest } from 'fastify';
import type { Device, DeviceOfHistory, RegistryLookups } from '../../registry/port.js';
import { principalOf } from '../auth/access.js';
import { parkScope, requirePark } from '../auth/scope.js';
import { problem } from '../problem.js';

type Lookups = Pick<RegistryLookups, 'devicesCalled' | 'park'>;
export type HistoryLookups = Lookups & Partial<Pick<RegistryLookups, 'removedCalled'>>;

interface Meant {
  /** Where it was asked for, such as `query.device`. */
  readonly field: string;
  /** The park that was given with it. */
  readonly park?: string | undefined;
}

/** The devices of the id that the principal may see, in the park if one is given. @throws ProblemError 404 for the park */
export function devicesMeant(request: FastifyRequest, registry: Lookups, id: string, park?: string): readonly Device[] {
  if (park !== undefined) requirePark(request, registry, park);
  return visible(request, registry, registry.devicesCalled(id), park);
}

/** As `devicesMeant`; where there are none, those of that id that were removed or have moved, whose history is there. */
export function historyMeant(
  request: FastifyRequest,
  registry: HistoryLookups,
  id: string,
  park?: string,
): readonly DeviceOfHistory[] {
  const devices = devicesMeant(request, registry, id, park);
  return devices.length > 0 ? devices : visible(request, registry, registry.removedCalled?.(id) ?? [], park);
}

function visible<T extends DeviceOfHistory>(
  request: FastifyRequest,
  registry: Lookups,
  devices: readonly T[],
  park: string | undefined,
): readonly T[] {
  const sees = parkScope(principalOf(request), registry);
  return devices.filter((device) => sees(device.park) && (park === undefined || park === device.park));
}

/**
 * The device that is meant, told apart by its park where several parks have one of that id.
 * @throws ProblemError 404 when the principal sees none; 409, for a query or body 422, when it sees several
 */
export function requireDevice(request: FastifyRequest, registry: Lookups, id: string, { field, park }: Meant): Device {
  return theOne(id, field, devicesMeant(request, registry, id, park));
}

/** As `requireDevice`, for one that may be no more. @throws ProblemError as above */
export function requireHistory(
  request: FastifyRequest,
  registry: HistoryLookups,
  id: string,
  { field, park }: Meant,
): DeviceOfHistory {
  return theOne(id, field, historyMeant(request, registry, id, park));
}

function theOne<T extends DeviceOfHistory>(id: string, field: string, [device, ...others]: readonly T[]): T {
  if (device === undefined) throw problem(404, 'unknown_device', `there is no device ${id}`, { device: id });
  if (others.length > 0) throw ambiguous(id, field, [device, ...others]);
  return device;
}

export function ambiguous(id: string, field: string, devices: readonly DeviceOfHistory[]) {
  const parks = devices.map(({ park }) => park).sort();
  const expected = `which park's is meant: ${parks.join(', ')} each have a device ${id}; add park=`;
  const isPath = field.startsWith('params.');
  return problem(isPath ? 409 : 422, 'ambiguous_device', `${field}: ${expected}`, {
    device: id,
    parks,
    ...(!isPath && { errors: [{ field, expected }] }),
  });
}
