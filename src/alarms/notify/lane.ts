const MINUTE = 60_000;

/** What is under way to one channel, and whether more may go. */
export class Lane {
  /** Deliveries on their way, or whose outcome is not stored yet. */
  readonly underWay = new Set<number>();
  private pausedUntil = 0;

  /** `tried`: times of the attempts of the last minute, rising. */
  constructor(private readonly tried: number[] = []) {}

  /** How many messages may go at `now`. */
  room(now: number, perMinute: number, concurrency: number): number {
    if (now < this.pausedUntil) return 0;
    while (this.tried[0] !== undefined && this.tried[0] <= now - MINUTE) this.tried.shift();
    return Math.min(concurrency - this.underWay.size, perMinute - this.tried.length);
  }

  begin(delivery: number, now: number): void {
    this.underWay.add(delivery);
    this.tried.push(now);
  }

  /** The receiver wants to be left alone. */
  pause(until: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }
}
