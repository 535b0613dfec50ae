/** How long work goes on before ingest and answers get their turn, ms. */
const SLICE_MS = 4;

/** Lets a long computation give way to everything else that waits, again and again. */
export class Breath {
  private since = performance.now();

  /** Resolves at once while the slice is not used up, else in a later turn of the event loop. */
  async take(): Promise<void> {
    if (performance.now() - this.since < SLICE_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }

  /** Whether `take` would give way: to save the wait where there is none. */
  get isDue(): boolean {
    return performance.now() - this.since >= SLICE_MS;
  }
}
