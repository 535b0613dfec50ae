/** The first item is tried alone this many times before the items after it are tried. */
const TRIES = 2;

/**
 * Finds out whether one item of a sequence fails alone, or all fail: after some tries it skips one item, then two,
 * four, and so on. If a later item succeeds, the skipped ones are the cause.
 */
export class Probe {
  /** Error of the last failed try. */
  failure: unknown = null;
  private failures = 0;

  /** Number of items to skip this time. */
  get wanted(): number {
    return this.failures < TRIES ? 0 : 2 ** (this.failures - TRIES);
  }

  /** Number of items skipped, of the `most` before the last one; starts over when it would need more. */
  skip(most: number): number {
    if (this.wanted > Math.max(0, most)) this.failures = 0;
    return this.wanted;
  }

  failed(error: unknown): void {
    this.failures += 1;
    this.failure = error;
  }

  succeeded(): void {
    this.failures = 0;
  }
}
