import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ADMINS, principalOf, READERS } from '../../http/auth/access.js';
import { requirePark } from '../../http/auth/scope.js';
import { given } from '../../http/given.js';
import { anyId } from '../../http/request-texts.js';
import { ok, route } from '../../http/route.js';
import type { ApiDeps } from '../deps.js';

export const parkParams = z.strictObject({ park: anyId });

/** What administrators decide for whole parks. */
export interface Decision<T extends object> {
  /** Below `/parks/:park/`. */
  readonly path: string;
  readonly answer: z.ZodObject;
  readonly reads: { readonly summary: string; readonly description: string };
  readonly changes: { readonly summary: string; readonly description?: string };
  readonly read: (park: string) => T;
  /** `given` has nothing of what was left out. */
  readonly change: (park: string, given: Partial<T>, who: string) => T;
}

/** `GET PUT /parks/{park}/{path}`; all in the parks read them, administrators alone change them. */
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
