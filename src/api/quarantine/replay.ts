import type { FastifyRequest } from 'fastify';
import { principalOf } from '../../http/auth/access.js';
import { problem } from '../../http/problem.js';
import type { QuarantinedMessage } from '../../ingest/port.js';
import type { ApiDeps } from '../deps.js';
import { toWireRejection } from './wire.js';

/** Of what is still not taken, so much is told one by one. */
const MOST_REASONS = 50;

/** Replays messages, each by one request at a time, and audits what came of it. */
export function replayOnce({ quarantine, audit }: Pick<ApiDeps, 'quarantine' | 'audit'>) {
  const underWay = new Set<number>();

  return async (request: FastifyRequest, message: QuarantinedMessage) => {
    const { id } = message;
    if (message.replayedAt !== null) {
      const detail = `message ${id} was replayed before, and all of it was taken`;
      throw problem(409, 'already_replayed', detail, { replayedBy: message.replayedBy });
    }
    if (underWay.has(id)) throw problem(409, 'replay_under_way', `message ${id} is being replayed by another request`);
    underWay.add(id);
    try {
      const who = principalOf(request).id;
      const result = await quarantine.replay(id, who);
      if (!result) throw problem(404, 'unknown_message', `message ${id} was pushed out of quarantine meanwhile`);
      const { readings, rejections } = result;
      audit.record({
        who,
        action: 'quarantine.replay',
        target: `quarantine/${id}`,
        outcome: readings > 0 ? 'done' : 'refused',
        detail: { topic: message.topic, readings, rejected: rejections.length },
      });
      if (rejections.length === 0) return { id, readings };
      const reasons = rejections.slice(0, MOST_REASONS).map(toWireRejection);
      const detail = `still not taken: ${[...new Set(rejections.map(({ code }) => code))].join(', ')}`;
      throw problem(422, 'still_rejected', detail, { readings, rejections: reasons });
    } finally {
      underWay.delete(id);
    }
  };
}
