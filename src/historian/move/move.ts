import type { Journal } from '../../journal/port.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { SeriesKey } from '../port/queries.js';
import { hourOf } from '../rollup/model/calendar.js';
import { seriesName } from '../rollup/port.js';
import { compareCounts, type Difference } from './check.js';
import { copySteps, devicesOf, newestOf, seriesOfDevices } from './copy.js';
import { drainJournal, setNumbersAside } from './numbers.js';
import type { MovableStore } from './port.js';
import { forgetProgress, loadProgress, type MoveProgress, saveProgress } from './progress.js';
import { moveResults, resultsMissing } from './results.js';
import { finishRollups, moveRollups } from './rollups.js';
import { BatchSender } from './sender.js';

export interface MoveOptions {
  readonly from: { readonly store: MovableStore; readonly name: string };
  readonly to: { readonly store: MovableStore; readonly name: string };
  /** The source first receives what it lacks from the journal, which must not trim meanwhile. */
  readonly journal: Pick<Journal, 'append' | 'follow' | 'head' | 'reader'>;
  readonly rawDays: number;
  readonly now: number;
  /** File with the progress of an interrupted move. */
  readonly progressPath: string;
  readonly signal: AbortSignal;
  readonly report: (event: MoveEvent) => void;
  /** Most readings of one device in memory. */
  readonly rowsAtOnce?: number;
}

export type MoveEvent =
  /** `resumed`: continues an interrupted move; `changed`: the source has grown since, so the move starts over. */
  | { readonly kind: 'begin'; readonly days: number; readonly resumed: boolean; readonly changed: boolean }
  | { readonly kind: 'copied'; readonly days: number; readonly readings: number }
  | { readonly kind: 'rollups' }
  | { readonly kind: 'check'; readonly done: number; readonly series: number };

interface MovedTotals {
  readonly readings: number;
  readonly series: number;
}

/** The target lacks readings or results that the source has. */
export class MoveIncompleteError extends Error {
  override readonly name = 'MoveIncompleteError';
}

const NAMED = 5;
const ROWS_AT_ONCE = 50_000;

/**
 * Moves one store's whole history to another; the service must not run. The source stays unchanged. A move can be
 * interrupted and called again: it writes nothing twice. Both stores end with the whole journal, so that the service
 * may continue with either.
 * @throws MoveIncompleteError when the counts differ at the end
 */
export async function moveHistory(options: MoveOptions): Promise<MovedTotals> {
  const { journal, progressPath, signal, report, now, rawDays, rowsAtOnce = ROWS_AT_ONCE } = options;
  const [from, to] = [options.from.store, options.to.store];
  const reader = journal.reader();
  try {
    const targetOldest = await to.oldest();
    await drainJournal(reader, from, { rawDays, signal });
    const earlier = await progressOf(options, from.durableSeq());
    const { after, end: seqEnd } = await setNumbersAside(journal, Math.max(from.durableSeq(), to.durableSeq()), now);
    await drainJournal(reader, from, { rawDays, signal });

    const devices = await devicesOf(from);
    const span = await spanOf(from, newestOf(devices), { now, rawDays });
    const targetNewest = newestOf(await devicesOf(to));
    const held = targetOldest === null || targetNewest === null ? null : { from: targetOldest, to: targetNewest + 1 };
    // Readings that the target's retention would drop are not copied.
    const first = Math.max(span.from, to.keptFrom);
    const kept = earlier.resumed ? earlier.kept : null;
    let progress: MoveProgress = {
      version: 1,
      from: options.from.name,
      to: options.to.name,
      sourceSeq: from.durableSeq(),
      movedTo: Math.max(first, kept?.movedTo ?? first),
      readings: kept?.readings ?? 0,
      targetHadOwn: kept?.targetHadOwn ?? (held !== null || Number.isFinite(to.rollupMaker.rolledTo)),
    };
    await saveProgress(progressPath, progress);
    const daysTo = (time: number) => Math.max(0, Math.ceil((time - first) / DAY_MS));
    report({ kind: 'begin', days: daysTo(span.to), resumed: earlier.resumed, changed: earlier.changed });

    if (held !== null && held.from < span.finalTo && to.rollupMaker.rolledTo < span.finalTo) {
      // The target rolls up its own readings before older ones come.
      await finishRollups(to, held.to - 1, { now, signal });
    }
    const sender = new BatchSender(to, after, seqEnd, signal);
    const rest = { from: progress.movedTo, to: span.to };
    const copied = copySteps({ from, to, devices, span: rest, shared: held, sender, signal, rowsAtOnce });
    for await (const step of copied) {
      progress = { ...progress, movedTo: step.to, readings: progress.readings + step.readings };
      await saveProgress(progressPath, progress);
      report({ kind: 'copied', days: daysTo(step.to), readings: progress.readings });
    }
    report({ kind: 'rollups' });
    const rolled = await moveRollups({ from, to, before: span.finalTo, now, signal });
    if (rolled !== null) await to.keepFrom(Math.min(span.keptFrom, (await to.oldest()) ?? span.keptFrom));
    await moveResults({ from, to, signal });
    await to.append([{ seq: seqEnd, messages: [] }]);
    await to.flush();

    const series = everySeries(seriesOfDevices(devices), rolled?.series ?? []);
    // A source that lost its progress file does not trust its roll-ups.
    const rolledUp =
      rolled !== null && from.rollupMaker.rolledTo >= span.finalTo ? { from: rolled.since, to: span.finalTo } : null;
    const checked = await compareCounts({
      ...{ from, to, series, span: { from: first, to: span.to }, rolledUp, signal },
      mayHoldMore: progress.targetHadOwn,
      onCompared: (done) => report({ kind: 'check', done, series: series.length }),
    });
    const [lacking] = await resultsMissing({ from, to, signal });
    await forgetProgress(progressPath);
    if (lacking !== undefined) {
      throw new MoveIncompleteError(`${options.to.name} lacks ${lacking.points} results of ${lacking.measurement}`);
    }
    if (checked.different.length > 0) throw incomplete(checked.different, options);
    return { readings: checked.readings, series: series.length };
  } finally {
    reader.close();
  }
}

