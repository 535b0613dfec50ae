import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { READERS, WRITERS } from '../../http/auth/access.js';
import { parksAsked, requireVisible } from '../../http/auth/scope.js';
import { given } from '../../http/given.js';
import { problem } from '../../http/problem.js';
import { route } from '../../http/route.js';
import { TimeZone } from '../../model/time/zone.js';
import type { ApiDeps } from '../deps.js';
import { replayOnce } from './replay.js';
import { quarantinedMessage, quarantineId, quarantineList, quarantineQuery, replayAnswer } from './schemas.js';
import { toWire, withPayload } from './wire.js';

/** `GET /quarantine`, `GET /quarantine/{id}`, `POST /quarantine/{id}/replay`: what was not taken, and a second chance. */
export function quarantineRoutes(
  deps: Pick<ApiDeps, 'registry' | 'quarantine' | 'audit' | 'timeZone'>,
): FastifyPluginAsync {
  const { registry, quarantine } = deps;
  const zone = new TimeZone(deps.timeZone);
  const replay = replayOnce(deps);

  /** @throws ProblemError 404 when it is not there (any more), or outside the scope */
  const find = (request: FastifyRequest, id: number) => {
    const absent = () => problem(404, 'unknown_message', `there is no message ${id} in quarantine`);
    return requireVisible(request, registry, quarantine.get(id), absent);
  };

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/quarantine',
      route(READERS, 'quarantine', 'Messages that were not taken, or not in full', {
        querystring: quarantineQuery,
        response: { 200: quarantineList.describe('A page of messages, newest first') },
      }),
      async (request) => {
        const { park, code, waiting, limit, cursor } = request.query;
        const parks = parksAsked(request, registry, park).map((one) => one.id);
        const filter = {
          ...(parks.length < registry.parks().length && { parks }),
          ...given({ code, beforeId: cursor }),
          waitingOnly: waiting,
          limit,
        };
        const found = quarantine.list(filter);
        const last = found.at(-1);
        // A page may end before its limit: it has a bound of bytes too.
        const more = last !== undefined && quarantine.list({ ...filter, beforeId: last.id, limit: 1 }).length > 0;
        return {
          items: found.map((message) => toWire(message, zone)),
          nextCursor: more ? String(last.id) : null,
        };
      },
    );
    app.get(
      '/quarantine/:id',
      route(READERS, 'quarantine', 'One message with its payload', {
        params: quarantineId,
        response: { 200: quarantinedMessage.describe('The message as it arrived') },
      }),
      async (request) => withPayload(find(request, request.params.id), zone),
    );
    app.post(
      '/quarantine/:id/replay',
      route(WRITERS, 'quarantine', 'Sends a message through ingest again', {
        description:
          "With today's registry, catalogue and clock; of what arrived since for the same device, metric and time, the " +
          'later arrival stays. 422 names what is still not taken; what could be taken is stored all the same, once.',
        params: quarantineId,
        response: { 200: replayAnswer.describe('Nothing was rejected any more') },
      }),
      async (request) => replay(request, find(request, request.params.id)),
    );
  };
}
