import type { FastifyInstance } from 'fastify';
import { pathOf, send } from './errors.js';
import { problem } from './problem.js';

/** Answers 404, or 405 with `Allow` where the path stands for other methods. */
export function handleNotFound(app: FastifyInstance): void {
  const routes: { readonly method: string; readonly parts: readonly string[] }[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) routes.push({ method, parts: partsOf(route.url) });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const asked = partsOf(path);
    const allowed = new Set(routes.filter(({ parts }) => stands(parts, asked)).map(({ method }) => method));
    if (allowed.size === 0) return send(reply, request, problem(404, 'not_found', `there is nothing at ${path}`));
    const methods = [...allowed].sort();
    const allow = methods.join(', ');
    const detail = `${request.method} is not possible here; ${allow} are`;
    return send(reply, request, problem(405, 'method_not_allowed', detail, { allowed: methods }, { allow }));
  });
}

/** The parts between slashes, of which one at the end counts for nothing. */
function partsOf(path: string): readonly string[] {
  const parts = path.split('/', MOST_PARTS);
  return parts.length > 1 && parts.at(-1) === '' ? parts.slice(0, -1) : parts;
}

const MOST_PARTS = 64;

function stands(route: readonly string[], asked: readonly string[]): boolean {
  const open = route.at(-1) === '*';
  if (open ? asked.length < route.length - 1 : asked.length !== route.length) return false;
  return route.every((part, at) => {
    if (part === '*') return true;
    return part.startsWith(':') ? asked[at] !== '' : asked[at] === part;
  });
}
