import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf, READERS, WRITERS } from '../auth/access.js';
import { parksAsked, requireBodyPark, requireVisible } from '../auth/scope.js';
import type { ApiDeps } from '../deps.js';
import { anyId, line, newId } from '../fields.js';
import { pageAfter, pageOf, pagingQuery } from '../paging.js';
import { problem } from '../problem.js';

export type EnterpriseDeps = Pick<ApiDeps, 'registry'>;

const params = z.strictObject({ id: anyId });
const input = z.strictObject({
  park: anyId.describe('that of a known enterprise stands'),
  nameZh: line(200),
  nameEn: line(200).optional().describe('as `nameZh` when left out'),
});
const answer = z.strictObject({ id: z.string(), park: z.string(), nameZh: z.string(), nameEn: z.string() });

/** `GET PUT DELETE /enterprises(/{id})`; operators change those of their parks. */
export function enterpriseRoutes({ registry }: EnterpriseDeps): FastifyPluginAsync {
  const find = (request: FastifyRequest, id: string) => {
    const absent = () => problem(404, 'unknown_enterprise', `there is no enterprise ${id}`);
    return requireVisible(request, registry, registry.enterprise(id), absent);
  };
  // Ids are one for all parks, so that one is taken shows; whose it is does not.
  const requireFree = (request: FastifyRequest, id: string) => {
    const taken = () => problem(409, 'enterprise_id_taken', `the id ${id} is taken; choose another one`);
    const known = registry.enterprise(id);
    if (known) requireVisible(request, registry, known, taken);
  };

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/enterprises',
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'The enterprises in scope',
          querystring: z.strictObject({ park: anyId.optional(), ...pagingQuery() }),
          response: { 200: pageOf(answer, 'by id').describe('A page of enterprises') },
        },
      },
      async (request) => {
        const { park, ...paging } = request.query;
        const parks = new Set(parksAsked(request, registry, park).map((one) => one.id));
        const enterprises = registry.enterprises().filter((one) => parks.has(one.park));
        return pageAfter(enterprises, (one) => one.id, paging);
      },
    );
    app.get(
      '/enterprises/:id',
      {
        config: { access: READERS },
        schema: {
          tags: ['registry'],
          summary: 'One enterprise',
          params,
          response: { 200: answer.describe('The enterprise') },
        },
      },
      async (request) => find(request, request.params.id),
    );
    app.put(
      '/enterprises/:id',
      {
        config: { access: WRITERS },
        schema: {
          tags: ['registry'],
          summary: 'Makes an enterprise, or changes its names',
          params: z.strictObject({ id: newId }),
          body: input,
          response: {
            200: answer.describe('The enterprise as it is now'),
            201: answer.describe('The enterprise that was made'),
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { park, nameZh, nameEn = nameZh } = request.body;
        requireBodyPark(request, registry, park);
        requireFree(request, id);
        const put = registry.putEnterprise({ id, park, nameZh, nameEn }, principalOf(request).id);
        if (put.created) reply.code(201).header('location', `/api/v1/enterprises/${id}`);
        return put.enterprise;
      },
    );
    app.delete(
      '/enterprises/:id',
      {
        config: { access: WRITERS },
        schema: {
          tags: ['registry'],
          summary: 'Removes an enterprise that has no devices',
          params,
          response: { 204: z.undefined().describe('It is gone') },
        },
      },
      async (request, reply) => {
        const { id } = find(request, request.params.id);
        registry.removeEnterprise(id, principalOf(request).id);
        return reply.code(204).send();
      },
    );
  };
}
