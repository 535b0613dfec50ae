import helmet from '@fastify/helmet';
import fastifyPlugin from 'fastify-plugin';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Audit } from '../registry/audit/port.js';
import { type AuthOptions, authPlugin } from './auth/plugin.js';
import { boundJsonBodies } from './bodies/json-bodies.js';
import { handleErrors, handleNotFound } from './errors.js';

export interface FrameOptions extends AuthOptions {
  readonly audit: Pick<Audit, 'record'>;
}

/** Base of every route: validation by zod, problems, authentication, bounds, secure headers. */
export const framePlugin = fastifyPlugin<FrameOptions>(
  async (app, { audit, ...access }) => {
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    boundJsonBodies(app);
    handleErrors(app, audit);
    handleNotFound(app);
    await app.register(helmet, {
      contentSecurityPolicy: { directives: { 'default-src': ["'self'"], 'upgrade-insecure-requests': null } },
    });
    await app.register(authPlugin, access);
  },
  { name: 'api-frame' },
);
