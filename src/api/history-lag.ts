import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Historian } from '../historian/port/queries.js';
import { formatInstant } from '../model/time/rfc3339.js';
import type { TimeZone } from '../model/time/zone.js';

/**
 * Marks answers of history that lack readings acknowledged before the request came, because the historian is behind:
 * `History-Complete-Through` says up to when all that the service received is in the answer, or `unknown`. The routes of
 * `app` and its children get the mark.
 */
export function markLag(app: FastifyInstance, historian: Pick<Historian, 'lagSince'>, zone: TimeZone): void {
  const lags = new WeakMap<FastifyRequest, ReturnType<Historian['lagSince']>>();
  app.addHook('onRequest', async (request) => {
    lags.set(request, historian.lagSince());
  });
  app.addHook('onSend', async (request, reply) => {
    const lag = reply.statusCode < 300 ? lags.get(request)?.() : null;
    if (!lag) return;
    const { completeThrough } = lag;
    reply.header(
      'History-Complete-Through',
      completeThrough === null ? 'unknown' : formatInstant(completeThrough, zone),
    );
  });
}
