import type { FastifyRequest } from 'fastify';
import { maySeePark, type Principal } from '../../model/access.js';
import type { Park } from '../../model/parks.js';
import { type Registry, RegistryError, type RegistryLookups } from '../../registry/port.js';
import { type ProblemError, problem } from '../problem.js';
import { principalOf } from './access.js';

type Lookups = Pick<RegistryLookups, 'park' | 'parks'>;

/**
 * The park, when the principal may see it.
 * @throws ProblemError 404 for a park that does not exist or is outside the scope: nobody learns which
 */
export function requirePark(request: FastifyRequest, registry: Pick<Lookups, 'park'>, id: string): Park {
  const park = registry.park(id);
  if (!park) throw unknownPark(id);
  if (!maySeePark(principalOf(request), park)) throw foreign(unknownPark(id));
  return park;
}

/** Whether the principal sees the park of an id; no for one that does not exist. */
export function parkScope(who: Principal, registry: Pick<Lookups, 'park'>): (id: string) => boolean {
  return (id) => {
    const park = registry.park(id);
    return park !== undefined && maySeePark(who, park);
  };
}

/** The parks the principal may see, in the order of annex 1. */
export function parksInScope(request: FastifyRequest, registry: Pick<Lookups, 'parks'>): readonly Park[] {
  const who = principalOf(request);
  return registry.parks().filter((park) => maySeePark(who, park));
}

/** The park asked for when it is in scope, else every park that is; for lists with an optional `park` filter. */
export function parksAsked(request: FastifyRequest, registry: Lookups, id?: string): readonly Park[] {
  return id === undefined ? parksInScope(request, registry) : [requirePark(request, registry, id)];
}

/** As `requirePark`, for the park that a body names. @throws RegistryError as the registry refuses one that does not exist */
export function requireBodyPark(request: FastifyRequest, registry: Pick<Lookups, 'park'>, id: string): void {
  if (parkScope(principalOf(request), registry)(id)) return;
  throw new RegistryError('invalid', 'unknown_park', `there is no park ${id}`, 'park');
}

/** As `requireBodyPark`, for the enterprise that a body names. @throws RegistryError as for one that does not exist */
export function requireBodyEnterprise(
  request: FastifyRequest,
  registry: Pick<Registry, 'enterprisesCalled' | 'park'>,
  id: string,
): void {
  const sees = parkScope(principalOf(request), registry);
  if (registry.enterprisesCalled(id).some(({ park }) => sees(park))) return;
  throw new RegistryError('invalid', 'unknown_enterprise', `there is no enterprise ${id}`, 'enterprise');
}

/**
 * What was found, when it belongs to a park that the principal may see.
 * @throws ProblemError `absent`, the same whether there is no such thing or it is out of scope
 */
export function requireInScope<T extends { readonly park: string }>(
  request: FastifyRequest,
  registry: Pick<Lookups, 'park'>,
  found: T | undefined,
  absent: () => ProblemError,
): T {
  if (!found) throw absent();
  if (!parkScope(principalOf(request), registry)(found.park)) throw foreign(absent());
  return found;
}

/** The parks of a district that the principal may see. @throws ProblemError 404 when there are none, or no such district */
export function requireDistrict(
  request: FastifyRequest,
  registry: Pick<Lookups, 'parks'>,
  id: string,
): readonly Park[] {
  const parks = parksInScope(request, registry).filter((park) => park.district === id);
  if (parks.length === 0) throw problem(404, 'unknown_district', `there is no district ${id}`);
  return parks;
}

/** Whether what a label of a metric names is in the scope: a gateway, or the position of an operator. */
export function seesLabel(registry: Pick<RegistryLookups, 'gateway' | 'park' | 'parks'>) {
  return (who: Principal, label: string, value: string): boolean => {
    const sees = parkScope(who, registry);
    if (label === 'gateway') return sees(registry.gateway(value)?.park ?? '');
    const [kind, id] = value.split(':', 2);
    if (label !== 'position' || id === undefined) return false;
    if (kind === 'park') return sees(id);
    const parks = registry.parks().filter((park) => park.district === id);
    return kind === 'district' && parks.length > 0 && parks.every((park) => maySeePark(who, park));
  };
}

/** Marks the refusal for the audit. */
export function foreign(absent: ProblemError): ProblemError {
  absent.outOfScope = true;
  return absent;
}

const unknownPark = (id: string) => problem(404, 'unknown_park', `there is no park ${id}`);
