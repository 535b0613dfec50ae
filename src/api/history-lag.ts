import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Historian, type HistoryLag, olderLag } from '../historian/port/queries.js';
import { formatInstant } from '../model/time/rfc3339.js';
import type { TimeZone } from '../model/time/zone.js';

interface Mark {
  /** What answers lack that are read from history during the request. */
  readonly since: ReturnType<Historian['lagSince']>;
  /** What the kept figures lack that the answer rests on. */
  kept: HistoryLag | null;
}

const lagMarks = new WeakMap<FastifyRequest, Mark>();

/**
 * Marks answers of history (see `ofHistory`) that lack readings acknowledged before the request came:
 * `History-Complete-Through` says up to when all that the service received is in the answer, or `unknown`.
 */
export function markLag(app: FastifyInstance, historian: Pick<Historian, 'lagSince'>, zone: TimeZone): void {
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.history) lagMarks.set(request, { since: historian.lagSince(), kept: null });
  });
  app.addHook('onSend', async (request, reply) => {
    const mark = reply.statusCode < 300 ? lagMarks.get(request) : undefined;
    const lag = mark && olderLag(mark.since(), mark.kept);
    if (!lag) return;
    const { completeThrough } = lag;
    reply.header(
      'History-Complete-Through',
      completeThrough === null ? 'unknown' : formatInstant(completeThrough, zone),
    );
  });
}

/** The answer to the request rests on figures that were read before, and lacks what they lack. */
export function restsOn(request: FastifyRequest, lag: HistoryLag | null): void {
  const mark = lagMarks.get(request);
  if (mark !== undefined) mark.kept = olderLag(mark.kept, lag);
}
