/** After a failure the next try waits; twice as long each time, up to the most. */
const [FIRST_MS, MOST_MS] = [5_000, 600_000];

/** When something that failed is tried again. Times are epoch milliseconds. */
export class RetryPause {
  #failures = 0;
  #triedAt = Number.NEGATIVE_INFINITY;

  /** How often it failed since it last succeeded. */
  get failures(): number {
    return this.#failures;
  }

  isDue(now: number): boolean {
    const sinceMs = now - this.#triedAt;
    const waitMs = this.#failures === 0 ? 0 : Math.min(MOST_MS, FIRST_MS * 2 ** (this.#failures - 1));
    // A clock that was set back does not make it wait longer.
    return sinceMs < 0 || sinceMs >= waitMs;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(now: number): void {
    this.#triedAt = now;
    this.#failures += 1;
  }
}
