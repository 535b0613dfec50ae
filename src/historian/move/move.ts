import type { JournalReader } from '../../journal/port.js';
import { decodeBatches } from '../worker/decode.js';
import { compareCounts } from './check.js';
import { copyDays, DAY_MS, devicesOf } from './copy.js';
import type { MovableStore } from './port.js';
import { forgetProgress, loadProgress, saveProgress } from './progress.js';
import { copyRollups } from './rollups.js';

export interface MoveOptions {
  readonly from: { readonly store: MovableStore; readonly name: string };
  readonly to: { readonly store: MovableStore; readonly name: string };
  /** What the source has not yet taken goes into it first. */
  readonly journal: JournalReader;
  readonly rawDays: number;
  /** File that remembers how far an interrupted move came. */
  readonly progressPath: string;
  readonly signal: AbortSignal;
  readonly report: (event: MoveEvent) => void;
}

export type MoveEvent =
  /** `resumed`: an interrupted move goes on; `changed`: the source has grown since, so it begins anew. */
  | { readonly kind: 'begin'; readonly days: number; readonly resumed: boolean; readonly changed: boolean }
  | { readonly kind: 'day'; readonly done: number; readonly days: number; readonly readings: number }
  | { readonly kind: 'check'; readonly done: number; readonly series: number };

export interface Moved {
  readonly readings: number;
  readonly series: number;
}

/** The target does not hold what the source holds. */
export class MoveIncomplete extends Error {
  override readonly name = 'MoveIncomplete';
}

/**
 * Moves all of one store's history to another; the service must not run. The source stays as it is. Can be broken off
 * at any time and called again. Both stores end with the whole journal, so the service may go on with either.
 * @throws MoveIncomplete when the counts differ at the end
 */
export async function moveHistory(options: MoveOptions): Promise<Moved> {
  const { from, to, progressPath, signal, report } = options;
  await drainJournal(options, from.store);
  const sourceSeq = from.store.durableSeq();
  const devices = await devicesOf(from.store);
  const oldest = await from.store.oldest();
  const kept = await loadProgress(progressPath);
  const same = kept !== null && kept.from === from.name && kept.to === to.name;
  const resumed = same && kept.sourceSeq === sourceSeq;
  const first = oldest === null ? 0 : Math.floor(oldest / DAY_MS) * DAY_MS;
  const newest = (await from.store.latest({})).reduce((most, { ts }) => Math.max(most, ts), first - 1);
  const end = newest + 1;
  const days = oldest === null ? 0 : Math.ceil((end - first) / DAY_MS);
  const firstDay = resumed ? Math.max(first, kept.nextDay) : first;
  report({ kind: 'begin', days, resumed, changed: same && !resumed });

  // The journal gives no number again that a store has seen, so the target's may run ahead of the source's.
  let seq = Math.max(sourceSeq, to.store.durableSeq());
  const nextSeq = () => {
    seq += 1;
    return seq;
  };
  let readings = resumed ? kept.readings : 0;
  const note = (nextDay: number) =>
    saveProgress(progressPath, { version: 1, from: from.name, to: to.name, sourceSeq, nextDay, readings });
  await note(firstDay);
  for await (const copied of copyDays({
    from: from.store,
    to: to.store,
    devices,
    firstDay,
    end: days === 0 ? firstDay : end,
    signal,
    nextSeq,
  })) {
    readings += copied.readings;
    await note(copied.day + DAY_MS);
    report({ kind: 'day', done: Math.round((copied.day + DAY_MS - first) / DAY_MS), days, readings });
  }
  await copyRollups(from.store, to.store, devices, first, signal);
  await to.store.append([{ seq: nextSeq(), messages: [] }]);
  await to.store.flush();

  const checked = await compareCounts(from.store, to.store, devices, { from: first, to: end, signal }, (done, series) =>
    report({ kind: 'check', done, series }),
  );
  if (checked.different.length > 0) {
    const named = checked.different
      .slice(0, 5)
      .map(
        ({ device, metric, source, target }) =>
          `${device}/${metric}: ${source} in ${from.name}, ${target} in ${to.name}`,
      );
    throw new MoveIncomplete(`${checked.different.length} series differ: ${named.join('; ')}`);
  }
  await forgetProgress(progressPath);
  return { readings: checked.readings, series: checked.series };
}

/** What was acknowledged and not yet written goes into the source: afterwards both stores may let go of the journal. */
async function drainJournal({ journal, rawDays, signal }: MoveOptions, store: MovableStore): Promise<void> {
  for (let seq = store.durableSeq(); ; ) {
    signal.throwIfAborted();
    const batches = journal.read(seq, store.batchBytes());
    const last = batches.at(-1);
    if (last === undefined) break;
    await store.append(await decodeBatches(batches, { rawDays, onUnreadable: () => undefined }));
    seq = last.seq;
  }
  await store.flush();
}
