import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Principal } from '../../model/access.js';
import type { TokenChecks } from '../../registry/port.js';
import { type ProblemError, problem } from '../problem.js';
import { type Access, scopeAccess } from './access.js';
import { Budgets } from './budgets.js';
import { tokenOf } from './credentials.js';
import { type DoorBounds, FrontDoor } from './front-door.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts what strangers do. */
    frontDoor: FrontDoor;
  }
}

export interface AuthOptions {
  readonly registry: Pick<TokenChecks, 'check'>;
  /** Requests of one token in a minute. */
  readonly requestsPerMinute?: number;
  /** Bounds of what strangers may ask. */
  readonly door?: Partial<DoorBounds>;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
}

/** Tokens whose requests are counted apart. */
const TOKENS = 10_000;

const REALM = 'Bearer realm="park"';

/**
 * Signs every request in before anything else of it is looked at. A route without `config.access` cannot be registered;
 * what is not a route needs a token too, so that nobody can learn the routes without one.
 */
export const authPlugin = fastifyPlugin<AuthOptions>(
  async (app, { registry, requestsPerMinute = 3_000, door: bounds = {}, uptime }) => {
    const door = new FrontDoor(registry, bounds, uptime);
    const requests = new Budgets({ limit: requestsPerMinute, windowMs: 60_000, keys: TOKENS }, uptime);
    door.guard(app.server);
    app.decorate('frontDoor', door);
    app.decorateRequest('principal', null);
    app.addHook('onRoute', declareAccess);

    app.addHook('onRequest', async (request, reply) => {
      const { access, basic } = request.routeOptions.config;
      if (access === 'open' || access === 'own') return;
      const { authorization } = request.headers;
      const attempt = door.trying(request.ip);
      const token = tokenOf(authorization, basic === true && request.method === 'GET');
      const checked = token === null ? 'missing' : registry.check(token);
      if (typeof checked === 'string') {
        const { waitS } = attempt;
        if (waitS !== null) {
          throw tooMany('too_many_failures', `too many failed sign-ins from this address; wait ${waitS} s`, waitS);
        }
        throw refusal(checked, authorization !== undefined, basic === true);
      }
      attempt.signedIn();
      request.principal = checked;
      countRequest(requests, checked, reply);
      if (!request.is404) requireRole(checked, access, request);
    });
  },
  { name: 'api-auth' },
);

function declareAccess(this: FastifyInstance, route: RouteOptions): void {
  const config = route.config ?? {};
  const inherited = config.access === undefined ? scopeAccess(this) : undefined;
  if (inherited) route.config = { ...config, ...inherited };
  else if (config.access === undefined) {
    throw new Error(`route ${String(route.method)} ${route.url} does not say who may use it: config.access is missing`);
  }
}

/** @throws ProblemError 429 above the token's requests of a minute */
function countRequest(requests: Budgets, { id }: Principal, reply: FastifyReply): void {
  const allowed = requests.spend(id);
  const { limit } = requests.bounds;
  const waitS = requests.waitS(id);
  reply.headers({
    'x-ratelimit-limit': limit,
    'x-ratelimit-remaining': allowed ? requests.left(id) : 0,
    'x-ratelimit-reset': waitS,
  });
  if (allowed) return;
  throw tooMany('too_many_requests', `this token made more than ${limit} requests in a minute`, waitS);
}

function requireRole(who: Principal, access: Access | undefined, request: FastifyRequest): void {
  if (who.role === 'admin' || (Array.isArray(access) && access.includes(who.role))) return;
  const allowed = ['admin', ...(Array.isArray(access) ? access : [])];
  const asked = `${request.method} ${request.routeOptions.url ?? ''}`;
  const detail = `${asked} needs the role ${allowed.join(' or ')}; this token has ${who.role}`;
  throw problem(403, 'role_not_allowed', detail, { role: who.role, allowed });
}

function refusal(why: 'missing' | 'unknown' | 'expired', given: boolean, basic: boolean): ProblemError {
  const challenge = why === 'missing' && !given ? REALM : `${REALM}, error="invalid_token"`;
  const headers = { 'www-authenticate': basic ? `${challenge}, Basic realm="park", charset="UTF-8"` : challenge };
  if (why === 'expired') return problem(401, 'token_expired', 'this token has expired; ask for a new one', {}, headers);
  if (why === 'unknown') return problem(401, 'token_unknown', 'this token is not known, or was revoked', {}, headers);
  const detail = given
    ? 'the Authorization header is not of the form: Bearer <token>'
    : 'this needs a token: send the header Authorization: Bearer <token>';
  return problem(401, 'token_missing', detail, {}, headers);
}

const tooMany = (code: string, detail: string, waitS: number) =>
  problem(429, code, detail, { retryAfterS: waitS }, { 'retry-after': String(waitS) });
