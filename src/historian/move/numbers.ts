import { type Journal, type JournalReader, positionFrom } from '../../journal/port.js';
import type { HistorianStore } from '../port/store.js';
import { decodeBatches } from '../worker-thread/decode.js';

/** More batches than a move can have. */
const SET_ASIDE = 1_000_000_000;

/**
 * Reserves sequences of the journal for a move: appends an empty entry behind them, which becomes the journal's newest.
 * No sequence that a store has seen is used again, whichever store the service continues with, even if the move never
 * ends.
 */
export async function setNumbersAside(
  journal: Pick<Journal, 'append' | 'follow' | 'head'>,
  seen: number,
  now: number,
): Promise<{ readonly after: number; readonly end: number }> {
  const after = Math.max(journal.head(), seen);
  journal.follow('move', positionFrom(after + SET_ASIDE));
  const nothing = { park: '', topic: '', gateway: '', receivedAt: now, payload: new Uint8Array() };
  return { after, end: await journal.append(nothing, true) };
}

/** Writes acknowledged batches that the store lacks. */
export async function drainJournal(
  journal: JournalReader,
  store: HistorianStore,
  { rawDays, signal }: { readonly rawDays: number; readonly signal: AbortSignal },
): Promise<void> {
  for (let position = positionFrom(store.durableSeq()); ; ) {
    signal.throwIfAborted();
    const batches = journal.read(position, store.batchBytes());
    const last = batches.at(-1);
    if (last === undefined) break;
    await store.append(await decodeBatches(batches, { rawDays, onUnreadable: () => undefined }));
    position = last.position;
  }
  await store.flush();
}
