/** So often the next one is tried alone before those behind it are. */
const TRIES = 2;

/**
 * Finds out whether one of a row fails by itself, or all do: after some tries it says to pass over one, then two, four,
 * and so on. If one of those behind succeeds, the fault lies in those passed over.
 */
export class Probe {
  /** What the last one failed with. */
  failure: unknown = null;
  private failures = 0;

  /** How many would be passed over this time. */
  get wanted(): number {
    return this.failures < TRIES ? 0 : 2 ** (this.failures - TRIES);
  }

  /** How many are, of `most` that there are before the last one; beyond, it begins anew. */
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
