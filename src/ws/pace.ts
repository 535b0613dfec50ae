import type { WsLimits } from './limits.js';

/** How much of the main thread telling clients may take. */
export type PaceLimits = Pick<WsLimits, 'turnMs' | 'share' | 'burstMs' | 'urgentMs'>;

/** What is left after a turn of work. */
export type Left = 'nothing' | 'more' | 'urgent';

/**
 * Runs work in short turns between which everything else goes on. After a rest it runs at once; under a lasting load it
 * keeps to its share of the thread by pausing, and what comes up during a pause is done together after it.
 */
export class Pace {
  private credit: number;
  private asOf: number;
  private urgent = false;
  private working = false;
  private stopped = false;
  private immediate: NodeJS.Immediate | null = null;
  private pause: NodeJS.Timeout | null = null;

  /** `work` goes on until the time it is given; `now` is a clock in milliseconds that never goes back. */
  constructor(
    private readonly work: (until: number) => Left,
    private readonly limits: PaceLimits,
    private readonly now: () => number,
  ) {
    this.credit = limits.burstMs;
    this.asOf = now();
  }

  /** There is work: from the next turn on, or after the pause that is owed. What is urgent has more credit. */
  wake(urgent: boolean): void {
    // Work that comes up during a turn is in what the turn says is left.
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
