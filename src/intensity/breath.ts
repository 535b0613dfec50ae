import type { InSteps } from './model/steps.js';

/** How long work goes on before ingest and answers get their turn, ms. */
const SLICE_MS = 2;
/** How often a rest asks whether it is over, ms. */
const LOOK_MS = 1;
/** The longest rest, ms: under full load work goes on at a fifth of its pace. */
const LONGEST_REST_MS = 8;
/** Less than this share of the event loop is taken by others when it is idle. */
const IDLE_SHARE = 0.1;
/** Idle looks in a row, each after a slice, until the loop counts as idle; and for how long it then does, ms. */
const IDLE_LOOKS = 8;
const IDLE_FOR_MS = 8;

/** Computations that wait for their turn; each turn of the event loop goes on with one. */
const waiting: (() => void)[] = [];
/** When the slice began that all computations share. */
let since = Number.NEGATIVE_INFINITY;
let idleUntil = Number.NEGATIVE_INFINITY;
let idleLooks = 0;
/** Clients that wait for an answer. */
let clients = 0;

/**
 * An alarm crosses the event loop several times on its way and would meet a slice each time; while others use the loop,
 * slices of what nobody waits for therefore stand apart.
 */
function rest(): void {
  const began = performance.now();
  if (clients > 0 || began < idleUntil) return void setImmediate(goOn);
  let before = performance.eventLoopUtilization();
  const look = () => {
    const now = performance.now();
    const here = performance.eventLoopUtilization();
    const isIdle = performance.eventLoopUtilization(here, before).utilization < IDLE_SHARE;
    before = here;
    idleLooks = isIdle ? idleLooks + 1 : 0;
    if (idleLooks >= IDLE_LOOKS) idleUntil = now + IDLE_FOR_MS;
    if (isIdle || clients > 0 || now - began >= LONGEST_REST_MS) goOn();
    else setTimeout(look, LOOK_MS);
  };
  setTimeout(look, LOOK_MS);
}

function goOn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) rest();
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
      if (waiting.length === 1) rest();
    });
    since = performance.now();
  },

  /** As `answer`; while a client waits for it, computations take turns with the rest of the service, and do not rest. */
  async whileAwaited<T>(answer: Promise<T>): Promise<T> {
    clients += 1;
    try {
      return await answer;
    } finally {
      clients -= 1;
    }
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
