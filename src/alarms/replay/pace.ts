import { QueryTimedOutError } from '../../historian/port/errors.js';

/** Readings judged before the event loop runs again: well below a millisecond. */
const SLICE = 1_000;

/** Keeps a long calculation from holding up everything else, and from lasting longer than it may. */
export class Pace {
  private done = 0;
  private readonly started: number;

  constructor(
    private readonly limitMs: number,
    private readonly uptime: () => number,
    private readonly signal?: AbortSignal,
  ) {
    this.started = uptime();
  }

  /**
   * To be awaited, where it is not null, before each step.
   * @throws QueryTimedOutError, or the reason of the abort
   */
  step(): Promise<void> | null {
    this.done += 1;
    return this.done % SLICE === 0 ? this.rest() : null;
  }

  check(): void {
    this.signal?.throwIfAborted();
    if (this.uptime() - this.started > this.limitMs) throw new QueryTimedOutError(this.limitMs);
  }

  private async rest(): Promise<void> {
    this.check();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
