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
  /** Raw readings are kept from here on. */
  readonly keptFrom: number;
  /** There may be rows of these hours already, of an attempt that did not end. */
  readonly again: boolean;
}

/** Series, and readings, of which the raw values are held at once. */
const SERIES_AT_ONCE = 256;
const READINGS_AT_ONCE = 250_000;

interface OneSeries {
  readonly series: SeriesKey;
  readonly parts: GoodReadings[];
}

/**
 * Rolls up hours of every series; returns the rows written. A series that fails while others do not is told to
 * `onFailed`; some of its rows may be there then.
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
  // Where the readings from just before are gone, their hours say which values may reach into the first one.
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
    for (const { series, rows } of made) await writer.add(series, rows);
    gathered = new Map();
    readings = 0;
    await nextTurn();
  };

  // A value from just before reaches into the first hour: its series has a bucket there, with or without readings.
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
  return writer.written;
}

/** Rows of some series that have to be written. */
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
    return { series, rows: made.changed(old.get(name) ?? []) };
  });
}

/** Series that have a row in these hours. */
export async function seriesWithRollups(store: RollupStore, from: number, to: number): Promise<Map<string, SeriesKey>> {
  const found = new Map<string, SeriesKey>();
  const add = (series: SeriesKey) => void found.set(seriesName(series), series);
  // One whose rows cannot be read may have some.
  for await (const { series } of store.readAll('hour', from, to, add)) add(series);
  return found;
}
