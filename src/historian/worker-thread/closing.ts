import { endsWithin } from '../../model/time/within.js';
import type { HistorianStore } from '../port/store.js';
import type { Answers } from './answers.js';
import type { QuarantineRelay } from './quarantine-relay.js';
import type { Writer } from './writer.js';

/** Milliseconds to wait for writes in flight, and then for the store to close. */
const LIMITS = { flushMs: 10_000, letGoMs: 2_000 };

interface ClosingParts {
  readonly answers: Pick<Answers, 'cancelAll'>;
  readonly refusals: Pick<QuarantineRelay, 'close'>;
  readonly writer: Pick<Writer, 'stop'>;
  readonly store: Pick<HistorianStore, 'flush' | 'close'>;
  readonly warn: (message: string) => void;
}

/** Flushes and closes the store in at most 12 s; never throws. Returns whether it closed; the journal has the rest. */
export async function closeStore(
  { answers, refusals, writer, store, warn }: ClosingParts,
  { flushMs, letGoMs } = LIMITS,
): Promise<boolean> {
  answers.cancelAll();
  let late = false;
  const stopped = writer.stop();
  const flushed = stopped.then(() => (late ? undefined : store.flush()));
  await orFail(flushMs, flushed).catch((error: unknown) => warn(`last flush: ${String(error)}`));
  late = true;
  refusals.close();
  try {
    await orFail(letGoMs, Promise.all([store.close(), stopped]));
    return true;
  } catch (error) {
    warn(`closing the store: ${String(error)}`);
    return false;
  }
}

/** @throws Error when it does not end in time */
async function orFail(ms: number, work: Promise<unknown>): Promise<void> {
  if (!(await endsWithin(ms, work))) throw new Error(`not done within ${ms / 1000} s`);
}
