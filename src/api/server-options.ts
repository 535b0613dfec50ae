/** Options of the Fastify instance that the API counts on: the bounds of a request. */
export const apiServerOptions = {
  bodyLimit: 1024 * 1024,
  /** For the whole request, so that nobody holds a socket by sending slowly. */
  requestTimeout: 30_000,
} as const;
