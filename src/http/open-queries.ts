import type { FastifyReply } from 'fastify';
import { principalOf } from './auth/access.js';
import { problem } from './problem.js';

/** A quarter; of few places more, as one page asks several questions at once, but never the last. */
const shareOf = (limit: number) => Math.max(1, Math.floor(limit / 4), Math.min(4, limit - 1));

/**
 * Bounds the answers written at once, in all and of each token, so that slow readers cannot hold ever more open queries,
 * and none of them the places of all others.
 */
export class OpenQueries {
  readonly stats = {
    /** Answers in progress. */
    running: 0,
    /** Refused because too many were in progress. */
    turnedAway: 0,
    /** Ended before the answer was complete: the client left or stopped reading, or an error occurred. */
    aborted: 0,
  };

  /** Running answers of each token that has any. */
  private readonly ofToken = new Map<string, number>();

  constructor(
    readonly limit = 64,
    readonly share = shareOf(limit),
  ) {}

  /**
   * Counts one more of a token, by its id; call the result when the answer has ended.
   * @throws ProblemError 429 at the share of the token, 503 at the bound of all
   */
  enter(token: string): (complete: boolean) => void {
    const own = this.ofToken.get(token) ?? 0;
    if (own >= this.share) {
      this.stats.turnedAway += 1;
      const detail = `${this.share} history queries of this token are being answered, the most at once; read them first`;
      throw problem(429, 'too_many_own_queries', detail, { limit: this.share }, { 'retry-after': '1' });
    }
    if (this.stats.running >= this.limit) {
      this.stats.turnedAway += 1;
      const detail = `${this.limit} history queries are being answered, the most at once; try again shortly`;
      throw problem(503, 'too_many_queries', detail, { limit: this.limit }, { 'retry-after': '1' });
    }
    this.stats.running += 1;
    this.ofToken.set(token, own + 1);
    let inside = true;
    return (complete) => {
      if (!inside) return;
      inside = false;
      this.stats.running -= 1;
      const left = (this.ofToken.get(token) ?? 1) - 1;
      if (left > 0) this.ofToken.set(token, left);
      else this.ofToken.delete(token);
      if (!complete) this.stats.aborted += 1;
    };
  }

  /** As `enter`; the answer ends when its last byte is sent or the client leaves. */
  enterUntilSent({ raw, request }: FastifyReply): void {
    const leave = this.enter(principalOf(request).id);
    raw.once('close', () => leave(raw.writableFinished));
  }
}
