import type { HistorianStore } from '../port/store.js';
import type { Answers } from './answers.js';
import { endsWithin } from './pacing/waiting.js';
import type { Refusals } from './refusals.js';
import type { Writer } from './writer.js';

/** Milliseconds that what is in flight to the store is waited for, and then for the store to let go. */
const LIMITS = { flushMs: 10_000, letGoMs: 2_000 };

interface ClosingParts {
  readonly answers: Pick<Answers, 'cancelAll'>;
  readonly refusals: Pick<Refusals, 'close'>;
  readonly writer: Pick<Writer, 'stop'>;
  readonly store: Pick<HistorianStore, 'flush' | 'close'>;
  readonly warn: (message: string) => void;
}

/**
 * Ends the work on the store and closes it; never throws, and takes no longer than twelve seconds. What is not yet durable
 * in the store stays in the journal: the last flush only shortens the next start. Whether the store was closed.
 */
export async function closeStore(
  { answers, refusals, writer, store, warn }: ClosingParts,
  { flushMs, letGoMs } = LIMITS,
): Promise<boolean> {
  answers.cancelAll();
  let late = false;
  const stopped = writer.stop();
  const flushed = stopped.then(() => (late ? undefined : store.flush()));
  await within(flushMs, flushed).catch((error: unknown) => warn(`last flush: ${String(error)}`));
  late = true;
  refusals.close();
  try {
    await within(letGoMs, Promise.all([store.close(), stopped]));
    return true;
  } catch (error) {
    warn(`closing the store: ${String(error)}`);
    return false;
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  if (!(await endsWithin(ms, work))) throw new Error(`not done within ${ms / 1000} s`);
}
