import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
  private readonly ofToken = new Map<string, number>();
  private inAll = 0;

  /** For a route's `onRequest`, which runs before anything of the body is read. @throws ProblemError 503 at the bound */
  readonly enter = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { id } = principalOf(request);
    const own = this.ofToken.get(id) ?? 0;
    if (own >= MOST.ofToken || this.inAll >= MOST.inAll) throw tooManyUploads();
    this.ofToken.set(id, own + 1);
    this.inAll += 1;
    reply.raw.once('close', () => {
      const left = (this.ofToken.get(id) ?? 1) - 1;
      if (left > 0) this.ofToken.set(id, left);
      else this.ofToken.delete(id);
      this.inAll -= 1;
    });
  };
}

export const tooManyUploads = () =>
  problem(503, 'too_many_uploads', 'too many files are being sent or read just now', {}, { 'retry-after': '5' });
