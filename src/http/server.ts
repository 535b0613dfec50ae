import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { endBadConnection, frameworkErrors } from './errors.js';

/** The HTTP server before any route. @param requestMs longest time that a request may take to arrive, ms */
export function buildHttp(log: Logger, requestMs = 30_000): FastifyInstance {
  return Fastify({
    loggerInstance: log,
    // One line per request would hide what matters; the metrics count requests.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    requestTimeout: requestMs,
    // Node.js looks for late requests twice a minute by default. Where the time for headers, by default 60 s, is longer
    // than that for the whole request, it takes the one for the other.
    http: { headersTimeout: requestMs, connectionsCheckingInterval: Math.min(requestMs, 5_000) },
    clientErrorHandler: endBadConnection,
    forceCloseConnections: true,
    // An alarm's id holds two ids and more; by default the router finds no route for more than 100 characters.
    routerOptions: { maxParamLength: 256 },
    frameworkErrors,
  }) as unknown as FastifyInstance;
}

/** Where the server listens. */
export function httpAddress(http: FastifyInstance): string {
  const { address, port, family } = http.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
