import helmet from '@fastify/helmet';
import fastifyPlugin from 'fastify-plugin';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Audit } from '../registry/audit/port.js';
import type { TokenChecks } from '../registry/port.js';
import { type DoorBounds, FrontDoor } from './auth/front-door.js';
import { authPlugin } from './auth/plugin.js';
import { handleErrors, handleNotFound } from './errors.js';

export interface FrameOptions {
  readonly registry: Pick<TokenChecks, 'check'>;
  readonly audit: Pick<Audit, 'record'>;
  /** Requests of one token in a minute. */
  readonly requestsPerMinute?: number;
  /** Bounds of what strangers may ask. */
  readonly door?: Partial<DoorBounds>;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
}

/** What every route stands in: validation by zod, problems, sign-in, limits, secure headers. */
export const framePlugin = fastifyPlugin<FrameOptions>(
  async (app, { registry, audit, requestsPerMinute = 3_000, door = {}, uptime }) => {
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    handleErrors(app, audit);
    handleNotFound(app);
    await app.register(helmet, {
      contentSecurityPolicy: { directives: { 'default-src': ["'self'"], 'upgrade-insecure-requests': null } },
    });
    const guard = new FrontDoor(registry, door, uptime);
    await app.register(authPlugin, { tokens: registry, door: guard, requestsPerMinute, uptime });
  },
  { name: 'api-frame' },
);
