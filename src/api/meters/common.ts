import type { FastifyRequest } from 'fastify';
import { principalOf } from '../../http/auth/access.js';
import { parksAsked, requireBodyPark } from '../../http/auth/scope.js';
import { requireHistory } from '../../http/find/devices.js';
import type { Author, MeterChange } from '../../intensity/meters/port.js';
import { deviceKey, deviceOf, parkOf } from '../../model/ids.js';
import type { ApiDeps } from '../deps.js';

export type MeterDeps = Pick<ApiDeps, 'meters' | 'registry' | 'timeZone' | 'clock'>;
export type MeterOfChange = MeterChange['meters'][number];

/** Who asks for a change, why, and on which paper; without one it came through the API. */
export const authorOf = (
  request: FastifyRequest,
  { reason, source = 'API' }: { readonly reason: string; readonly source?: string | undefined },
): Author => ({ by: principalOf(request).id, reason, source });

/** @throws RegistryError, ProblemError 404 for a park or device that is out of scope, or not there and never was */
export function meterAsked(
  request: FastifyRequest,
  registry: MeterDeps['registry'],
  { park, device, register }: { readonly park: string; readonly device: string; readonly register: string },
): MeterOfChange {
  requireBodyPark(request, registry, park);
  const { id } = requireHistory(request, registry, device, { field: 'body.device', park });
  return { device: deviceKey(park, id), register };
}

/** What there is of the parks asked for, of one device if one is named, with a key that rises, to page by. */
export function listed<T extends { readonly meter: MeterOfChange }>(
  request: FastifyRequest,
  registry: MeterDeps['registry'],
  { park, device }: { readonly park?: string | undefined; readonly device?: string | undefined },
  listOf: (park: string) => readonly T[],
  timeOf: (item: T) => number,
): (T & { readonly pageKey: string })[] {
  return parksAsked(request, registry, park)
    .flatMap(({ id }) => listOf(id))
    .filter(({ meter }) => device === undefined || deviceOf(meter.device) === device)
    .map((item) => ({ ...item, pageKey: keyOf(item.meter, timeOf(item)) }))
    .sort((a, b) => (a.pageKey < b.pageKey ? -1 : 1));
}

const keyOf = ({ device, register }: MeterOfChange, ts: number): string =>
  `${device} ${register} ${String(ts).padStart(15, '0')}`;

export const meterToWire = ({ device, register }: MeterOfChange) => ({
  park: parkOf(device),
  device: deviceOf(device),
  register,
});
