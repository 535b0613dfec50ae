import { setImmediate as nextTurn } from 'node:timers/promises';
import { HOUR_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import { MAX_HOLD_MS } from '../model/bucket.js';
import { type GoodReadings, type OnFailed, type RollupStore, type SeriesRollups, seriesName } from '../port.js';
import { apart } from './apart.js';
import { collectRollups, HourRollups } from './hour-rollups.js';
import { RollupWriter } from './rollup-writer.js';
import type { SharedParts } from './shared-parts.js';

/** Hours to roll up, `from <= start < to`. */
interface MakeSpan {
  readonly from: number;
  readonly to: number;
  /** Start of the raw readings. */
  readonly keptFrom: number;
  /** Rows of these hours may exist, from an attempt that did not finish. */
  readonly again: boolean;
}

/** Most series, and readings, whose raw values are in memory at once. */
const SERIES_AT_ONCE = 256;
const READINGS_AT_ONCE = 250_000;

interface OneSeries {
  readonly series: SeriesKey;
  readonly parts: GoodReadings[];
}

/**
 * Rolls up hours of all series; returns the rows written. Reports a series that fails alone, after some rows or none.
 */
export async function makeHours(
  parts: SharedParts,
  span: MakeSpan,
  onFailed: OnFailed,
  signal?: AbortSignal,
): Promise<number> {
  const { source, store } = parts;
  const { from, to } = span;
  const rest = span.again ? await seriesWithRollups(store, from, to) : new Map<string, SeriesKey>();
  // If the readings just before are gone, their hours tell which values may reach into the first hour.
  if (from - MAX_HOLD_MS < span.keptFrom) {
    for (const [name, series] of await seriesWithRollups(store, from - HOUR_MS, from)) rest.set(name, series);
  }
  const writer = new RollupWriter(store, 'hour', onFailed);
  let gathered = new Map<string, OneSeries>();
  let readings = 0;
  const rollUp = async () => {
    signal?.throwIfAborted();
    const made: SeriesRollups[] = [];
    const work = async (some: readonly OneSeries[]) => void made.push(...(await rowsOf(parts, span, some)));
    for (const { item, error } of await apart([...gathered.values()], work, signal)) onFailed(item.series, error);
    for (const { series, rollups: rows } of made) await writer.add(series, rows);
    gathered = new Map();
    readings = 0;
    await nextTurn();
  };

  // A series whose last value reaches into the first hour has a bucket there, with or without readings.
  for await (const part of source.goodReadings('all', Math.max(from - MAX_HOLD_MS, span.keptFrom), to)) {
    const name = seriesName(part.series);
    const known = gathered.get(name);
    if (known !== undefined) known.parts.push(part);
    else {
      if (gathered.size >= SERIES_AT_ONCE || readings >= READINGS_AT_ONCE) await rollUp();
      gathered.set(name, { series: part.series, parts: [part] });
      rest.delete(name);
    }
    readings += part.ts.length;
  }
  for (const [name, series] of rest) {
    if (gathered.size >= SERIES_AT_ONCE) await rollUp();
    gathered.set(name, { series, parts: [] });
  }
  await rollUp();
  await writer.flush();
  return writer.rowsWritten;
}

/** The rows of some series that have to be written. */
async function rowsOf(parts: SharedParts, span: MakeSpan, group: readonly OneSeries[]): Promise<SeriesRollups[]> {
  const { from, to } = span;
  const keys = group.map(({ series }) => series);
  const hours = await HourRollups.begin(parts, keys, from);
  const old = span.again ? await collectRollups(parts.store.read('hour', keys, from, to)) : new Map();
  return group.map(({ series, parts: readings }) => {
    const name = seriesName(series);
    const made = hours.get(name)!;
    for (const part of readings) made.append(part);
    made.finish(to);
    return { series, rollups: made.changed(old.get(name) ?? []) };
  });
}

/** Series that have a row in these hours. */
export async function seriesWithRollups(store: RollupStore, from: number, to: number): Promise<Map<string, SeriesKey>> {
  const found = new Map<string, SeriesKey>();
  const add = (series: SeriesKey) => void found.set(seriesName(series), series);
  // A series whose rows cannot be read may have some.
  for await (const { series } of store.readAll('hour', from, to, add)) add(series);
  return found;
}
