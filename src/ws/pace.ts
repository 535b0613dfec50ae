import type { WsLimits } from './limits.js';

/** The share of the main thread for sending to clients. */
export type PaceLimits = Pick<WsLimits, 'turnMs' | 'share' | 'burstMs' | 'urgentMs'>;

/** Work left after a turn. */
export type Left = 'nothing' | 'more' | 'urgent';

/**
 * Runs work in short turns, so that other work goes on between. After a rest it runs at once; under a lasting load it
 * pauses to keep to its share of the thread, and does the work of a pause together after it.
 */
export class Pace {
  private credit: number;
  private asOf: number;
  private urgent = false;
  private working = false;
  private stopped = false;
  private immediate: NodeJS.Immediate | null = null;
  private pause: NodeJS.Timeout | null = null;

  /** `work` runs until the given time; `now` is a monotonic clock in milliseconds. */
  constructor(
    private readonly work: (until: number) => Left,
    private readonly limits: PaceLimits,
    private readonly now: () => number,
  ) {
    this.credit = limits.burstMs;
    this.asOf = now();
  }

  /** Announces work: it starts in the next turn, or after the pause due. Urgent work has more credit. */
  wake(urgent: boolean): void {
    // A running turn returns the work that is left.
    if (this.working || this.stopped) return;
    this.urgent ||= urgent;
    if (this.immediate) return;
    if (this.pause) {
      if (!urgent) return;
      clearTimeout(this.pause);
      this.pause = null;
    }
    this.refill();
    this.next();
  }

  stop(): void {
    this.stopped = true;
    if (this.immediate) clearImmediate(this.immediate);
    if (this.pause) clearTimeout(this.pause);
    this.immediate = null;
    this.pause = null;
  }

  private turn(): void {
    this.immediate = null;
    this.refill();
    this.working = true;
    const left = this.work(this.asOf + this.limits.turnMs);
    this.working = false;
    const ended = this.now();
    this.credit -= ended - this.asOf;
    this.asOf = ended;
    this.urgent = left === 'urgent';
    if (left !== 'nothing' && !this.stopped) this.next();
  }

  private next(): void {
    const { turnMs, share, urgentMs } = this.limits;
    if (this.credit > (this.urgent ? -urgentMs : 0)) {
      this.immediate = setImmediate(() => this.turn());
      return;
    }
    const owed = turnMs - this.credit - (this.urgent ? urgentMs : 0);
    this.pause = setTimeout(
      () => {
        this.pause = null;
        this.turn();
      },
      Math.ceil(owed / share),
    );
  }

  private refill(): void {
    const now = this.now();
    this.credit = Math.min(this.limits.burstMs, this.credit + (now - this.asOf) * this.limits.share);
    this.asOf = now;
  }
}
