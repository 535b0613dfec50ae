import fastifyPlugin from 'fastify-plugin';
import type { ApiDeps } from './deps.js';
import { framePlugin } from './frame.js';

/** The HTTP API: the frame, then its documents, then every resource below `/api/v1`. */
export const apiPlugin = fastifyPlugin<ApiDeps>(
  async (app, deps) => {
    await app.register(framePlugin, { registry: deps.registry, audit: deps.audit });
  },
  { name: 'api' },
);
