import type { HistorianStore } from '../port.js';
import { Backoff } from './backoff.js';
import { SteadyTime } from './steady-time.js';

const DAY_MS = 86_400_000;

export interface HousekeeperOptions {
  readonly rawDays: number;
  /** Time of receipt (epoch ms) until which the store has everything, as of `now`. */
  readonly settledTo: (now: number) => number;
  /** `again`: with the same words as before. */
  readonly onFailed: (error: unknown, again: boolean) => void;
  /** Told after every round, whatever came of it. */
  readonly onDone: () => void;
}

/** Lets the store keep its house, one round at a time; after a failure not at once again. */
export class Housekeeper {
  /** What the last round failed with, else null. */
  error: unknown = null;
  private readonly backoff = new Backoff(1_000, 30_000);
  private readonly time: SteadyTime;
  private busy = false;
  private quietUntil = Number.NEGATIVE_INFINITY;
  private stopped = false;

  constructor(
    private readonly store: Pick<HistorianStore, 'maintain'>,
    private readonly options: HousekeeperOptions,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.time = new SteadyTime(clock);
  }

  /** Seals, rolls up, compacts and deletes what is due at `now` (epoch ms), unless that is going on or failed a moment ago. */
  tick(now: number): void {
    if (this.busy || this.stopped || this.clock() < this.quietUntil) return;
    this.busy = true;
    void this.round(now).finally(() => {
      this.busy = false;
      if (!this.stopped) this.options.onDone();
    });
  }

  /** Something that a round will try again failed beside it. */
  failed(error: unknown): void {
    const again = this.error !== null && String(this.error) === String(error);
    this.error = error;
    this.options.onFailed(error, again);
  }

  /** There is hope: the next tick begins a round, whatever failed before. */
  hurry(): void {
    this.quietUntil = Number.NEGATIVE_INFINITY;
  }

  stop(): void {
    this.stopped = true;
  }

  private async round(now: number): Promise<void> {
    const { rawDays, settledTo } = this.options;
    try {
      const believed = this.time.take(now);
      const keepFrom = believed.steady ? believed.now - rawDays * DAY_MS : Number.NEGATIVE_INFINITY;
      await this.store.maintain(now, keepFrom, settledTo(believed.now));
      this.backoff.succeeded();
      this.error = null;
    } catch (error) {
      if (this.stopped) return;
      this.quietUntil = this.clock() + this.backoff.delay();
      this.failed(error);
    }
  }
}
