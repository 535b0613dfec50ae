/** For so many seconds after the start, what has not moved yet does not count as standing still. */
const UNKNOWN_S = 60;

/** How long something has not got on with its work. Times are milliseconds of a clock that does not jump. */
export class StallDetector {
  private position: number | null = null;
  private since: number;
  private known = false;

  constructor(now: number) {
    this.since = now;
  }

  /** Seconds for which it has stood still; null until it has moved once or had the time to. */
  observe(at: { readonly position: number; readonly head: number; readonly failing: boolean }, now: number) {
    const moved = this.position !== null && at.position > this.position;
    this.position = at.position;
    if (!at.failing && (moved || at.position >= at.head)) {
      this.since = now;
      this.known = true;
    }
    const seconds = (now - this.since) / 1_000;
    return this.known || seconds >= UNKNOWN_S ? seconds : null;
  }
}

/** What a total has risen by since it was last quiet for a while. Times as above. */
export class RecentCount {
  private recent = 0;
  private changedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private total: number,
    private readonly quietMs: number,
  ) {}

  observe(total: number, now: number): number {
    if (total > this.total) {
      this.recent += total - this.total;
      this.changedAt = now;
    } else if (now - this.changedAt >= this.quietMs) {
      this.recent = 0;
    }
    this.total = total;
    return this.recent;
  }
}
