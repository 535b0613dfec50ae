import type { InSteps } from './model/steps.js';

/** How long work goes on before ingest and answers get their turn, ms. */
const SLICE_MS = 4;

/** Computations that wait for their turn; each turn of the event loop goes on with one. */
const waiting: (() => void)[] = [];
/** When the slice began that all computations share. */
let since = Number.NEGATIVE_INFINITY;

function goOn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(goOn);
}

/** Lets long computations give way to everything else that waits. There is one for all: what follows in one turn shares its time. */
export const breath = {
  /** Whether the slice is used up; ask for it first, since even a promise that is resolved takes time. */
  get isDue(): boolean {
    return performance.now() - since >= SLICE_MS;
  },

  /** Resolves in a later turn of the event loop, one computation in each. */
  async take(): Promise<void> {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(goOn);
    });
    since = performance.now();
  },
};

/** All of the steps, with a breath whenever one is due. */
export async function inSlices<T>(steps: InSteps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (breath.isDue) await breath.take();
  }
}
