import type { FastifyRequest } from 'fastify';
import { seenId } from '../../alarms/model/judge/seen.js';
import type { AlarmOwner, OperatorPosition } from '../../alarms/model/kpi/event.js';
import { principalOf } from '../../http/auth/access.js';
import { parkScope, parksInScope, requireDistrict, requirePark } from '../../http/auth/scope.js';
import { maySeeService } from '../../model/access.js';
import type { RegistryLookups } from '../../registry/port.js';

/** What `position=` may say. */
export const POSITION = /^(all|(park|district):[^:]{1,63})$/;

/**
 * The operator position asked for, within what the token may see: `all` is all of that. The alarms of the service itself
 * belong to `all` alone, and only for who is not limited to parks or districts.
 * @throws ProblemError 404 for a park or district that does not exist, or is outside the scope
 */
export function positionOf(
  request: FastifyRequest,
  registry: Pick<RegistryLookups, 'park' | 'parks'>,
  text: string,
): OperatorPosition {
  const [kind, id = ''] = text.split(':');
  if (kind === 'park') return { name: text, parks: new Set([requirePark(request, registry, id).id]), system: false };
  const visible = parksInScope(request, registry);
  const who = principalOf(request);
  if (kind === 'all') {
    const limited = visible.length < registry.parks().length;
    return {
      name: text,
      parks: limited ? new Set(visible.map((park) => park.id)) : null,
      system: maySeeService(who),
    };
  }
  const parks = requireDistrict(request, registry, id).map((park) => park.id);
  return { name: text, parks: new Set(parks), system: false };
}

/** The position as an answer names it; its parks in the order of annex 1. */
export function positionToWire({ name, parks, system }: OperatorPosition, registry: Pick<RegistryLookups, 'parks'>) {
  const ids = registry.parks().flatMap(({ id }) => (parks === null || parks.has(id) ? [id] : []));
  return { position: name, parks: ids, system };
}

/** Names alarms as the client knows them. */
export function ownersFor(
  request: FastifyRequest,
  registry: Pick<RegistryLookups, 'park' | 'parksNamed'>,
): <T extends AlarmOwner>(one: T) => T {
  const looking = { sees: parkScope(principalOf(request), registry), parksNamed: registry.parksNamed };
  return (one) => (one.park === null ? one : { ...one, alarm: seenId(one.alarm, one.park, looking) });
}
