import { type Journal, type JournalReader, positionFrom } from '../../journal/port.js';
import type { HistorianStore } from '../port/store.js';
import { decodeBatches } from '../worker-thread/decode.js';

/** More batches than a move can have. */
const SET_ASIDE = 1_000_000_000;

/**
 * Sets numbers of the journal's batches aside for a move: an entry that says nothing, behind all of them, is from now on
 * the newest of the journal. So a number that a store has seen never comes again, whichever of them the service goes on
 * with, also when the move is never ended.
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

/** What was acknowledged and is not yet in the store goes into it. */
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
