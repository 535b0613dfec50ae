import type { FastifyReply } from 'fastify';
import { problem } from './problem.js';

/** Bounds how many answers are being written at once, so that slow readers cannot hold ever more open queries. */
export class OpenQueries {
  readonly stats = {
    /** Being answered now. */
    running: 0,
    /** Turned away because too many were running. */
    turnedAway: 0,
    /** Ended by a client that went away or stopped reading, or by an error, before the answer was complete. */
    aborted: 0,
  };

  constructor(readonly limit = 64) {}

  /** Counts one more; call what it returns when the answer has ended. @throws ProblemError 503 at the bound */
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

  /** As `enter`, for an answer that lasts until its last byte has gone, or its client. */
  enterUntilSent({ raw }: FastifyReply): void {
    const leave = this.enter();
    raw.once('close', () => leave(raw.writableFinished));
  }
}
