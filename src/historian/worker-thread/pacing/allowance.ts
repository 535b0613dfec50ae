/** A budget of time; only the time within `spend` counts. Calls `used` once it is spent. */
export class Allowance {
  constructor(
    private left: number,
    private readonly used: () => void,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  async spend<T>(work: () => Promise<T>): Promise<T> {
    // Work that never awaits would block a timer, so the check is here too.
    if (this.left <= 0) this.used();
    const startedAt = this.clock();
    const timer = setTimeout(this.used, Math.max(0, this.left));
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      this.left -= this.clock() - startedAt;
    }
  }
}
