/** How long work goes on before ingest and answers get their turn, ms. */
const SLICE_MS = 4;

/** Computations that wait for their turn; each turn of the event loop goes on with one. */
const waiting: (() => void)[] = [];

function goOn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(goOn);
}

/** Lets a long computation give way to everything else that waits, again and again. */
export class Breath {
  private since = performance.now();

  /** Whether the slice is used up; ask for it first, since even a promise that is resolved takes time. */
  get isDue(): boolean {
    return performance.now() - this.since >= SLICE_MS;
  }

  /** Resolves in a later turn of the event loop, one computation in each. */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(goOn);
    });
    this.since = performance.now();
  }
}
