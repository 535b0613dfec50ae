/** Time that something may take in all; only what `spend` waits for counts. Calls `used` once it is used up. */
export class Allowance {
  constructor(
    private left: number,
    private readonly used: () => void,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  async spend<T>(work: () => Promise<T>): Promise<T> {
    // A timer alone would never get its turn under work that never waits.
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
