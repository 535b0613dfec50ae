import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal, Role } from '../../model/access.js';
import { problem } from '../problem.js';

/**
 * Who may use a route; `admin` always may. `open`: anyone, for `/health/*` alone. `own`: the route signs its callers in
 * itself, as MQTT over WebSocket and one-time tickets do.
 */
export type Access = 'open' | 'own' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Must be given by every route. */
    access?: Access;
    /** Also takes the token as the password of HTTP Basic, for pages that a browser opens; GET only. */
    basic?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; null on `open` and `own` routes. */
    principal: Principal | null;
  }
}

/** Roles that read registry, readings and alarms. */
export const READERS = ['operator', 'inspector', 'viewer'] as const satisfies readonly Role[];
/** Roles that change things in their parks. */
export const WRITERS = ['operator'] as const satisfies readonly Role[];
/** Administrators alone. */
export const ADMINS = [] as const satisfies readonly Role[];

const SCOPE_ACCESS = Symbol('access of a scope');

type ScopeAccess = Pick<FastifyContextConfig, 'access' | 'basic'>;

/** Gives the routes of an encapsulated scope an access when a plugin that knows nothing of it registers them. */
export function accessForScope(scope: FastifyInstance, given: ScopeAccess): void {
  scope.decorate(SCOPE_ACCESS, given);
}

export function scopeAccess(scope: FastifyInstance): ScopeAccess | undefined {
  return scope.hasDecorator(SCOPE_ACCESS) ? scope.getDecorator<ScopeAccess>(SCOPE_ACCESS) : undefined;
}

/** The signed-in principal of a route that is neither `open` nor `own`. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw problem(401, 'token_missing', 'this needs a bearer token');
  return request.principal;
}
