import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal, Role } from '../../model/access.js';
import { problem } from '../problem.js';

/**
 * Who may use a route; `admin` always may. `open`: anyone, only for `/health/*`. `own`: the route checks its callers
 * itself, as MQTT over WebSocket and one-time tickets do.
 */
export type Access = 'open' | 'own' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required on every route. */
    access?: Access;
    /** Also accepts the token as password of HTTP Basic, for pages opened in a browser; GET only. */
    basic?: boolean;
  }
  interface FastifyRequest {
    /** Null on `open` and `own` routes. */
    principal: Principal | null;
  }
}

/** Roles that read registry, readings and alarms. */
export const READERS = ['operator', 'inspector', 'viewer'] as const satisfies readonly Role[];
/** Roles that change data of their parks. */
export const WRITERS = ['operator'] as const satisfies readonly Role[];
/** Only administrators. */
export const ADMINS = [] as const satisfies readonly Role[];

const SCOPE_ACCESS = Symbol('access of a scope');

type ScopeAccess = Pick<FastifyContextConfig, 'access' | 'basic'>;

/** Sets the access of the routes in an encapsulated scope whose plugin does not know about access. */
export function accessForScope(scope: FastifyInstance, given: ScopeAccess): void {
  scope.decorate(SCOPE_ACCESS, given);
}

export function scopeAccess(scope: FastifyInstance): ScopeAccess | undefined {
  return scope.hasDecorator(SCOPE_ACCESS) ? scope.getDecorator<ScopeAccess>(SCOPE_ACCESS) : undefined;
}

/** The principal of a route that is neither `open` nor `own`. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw problem(401, 'token_missing', 'this needs a bearer token');
  return request.principal;
}
