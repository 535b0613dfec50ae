import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { foreign, parkScope, parksAsked, requireBodyPark, requirePark } from '../../http/auth/scope.js';
import { pageAfter, pageOf, pagingQuery } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { anyId, line, newId } from '../../http/request-texts.js';
import { gone, ok, okOrMade, route, routes } from '../../http/route.js';
import { deviceOf } from '../../model/ids.js';
import type { ApiDeps } from '../deps.js';

const params = z.strictObject({ id: anyId });
const query = z.strictObject({
  park: anyId.optional().describe('of the enterprise; needed where several parks have one of that id'),
});
const input = z.strictObject({
  park: anyId.describe('each park has its own ids'),
  nameZh: line(200),
  nameEn: line(200).optional().describe('as `nameZh` when left out'),
});
const answer = z.strictObject({ id: z.string(), park: z.string(), nameZh: z.string(), nameEn: z.string() });

/** `GET PUT DELETE /enterprises(/{id})`; operators change those of their parks. */
export function enterpriseRoutes({ registry, meters, clock }: Pick<ApiDeps, 'registry' | 'meters' | 'clock'>) {
  const seenBy = (request: FastifyRequest, id: string, park?: string) => {
    const sees = parkScope(principalOf(request), registry);
    return registry.enterprisesCalled(id).filter((one) => sees(one.park) && (park === undefined || park === one.park));
  };
  const find = (request: FastifyRequest, id: string, park: string | undefined) => {
    if (park !== undefined) requirePark(request, registry, park);
    const [enterprise, ...others] = seenBy(request, id, park);
    if (enterprise === undefined) {
      const absent = problem(404, 'unknown_enterprise', `there is no enterprise ${id}`);
      throw registry.enterprisesCalled(id).length > 0 ? foreign(absent) : absent;
    }
    if (others.length === 0) return enterprise;
    const parks = [enterprise, ...others].map((one) => one.park).sort();
    const detail = `the parks ${parks.join(', ')} each have an enterprise ${id}: add park=`;
    throw problem(409, 'ambiguous_enterprise', detail, { enterprise: id, parks });
  };

  return routes((app) => {
    app.get(
      '/enterprises',
      route(READERS, 'registry', 'The enterprises in scope', {
        querystring: z.strictObject({ park: anyId.optional(), ...pagingQuery() }),
        ...ok(pageOf(answer, 'by id, then park'), 'A page of enterprises'),
      }),
      async (request) => {
        const { park, ...paging } = request.query;
        const parks = new Set(parksAsked(request, registry, park).map((one) => one.id));
        const enterprises = registry.enterprises().filter((one) => parks.has(one.park));
        return pageAfter(enterprises, (one) => `${one.id} ${one.park}`, paging);
      },
    );
    app.get(
      '/enterprises/:id',
      route(READERS, 'registry', 'One enterprise', { params, querystring: query, ...ok(answer, 'The enterprise') }),
      async (request) => find(request, request.params.id, request.query.park),
    );
    app.put(
      '/enterprises/:id',
      route(WRITERS, 'registry', 'Makes an enterprise, or changes its names', {
        params: z.strictObject({ id: newId }),
        body: input,
        ...okOrMade(answer, 'The enterprise as it is now', 'The enterprise that was made'),
      }),
      async (request, reply) => {
        const { id } = request.params;
        const { park, nameZh, nameEn = nameZh } = request.body;
        requireBodyPark(request, registry, park);
        const put = registry.putEnterprise({ id, park, nameZh, nameEn }, principalOf(request).id);
        const which = seenBy(request, id).length === 1 ? '' : `?park=${park}`;
        if (put.created) reply.code(201).header('location', `/api/v1/enterprises/${id}${which}`);
        return put.enterprise;
      },
    );
    app.delete(
      '/enterprises/:id',
      route(WRITERS, 'registry', 'Removes an enterprise that has no devices, and owns no meter that counts', {
        params,
        querystring: query,
        ...gone(),
      }),
      async (request, reply) => {
        const { id, park } = find(request, request.params.id, request.query.park);
        const [meter, ...others] = meters.ownedBy({ kind: 'enterprise', id }, park, clock());
        if (meter !== undefined) {
          const detail = `${others.length + 1} meters of the park's tree count for enterprise ${id}, ${deviceOf(meter.device)} for one: end them, or give them to another owner`;
          throw problem(409, 'enterprise_in_use', detail);
        }
        registry.removeEnterprise(id, principalOf(request).id, park);
        return reply.code(204).send();
      },
    );
  });
}
