import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastifyPlugin from 'fastify-plugin';
import { z } from 'zod';
import { accessForScope, READERS } from '../../http/auth/access.js';
import { asyncApi } from './asyncapi.js';
import { openApiOptions } from './openapi.js';

/** Of the interface, as the documents name it. */
const VERSION = '1.0.0';

/** The page has no inline scripts; Swagger UI sets style attributes and carries its icons as data. */
const CSP = {
  'default-src': "'self'",
  'base-uri': "'self'",
  'frame-ancestors': "'none'",
  'object-src': "'none'",
  'img-src': ["'self'", 'data:'],
  'script-src': "'self'",
  'style-src': ["'self'", "'unsafe-inline'"],
};

/**
 * `/openapi.json`, `/docs` and `/asyncapi.json`, for every role; a browser may give the token as the password of HTTP
 * Basic. Register it behind the frame and before the routes it describes.
 */
export const docsPlugin = fastifyPlugin(
  async (app) => {
    await app.register(swagger, openApiOptions(VERSION));
    await app.register(async (scope) => {
      accessForScope(scope, { access: READERS, basic: true });
      await scope.register(swaggerUi, {
        routePrefix: '/docs',
        staticCSP: CSP as never,
        uiConfig: { deepLinking: true, persistAuthorization: false, validatorUrl: null } as never,
        theme: { title: 'Smart park monitor: API' },
      });
    });
    await app.register(async (scope) => {
      accessForScope(scope, { access: READERS, basic: true });
      const document = (path: string, summary: string, text: () => string) => {
        let cached: string | undefined;
        scope.get(path, { schema: schemaOf(summary) }, async (_request, reply) => {
          cached ??= text();
          return reply.type('application/json; charset=utf-8').send(cached);
        });
      };
      document('/openapi.json', 'This document: OpenAPI 3.1', () => JSON.stringify(app.swagger()));
      document('/asyncapi.json', 'AsyncAPI 3.0 document of MQTT and the WebSocket', () =>
        JSON.stringify(asyncApi(VERSION)),
      );
    });
  },
  { name: 'api-docs', dependencies: ['api-auth'] },
);

const schemaOf = (summary: string) => ({
  tags: ['operations'],
  summary,
  response: { 200: z.looseObject({ info: z.looseObject({ title: z.string(), version: z.string() }) }) },
});
