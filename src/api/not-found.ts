import type { FastifyInstance } from 'fastify';
import { pathOf, send } from './errors.js';
import { problem } from './problem.js';

/** Answers 404, or 405 with `Allow` where the path stands for other methods. */
export function handleNotFound(app: FastifyInstance): void {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) routes.push({ method, pattern: patternOf(route.url) });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const allowed = new Set(routes.filter((route) => route.pattern.test(path)).map((route) => route.method));
    if (allowed.size === 0) return send(reply, request, problem(404, 'not_found', `there is nothing at ${path}`));
    const allow = [...allowed].sort().join(', ');
    const detail = `${request.method} is not possible here; ${allow} are`;
    return send(
      reply,
      request,
      problem(405, 'method_not_allowed', detail, { allowed: [...allowed].sort() }, { allow }),
    );
  });
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}/?$`);
}
