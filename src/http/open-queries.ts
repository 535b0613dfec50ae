import type { FastifyReply } from 'fastify';
import { problem } from './problem.js';

/** Bounds the answers written at once, so that slow readers cannot hold ever more open queries. */
export class OpenQueries {
  readonly stats = {
    /** Answers in progress. */
    running: 0,
    /** Refused because too many were in progress. */
    turnedAway: 0,
    /** Ended before the answer was complete: the client left or stopped reading, or an error occurred. */
    aborted: 0,
  };

  constructor(readonly limit = 64) {}

  /** Counts one more; call the result when the answer has ended. @throws ProblemError 503 at the bound */
  enter(): (complete: boolean) => void {
    if (this.stats.running >= this.limit) {
      this.stats.turnedAway += 1;
      const detail = `${this.limit} history queries are being answered, the most at once; try again shortly`;
      throw problem(503, 'too_many_queries', detail, { limit: this.limit }, { 'retry-after': '1' });
    }
    this.stats.running += 1;
    let inside = true;
    return (complete) => {
      if (!inside) return;
      inside = false;
      this.stats.running -= 1;
      if (!complete) this.stats.aborted += 1;
    };
  }

  /** As `enter`; the answer ends when its last byte is sent or the client leaves. */
  enterUntilSent({ raw }: FastifyReply): void {
    const leave = this.enter();
    raw.once('close', () => leave(raw.writableFinished));
  }
}
