import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ShareLimiter } from '../../model/share-limiter.js';
import { principalOf } from '../auth/access.js';
import { problem } from '../problem.js';

/** Files being received or worked on at once: of one token, and in all. Each is in memory as a whole. */
const MOST = { ofToken: 2, inAll: 8 } as const;

/**
 * Lets the routes of a scope take files as bodies, and nothing else: bytes of these media types up to `maxBytes`. What
 * other routes take stays as it is.
 */
export function acceptFiles(scope: FastifyInstance, mediaTypes: readonly string[], maxBytes: number): void {
  scope.removeAllContentTypeParsers();
  const options = { parseAs: 'buffer', bodyLimit: maxBytes } as const;
  scope.addContentTypeParser([...mediaTypes], options, (_request, body, done) => done(null, body));
}

/** Bounds the files under way, so that slow senders hold up themselves alone. */
export class Uploads {
  private readonly shares = new ShareLimiter(MOST.inAll, MOST.ofToken);

  /** For a route's `onRequest`, which runs before anything of the body is read. @throws ProblemError 503 at the bound */
  readonly enter = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const giveBack = this.shares.lend(principalOf(request).id);
    if (typeof giveBack === 'string') throw tooManyUploads();
    reply.raw.once('close', giveBack);
  };
}

export const tooManyUploads = () =>
  problem(503, 'too_many_uploads', 'too many files are being sent or read just now', {}, { 'retry-after': '5' });
