import { HOUR_MS, MINUTE_MS } from '../../model/time/duration.js';
import type { SeriesKey } from '../port/queries.js';
import { collectRollups } from '../rollup/make/hour-rollups.js';
import { RollupWriter } from '../rollup/make/rollup-writer.js';
import { nextHour } from '../rollup/model/calendar.js';
import { ROLLUP_LEVELS, type Rollup, type SeriesRollups, seriesName } from '../rollup/port.js';
import type { MovableStore } from './port.js';

/** So much is read at once of every series. */
const SPAN_MS = 92 * 24 * HOUR_MS;
/** Readings from before 2020 are refused at ingest, so no roll-up is older. */
const BEGIN = Date.UTC(2019, 11, 30);
/** An hour is rolled up so long after its end at the latest. */
const SETTLED_MS = 10 * MINUTE_MS;

interface RollupMove {
  readonly from: MovableStore;
  readonly to: MovableStore;
  /** Whole hours before this are copied, and final then: their readings are gone. */
  readonly before: number;
  readonly now: number;
  readonly signal: AbortSignal;
}

interface MovedRollups {
  /** The first hour that has one. */
  readonly since: number;
  readonly series: readonly SeriesKey[];
}

/**
 * Copies the roll-ups from before `before`; the target makes the later ones itself, from the readings and on from what
 * the last copied hour hands on. Where the target has a row of its own, that of more readings stands. Null when there are none.
 */
export async function moveRollups(move: RollupMove): Promise<MovedRollups | null> {
  const { from, to, before, now } = move;
  // Days are made of hours: where hours of both stores meet, the target makes the days anew.
  const alone = to.rollupMaker.rolledTo === Number.NEGATIVE_INFINITY;
  let since = Number.POSITIVE_INFINITY;
  const found = new Map<string, SeriesKey>();
  for (const level of alone ? ROLLUP_LEVELS : (['hour'] as const)) {
    const writer = new RollupWriter(to.rollupStore, level);
    for await (const { series, rows } of rowsBefore(move, level)) {
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

/** A device may have been silent since before the horizon: then no reading has made it known to the target. */
async function addSeries({ from, to }: RollupMove, series: SeriesKey): Promise<void> {
  const origin = await from.originOf(series.device);
  if (origin !== undefined) await to.addSeries(series, origin);
}

async function betterRows(
  { rollupStore }: MovableStore,
  series: SeriesKey,
  rows: SeriesRollups['rows'],
): Promise<readonly Rollup[]> {
  const own = await collectRollups(rollupStore.read('hour', [series], rows[0]!.start, rows.at(-1)!.start + 1));
  const counts = new Map([...own.values()].flat().map(({ start, count }) => [start, count]));
  return rows.filter(({ start, count }) => count > (counts.get(start) ?? -1));
}

/** Rolls up all that the store itself has. @throws where some of it cannot be */
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
