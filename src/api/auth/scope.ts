import type { FastifyRequest } from 'fastify';
import { maySeePark, type Principal } from '../../domain/access.js';
import type { Park } from '../../domain/parks.js';
import type { RegistryLookups } from '../../registry/port.js';
import { Problem, problem } from '../problem.js';
import { principalOf } from './access.js';

type Lookups = Pick<RegistryLookups, 'park' | 'parks'>;

/** What a principal is limited to, for people. */
export function describeScope(who: Principal): string {
  const limits = [
    who.parks.length > 0 ? `parks ${who.parks.join(', ')}` : '',
    who.districts.length > 0 ? `districts ${who.districts.join(', ')}` : '',
  ].filter((text) => text !== '');
  return limits.length === 0 ? 'no limit' : limits.join(' and ');
}

/**
 * The park, when the principal may see it.
 * @throws Problem 404 for a park that does not exist, 403 naming the scope for one outside it
 */
export function requirePark(request: FastifyRequest, registry: Pick<Lookups, 'park'>, id: string): Park {
  const who = principalOf(request);
  const park = registry.park(id);
  if (!park) throw problem(404, 'unknown_park', `there is no park ${id}`);
  if (!maySeePark(who, park)) throw outOfScope(who, `park ${id}`);
  return park;
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

export function outOfScope(who: Principal, what: string): Problem {
  return new Problem(
    403,
    'out_of_scope',
    `${what} is outside the scope of this token, which is limited to ${describeScope(who)}`,
    {
      scope: { parks: who.parks, districts: who.districts },
    },
  );
}
