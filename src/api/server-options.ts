import type { FastifyRequest } from 'fastify';
import { pathOf } from './errors.js';

/** Options of the Fastify instance that the API counts on: bounds of a request, and no secret in the log. */
export const apiServerOptions = {
  bodyLimit: 1024 * 1024,
  /** For the whole request, so that nobody holds a socket by sending slowly. */
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
  routerOptions: { maxParamLength: 200 },
} as const;

/** `req` serializer for the logger: the path without its query, which may hold a ticket, and no headers. */
export function logRequest(request: FastifyRequest) {
  return { method: request.method, path: pathOf(request), remoteAddress: request.ip };
}
