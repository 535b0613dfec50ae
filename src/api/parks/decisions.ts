import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { ADMINS, principalOf, READERS } from '../../http/auth/access.js';
import { requirePark } from '../../http/auth/scope.js';
import { given } from '../../http/given.js';
import { parkParams } from '../../http/request-texts.js';
import { ok, route } from '../../http/route.js';
import type { ApiDeps } from '../deps.js';

/** A setting that administrators make for whole parks. */
interface Decision<T extends object> {
  /** Path below `/parks/:park/`. */
  readonly path: string;
  readonly answer: z.ZodObject;
  readonly reads: { readonly summary: string; readonly description: string };
  readonly changes: { readonly summary: string; readonly description?: string };
  readonly read: (park: string) => T;
  /** `given` lacks the fields left out of the request. */
  readonly change: (park: string, given: Partial<T>, who: string) => T;
}

/** `GET PUT /parks/{park}/{path}`; every token of the park reads it, only administrators change it. */
export function decisionRoutes<T extends object>(
  app: FastifyInstance,
  registry: ApiDeps['registry'],
  { path, answer, reads, changes, read, change }: Decision<T>,
): void {
  const url = `/parks/:park/${path}`;
  app.get<{ Params: z.output<typeof parkParams> }>(
    url,
    route(READERS, 'registry', reads.summary, { params: parkParams, ...ok(answer, reads.description) }),
    async (request) => read(requirePark(request, registry, request.params.park).id),
  );
  app.put<{ Params: z.output<typeof parkParams>; Body: Partial<T> }>(
    url,
    {
      config: { access: ADMINS },
      schema: {
        tags: ['registry'],
        ...changes,
        params: parkParams,
        body: answer.partial(),
        ...ok(answer, `${reads.description} as they are now`),
      },
    },
    async (request) => {
      const park = requirePark(request, registry, request.params.park);
      return change(park.id, given(request.body as object) as Partial<T>, principalOf(request).id);
    },
  );
}
