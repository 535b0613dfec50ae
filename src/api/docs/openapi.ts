import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** Every tag of the routes; a test finds a missing one. */
const TAGS = {
  operations: 'Health, metrics and these documents',
  registry: 'Parks, gateways, devices, enterprises and the metric catalogue',
  readings: 'Raw readings, windows of them, and newest values',
  alarms: 'Alarms, what people do to them, what happened to them, and the rules that raise them',
  notification: 'Who is told of alarms, when, and by which channel',
  intensity: 'What the 5 % a year rests on: meters, statistics, figures and verdicts',
  emissions: 'Wastewater that leaves parks: outlets, permits, limits in force, marks and manual samples',
  statistics: 'Industrial added value, the enterprises that count, coefficients, and what the policy asks',
  live: 'Tickets for the WebSockets; what these say is in /asyncapi.json',
  quarantine: 'What was not taken, and a second chance for it',
  tokens: 'Who may sign in, as what, and for which parks',
  audit: 'Who did what, and who was refused',
};

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457; further members say more, such as `errors` with each wrong field',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance'],
  properties: {
    type: { type: 'string', examples: ['urn:problem:unknown_device'] },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'stable, snake_case, for programs', examples: ['unknown_device'] },
    detail: { type: 'string', description: 'what was wrong, for people' },
    instance: { type: 'string', description: 'the path that was asked' },
  },
};

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;
type TransformObject = NonNullable<FastifyDynamicSwaggerOptions['transformObject']>;

/** Adds the roles of a route to its description. */
const transform: Transform = (given) => {
  const { schema, url } = jsonSchemaTransform(given);
  const { access } = given.route.config ?? {};
  const roles = Array.isArray(access) ? ['admin', ...access] : [];
  const text = access === 'open' ? 'Open to all.' : access === 'own' ? '' : `Roles: ${roles.join(', ')}.`;
  const described = [schema?.description, text].filter(Boolean).join('\n\n');
  return {
    url,
    schema: { ...schema, ...(described && { description: described }), ...(access === 'open' && { security: [] }) },
  };
};

/** Adds the problem answer to every operation. */
const transformObject: TransformObject = (given) => {
  if (!('openapiObject' in given)) throw new TypeError('the service makes only OpenAPI 3 documents');
  const { openapiObject: document } = given;
  const problem = {
    description: 'Anything else: what was wrong',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  for (const path of Object.values(document.paths ?? {})) {
    for (const method of ['get', 'put', 'post', 'delete', 'patch'] as const) {
      const operation = path?.[method];
      if (operation) operation.responses = { ...operation.responses, default: problem };
    }
  }
  return document;
};

/** Options of @fastify/swagger for the OpenAPI 3.1 document of every route registered after it. */
export function openApiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Smart park monitor',
        version,
        description:
          'Monitoring of the industrial parks: readings, newest values, alarms, registry. Times are RFC 3339 with offset, ' +
          'or epoch milliseconds where they are given. MQTT and the WebSocket are described in /asyncapi.json.',
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'a token of the API' } },
        schemas: { Problem: PROBLEM as never },
      },
      security: [{ token: [] }],
    },
    transform,
    transformObject,
  };
}
