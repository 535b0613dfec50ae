import type { HistorianQueries, RawChunk, SeriesKey, WindowFunction } from '../../../src/historian/port/queries.js';
import { deviceKey, deviceOf } from '../../../src/model/ids.js';
import {
  DATA_FLAGS,
  type DataFlag,
  type DeviceReadings,
  type Domain,
  QUALITIES,
  type Quality,
} from '../../../src/model/reading.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** 2026-11-02 00:00 UTC. */
export const T0 = Date.UTC(2026, 10, 2);

export interface Row {
  /** Its id or its key. */
  readonly device?: string;
  readonly metric?: string;
  readonly ts: number;
  readonly value: number;
  readonly flag?: DataFlag;
  readonly quality?: Quality;
  readonly receivedAt?: number;
}

export const POWER: SeriesKey = { device: 'park-a/meter-1', metric: 'active_power_kw' };
export const ENERGY: SeriesKey = { device: 'park-a/meter-1', metric: 'import_energy_kwh' };

/** A message of one row; power of meter-1, good, received 250 ms later, unless the row says otherwise. */
export function message(row: Row, park = 'park-a', domain: Domain = 'energy'): DeviceReadings {
  const { ts, value } = row;
  const flag = row.flag ?? 'N';
  const quality = row.quality ?? (flag === 'N' ? 'good' : 'flagged');
  return {
    park,
    domain,
    device: deviceKey(park, deviceOf(row.device ?? POWER.device)),
    gateway: `${park}-gw`,
    receivedAt: row.receivedAt ?? ts + 250,
    readings: [{ metric: row.metric ?? POWER.metric, ts, value, flag, quality }],
  };
}

export interface StoredRow {
  readonly ts: number;
  readonly value: number;
  readonly flag: DataFlag;
  readonly quality: Quality;
  readonly receivedAt: number;
}

export async function readRaw(
  store: HistorianQueries,
  series: SeriesKey,
  from = T0 - 100 * DAY,
  to = T0 + 100 * DAY,
): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const chunk of store.raw({ series: [series], from, to, limit: 1_000_000 })) rows.push(...rowsOf(chunk));
  return rows;
}

export function rowsOf(chunk: RawChunk): StoredRow[] {
  return Array.from(chunk.ts, (ts, i) => ({
    ts,
    value: chunk.value[i]!,
    flag: DATA_FLAGS[chunk.flag[i]!]!,
    quality: QUALITIES[chunk.quality[i]!]!,
    receivedAt: chunk.receivedAt[i]!,
  }));
}

/** Values by ts, for short expectations. */
export async function readValues(store: HistorianQueries, series: SeriesKey): Promise<[number, number][]> {
  return (await readRaw(store, series)).map(({ ts, value }) => [ts, value]);
}

/** Windows as [start, value]. */
export async function readWindows(
  store: HistorianQueries,
  series: SeriesKey,
  fn: WindowFunction,
  edges: readonly number[],
): Promise<[number, number][]> {
  const windows: [number, number][] = [];
  for await (const chunk of store.windows({ series: [series], fn, edges: Float64Array.from(edges) })) {
    chunk.start.forEach((start, i) => {
      windows.push([start, chunk.value[i]!]);
    });
  }
  return windows;
}
