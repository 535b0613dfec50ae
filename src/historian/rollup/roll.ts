import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Metric } from '../../domain/catalogue/index.js';
import { HOUR_MS } from '../../domain/duration.js';
import { MAX_HOLD_MS, NO_CARRY } from '../../domain/rollup/bucket.js';
import type { SeriesKey } from '../port.js';
import { type GoodReadings, type RollupSource, type RollupStore, seriesName } from './port.js';
import { changedRows, collectRows, HourRows } from './rows.js';
import { RowWriter } from './write.js';

export interface RollParts {
  readonly source: RollupSource;
  readonly store: RollupStore;
  readonly metricOf: (series: SeriesKey) => Metric | undefined;
}

/** Hours to roll up, `from <= start < to`. */
export interface RollSpan {
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

type Gathered = Map<string, { readonly series: SeriesKey; readonly parts: GoodReadings[] }>;

/** Rolls up hours of every series; returns the rows written. */
export async function rollHours(parts: RollParts, span: RollSpan, signal?: AbortSignal): Promise<number> {
  const { source, store } = parts;
  const { from, to } = span;
  const rest = span.again ? await seriesWithRows(store, from, to) : new Map<string, SeriesKey>();
  // Where the readings from just before are gone, their hours say which values may reach into the first one.
  if (from - MAX_HOLD_MS < span.keptFrom) {
    for (const [name, series] of await seriesWithRows(store, from - HOUR_MS, from)) rest.set(name, series);
  }
  const writer = new RowWriter(store, 'hour');
  let gathered: Gathered = new Map();
  let readings = 0;
  const roll = async () => {
    signal?.throwIfAborted();
    await rollGroup(parts, span, gathered, writer);
    gathered = new Map();
    readings = 0;
    await nextTurn();
  };

  // A value from just before reaches into the first hour: its series has a bucket there, with or without readings.
  for await (const part of source.good('all', Math.max(from - MAX_HOLD_MS, span.keptFrom), to)) {
    const name = seriesName(part.series);
    const known = gathered.get(name);
    if (known !== undefined) known.parts.push(part);
    else {
      if (gathered.size >= SERIES_AT_ONCE || readings >= READINGS_AT_ONCE) await roll();
      gathered.set(name, { series: part.series, parts: [part] });
      rest.delete(name);
    }
    readings += part.ts.length;
  }
  for (const [name, series] of rest) {
    if (gathered.size >= SERIES_AT_ONCE) await roll();
    gathered.set(name, { series, parts: [] });
  }
  await roll();
  await writer.flush();
  return writer.written;
}

async function rollGroup(parts: RollParts, span: RollSpan, group: Gathered, writer: RowWriter): Promise<void> {
  if (group.size === 0) return;
  const { store, metricOf } = parts;
  const { from, to } = span;
  const keys = [...group.values()].map(({ series }) => series);
  const last = await store.lastBefore(keys, from);
  const old = span.again ? await collectRows(store.read('hour', keys, from, to)) : new Map();
  for (const [name, { series, parts: readings }] of group) {
    const carry = last.get(name)?.carry ?? NO_CARRY;
    const hours = new HourRows(metricOf(series), { from, carry });
    for (const part of readings) hours.take(part);
    hours.finish(to);
    await writer.add(series, changedRows(old.get(name) ?? [], hours.rows, carry));
  }
}

async function seriesWithRows(store: RollupStore, from: number, to: number): Promise<Map<string, SeriesKey>> {
  const found = new Map<string, SeriesKey>();
  for await (const { series } of store.readAll('hour', from, to)) found.set(seriesName(series), series);
  return found;
}
