import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyPlugin from 'fastify-plugin';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Audit, TokenChecks } from '../registry/port.js';
import { authPlugin } from './auth/plugin.js';
import { handleErrors } from './errors.js';
import { handleNotFound } from './not-found.js';
import { problem } from './problem.js';
import { steadyLimits } from './steady-limits.js';

export interface FrameOptions {
  readonly registry: Pick<TokenChecks, 'check'>;
  readonly audit: Pick<Audit, 'record'>;
  /** Requests of one token in a minute. */
  readonly requestsPerMinute?: number;
  /** Failed sign-ins of one address in a minute. */
  readonly failuresPerMinute?: number;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
}

/** Addresses and tokens whose counts are kept; beyond, the one unused for longest is forgotten. */
const LIMITER_ENTRIES = 10_000;

/** What every route stands in: validation by zod, problems, sign-in, limits, secure headers. */
export const framePlugin = fastifyPlugin<FrameOptions>(
  async (app, { registry, audit, requestsPerMinute = 3_000, failuresPerMinute = 30, uptime }) => {
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    handleErrors(app, audit);
    handleNotFound(app);
    await app.register(helmet, {
      contentSecurityPolicy: { directives: { 'default-src': ["'self'"], 'upgrade-insecure-requests': null } },
    });
    await app.register(rateLimit, {
      max: requestsPerMinute,
      timeWindow: 60_000,
      cache: LIMITER_ENTRIES,
      store: steadyLimits(uptime),
      keyGenerator: (request) => request.principal?.id ?? request.ip,
      // `open` and `own` routes: health must answer whoever else is busy, and MQTT has bounds of its own.
      allowList: (request) => request.principal === null,
      errorResponseBuilder: (_request, { max, ttl }) =>
        problem(429, 'too_many_requests', `this token made more than ${max} requests in a minute`, {
          retryAfterS: Math.ceil(ttl / 1_000),
        }),
    });
    await app.register(authPlugin, { tokens: registry, failuresPerMinute });
  },
  { name: 'api-frame' },
);
