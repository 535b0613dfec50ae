import helmet from '@fastify/helmet';
import fastifyPlugin from 'fastify-plugin';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Audit } from '../registry/audit/port.js';
import { type AuthOptions, authPlugin } from './auth/plugin.js';
import { handleErrors, handleNotFound } from './errors.js';

export interface FrameOptions extends AuthOptions {
  readonly audit: Pick<Audit, 'record'>;
}

/** What every route stands in: validation by zod, problems, sign-in, limits, secure headers. */
export const framePlugin = fastifyPlugin<FrameOptions>(
  async (app, { audit, ...access }) => {
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    handleErrors(app, audit);
    handleNotFound(app);
    await app.register(helmet, {
      contentSecurityPolicy: { directives: { 'default-src': ["'self'"], 'upgrade-insecure-requests': null } },
    });
    await app.register(authPlugin, access);
  },
  { name: 'api-frame' },
);