/** Loads the progress of an interrupted move between the same stores, and whether it can continue. */
async function progressOf({ from, to, progressPath }: MoveOptions, sourceSeq: number) {
  const kept = await loadProgress(progressPath);
  const same = kept !== null && kept.from === from.name && kept.to === to.name;
  const resumed = same && kept.sourceSeq === sourceSeq;
  return { kept, resumed, changed: same && !resumed };
}

/** Span to move, epoch milliseconds. */
interface MoveSpan {
  /** Readings from here, and up to `to`. */
  readonly from: number;
  readonly to: number;
  /** Readings before are gone, or would be dropped at once; -Infinity without such. */
  readonly keptFrom: number;
  /** A whole hour: roll-ups before it are copied, because not all of their readings exist. */
  readonly finalTo: number;
}

async function spanOf(
  store: MovableStore,
  newest: number | null,
  { now, rawDays }: Pick<MoveOptions, 'now' | 'rawDays'>,
): Promise<MoveSpan> {
  const { rollupMaker } = store;
  const due = Math.min(now - rawDays * DAY_MS, rollupMaker.droppable);
  const keptFrom = Math.max(store.keptFrom, dayOf(due));
  const oldest = await store.oldest();
  if (oldest === null || newest === null) {
    return { from: 0, to: 0, keptFrom, finalTo: Math.max(keptFrom, rollupMaker.rolledTo) };
  }
  // Without its progress file, a store's bounds follow only from its content.
  const horizon = Number.isFinite(keptFrom) ? keptFrom : hourOf(oldest);
  const from = Math.max(keptFrom, dayOf(oldest));
  return { from, to: Math.max(newest + 1, from), keptFrom, finalTo: Math.max(horizon, rollupMaker.keptFrom) };
}

const everySeries = (...lists: readonly (readonly SeriesKey[])[]): SeriesKey[] => [
  ...new Map(lists.flat().map((key) => [seriesName(key), key])).values(),
];

const dayOf = (time: number) => Math.floor(time / DAY_MS) * DAY_MS;

function incomplete(different: readonly Difference[], { from, to }: MoveOptions): MoveIncompleteError {
  const nameOf = ({ device, metric, what, source, target }: Difference) =>
    `${device}/${metric}: ${source} ${what} in ${from.name}, ${target} in ${to.name}`;
  const named = different.slice(0, NAMED).map(nameOf);
  const more = different.length > NAMED ? '; …' : '';
  return new MoveIncompleteError(`${different.length} counts differ: ${named.join('; ')}${more}`);
}
