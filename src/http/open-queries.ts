import type { FastifyInstance, FastifyReply } from 'fastify';
import { ShareLimiter } from '../model/share-limiter.js';
import { principalOf } from './auth/access.js';
import { type ProblemError, problem } from './problem.js';
import { endStalled } from './send.js';

/**
 * Bounds the answers written at once, in all and of each token, so that slow readers cannot hold ever more open queries,
 * and none of them the places of all others.
 */
export class OpenQueries {
  private readonly shares: ShareLimiter;
  private readonly held = new WeakSet<FastifyReply>();
  readonly stats;

  constructor(
    readonly limit = 64,
    share?: number,
    /** In words, for problems. */
    private readonly what = 'history queries',
  ) {
    const shares = new ShareLimiter(limit, share);
    this.shares = shares;
    this.stats = {
      /** Answers in progress. */
      get running() {
        return shares.held;
      },
      /** Refused because too many were in progress. */
      turnedAway: 0,
      /** Ended before the answer was complete: the client left or stopped reading, or an error occurred. */
      aborted: 0,
    };
  }

  get share(): number {
    return this.shares.share;
  }

  /**
   * Counts one more of a token, by its id; call the result when the answer has ended.
   * @throws ProblemError 429 at the share of the token, 503 at the bound of all
   */
  enter(token: string): (complete: boolean) => void {
    const giveBack = this.shares.lend(token);
    if (typeof giveBack === 'string') {
      this.stats.turnedAway += 1;
      throw giveBack === 'own' ? tooManyOwn(this.share, this.what) : tooMany(this.limit, this.what);
    }
    let isInside = true;
    return (complete) => {
      if (!isInside) return;
      isInside = false;
      giveBack();
      if (!complete) this.stats.aborted += 1;
    };
  }

  /**
   * As `enter`, once for a reply; the answer ends when its last byte is sent or the client leaves. A client that reads
   * nothing for a minute is disconnected.
   */
  enterUntilSent(reply: FastifyReply): void {
    if (this.held.has(reply)) return;
    const { raw, request } = reply;
    const leave = this.enter(principalOf(request).id);
    this.held.add(reply);
    endStalled(raw);
    raw.once('finish', () => leave(true));
    raw.once('close', () => leave(raw.writableFinished));
  }
}

/** Answers of history, and others marked `heldUntilSent`, hold a place from the request until they are sent. */
export function holdPlaces(app: FastifyInstance, queries: OpenQueries): void {
  app.addHook('preHandler', async (request, reply) => {
    const { history, heldUntilSent } = request.routeOptions.config;
    if (history || heldUntilSent) queries.enterUntilSent(reply);
  });
}

/** The share of one token is used up. */
export const tooManyOwn = (limit: number, what: string): ProblemError => {
  const detail = `${limit} ${what} of this token are being answered, the most at once; read them first`;
  return problem(429, 'too_many_own_queries', detail, { limit }, { 'retry-after': '1' });
};

const tooMany = (limit: number, what: string): ProblemError => {
  const detail = `${limit} ${what} are being answered, the most at once; try again shortly`;
  return problem(503, 'too_many_queries', detail, { limit }, { 'retry-after': '1' });
};
