import { MINUTE_MS } from '../../../model/time/duration.js';
import { isOfFuture } from '../../../model/time/trust.js';

/** What is under way to one channel, and whether more may go. */
export class Lane {
  /** Deliveries on their way, or whose outcome is not stored yet. */
  readonly underWay = new Set<number>();
  private pause: { readonly from: number; readonly until: number } | null = null;

  /** `tried`: times of the attempts of the last minute, rising. */
  constructor(private tried: number[] = []) {}

  /** How many messages may go at `now`. */
  room(now: number, perMinute: number, concurrency: number): number {
    const { pause } = this;
    if (pause !== null && !isOfFuture(pause.from, now) && now < pause.until) return 0;
    while (this.tried[0] !== undefined && this.tried[0] <= now - MINUTE_MS) this.tried.shift();
    if (this.tried.some((at) => isOfFuture(at, now))) this.tried = this.tried.filter((at) => !isOfFuture(at, now));
    return Math.min(concurrency - this.underWay.size, perMinute - this.tried.length);
  }

  begin(delivery: number, now: number): void {
    this.underWay.add(delivery);
    this.tried.push(now);
  }

  /** The receiver wants to be left alone for `ms`. */
  leaveAlone(now: number, ms: number): void {
    const until = now + ms;
    const { pause } = this;
    if (pause === null || isOfFuture(pause.from, now) || pause.until < until) this.pause = { from: now, until };
  }
}
