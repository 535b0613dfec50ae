import { HOUR_MS, MINUTE_MS } from '../../model/time/duration.js';
import type { SeriesKey } from '../port/queries.js';
import { collectRollups } from '../rollup/make/hour-rollups.js';
import { RollupWriter } from '../rollup/make/rollup-writer.js';
import { nextHour } from '../rollup/model/calendar.js';
import { ROLLUP_LEVELS, type Rollup, type SeriesRollups, seriesName } from '../rollup/port.js';
import type { MovableStore } from './port.js';

/** Span of all series read at once. */
const SPAN_MS = 92 * 24 * HOUR_MS;
/** Ingest rejects readings from before 2020, so that no roll-up is older. */
const BEGIN = Date.UTC(2019, 11, 30);
/** An hour is rolled up at the latest this long after its end. */
const SETTLED_MS = 10 * MINUTE_MS;

interface RollupMove {
  readonly from: MovableStore;
  readonly to: MovableStore;
  /** Whole hours before this are copied, and final: their readings are gone. */
  readonly before: number;
  readonly now: number;
  readonly signal: AbortSignal;
}

interface MovedRollups {
  /** The first hour with a roll-up. */
  readonly since: number;
  readonly series: readonly SeriesKey[];
}

/**
 * Copies the roll-ups before `before`; the target makes later ones itself, from the readings and the last copied hour's
 * carry. If the target has a row of its own, the row with more readings counts. Null without roll-ups.
 */
export async function moveRollups(move: RollupMove): Promise<MovedRollups | null> {
  const { from, to, before, now } = move;
  // Days consist of hours: if both stores have hours, the target makes the days anew.
  const alone = to.rollupMaker.rolledTo === Number.NEGATIVE_INFINITY;
  let since = Number.POSITIVE_INFINITY;
  const found = new Map<string, SeriesKey>();
  for (const level of alone ? ROLLUP_LEVELS : (['hour'] as const)) {
    const writer = new RollupWriter(to.rollupStore, level);
    for await (const { series, rollups: rows } of rowsBefore(move, level)) {
      since = Math.min(since, rows[0]?.start ?? since);
      if (!found.has(seriesName(series))) await addSeries(move, series);
      found.set(seriesName(series), series);
      await writer.add(series, alone ? rows : await betterRows(to, series, rows));
    }
    await writer.flush();
  }
  if (since === Number.POSITIVE_INFINITY) return null;
  to.rollupMaker.takeOver({ since, keptFrom: before, daysTo: from.rollupMaker.daysTo }, now);
  return { since, series: [...found.values()] };
}

async function* rowsBefore({ from, before, signal }: RollupMove, level: (typeof ROLLUP_LEVELS)[number]) {
  for (let start = BEGIN; start < before; start += SPAN_MS) {
    for await (const part of from.rollupStore.readAll(level, start, Math.min(before, start + SPAN_MS))) {
      signal.throwIfAborted();
      yield part;
    }
  }
}

/** A device that is silent since before the horizon has no reading that would make it known to the target. */
async function addSeries({ from, to }: RollupMove, series: SeriesKey): Promise<void> {
  const origin = await from.originOf(series.device);
  if (origin !== undefined) await to.addSeries(series, origin);
}

async function betterRows(
  { rollupStore }: MovableStore,
  series: SeriesKey,
  rows: SeriesRollups['rollups'],
): Promise<readonly Rollup[]> {
  const own = await collectRollups(rollupStore.read('hour', [series], rows[0]!.start, rows.at(-1)!.start + 1));
  const counts = new Map([...own.values()].flat().map(({ start, count }) => [start, count]));
  return rows.filter(({ start, count }) => count > (counts.get(start) ?? -1));
}

/** Rolls up all of the store's own readings. @throws when some cannot be rolled up */
export async function finishRollups(
  store: MovableStore,
  newest: number,
  { now, signal }: Pick<RollupMove, 'now' | 'signal'>,
): Promise<void> {
  const due = Math.max(nextHour(newest + 1), store.rollupMaker.rolledTo);
  do {
    signal.throwIfAborted();
    await store.maintain(now, Number.NEGATIVE_INFINITY, due + SETTLED_MS);
    const { problem } = store.rollupMaker;
    if (problem !== null) throw new Error(problem);
  } while (store.rollupMaker.droppable < due - HOUR_MS);
}
