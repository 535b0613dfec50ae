import type { DuckDBDataChunk } from '@duckdb/node-api';
import { DAY_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { countBy, type ScanRange, type Source, select } from './scan.js';

/** Days that are read without being counted first. */
const FEW_DAYS = 4;
/** Rows one statement should give: what an open query holds in memory while its reader takes its time. */
const MANY_ROWS = 64_000;

/**
 * Hands the rows of one series in a stretch of time, times rising, to `accept` as DuckDB chunks with the given
 * `columns`. Comes back to its caller between statements only: a caller that waits holds nothing of DuckDB's memory.
 */
export async function* rowsInOrder(
  source: Source,
  range: ScanRange,
  { columns, where = 'true' }: { readonly columns: string; readonly where?: string },
  accept: (chunk: DuckDBDataChunk) => void,
): AsyncGenerator<void, void, undefined> {
  for (const piece of await daysInPieces(source, range, MANY_ROWS)) {
    const sqlOf = (rows: string) => `SELECT ${columns} FROM (${rows}) WHERE ${where} ORDER BY ts`;
    for await (const chunk of select(source, { ...range, ...piece }, sqlOf)) accept(chunk);
    yield;
  }
}

/** The stretch in pieces of whole days of about `most` rows, a day at least; days without rows are left out. */
export async function daysInPieces(source: Source, range: ScanRange, most: number): Promise<readonly TimeSpan[]> {
  const { from, to } = range;
  if (to - from <= FEW_DAYS * DAY_MS) return [{ from, to }];
  const found: { from: number; to: number; rows: number }[] = [];
  for await (const [start, rows] of countBy('day', source, range)) {
    const last = found.at(-1);
    const end = Math.min(to, start + DAY_MS);
    if (last !== undefined && last.rows + rows <= most) Object.assign(last, { to: end, rows: last.rows + rows });
    else found.push({ from: Math.max(from, start), to: end, rows });
  }
  return found;
}

/** Rows one statement over several series gives, about: what is held of them at once. */
const PIECE_ROWS = 131_072;

/** At least as many rows as there are of each series in the range; series without any are absent. */
export async function rowsPerSeries(source: Source, range: ScanRange): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  for await (const [series, rows] of countBy('series', source, range)) found.set(series, rows);
  return found;
}

/** What `one` and `several` answer for the series in their order: those with many rows are asked for alone. */
export async function* inGroups<T>(
  source: Source,
  ids: readonly number[],
  { from, to }: TimeSpan,
  one: (id: number) => AsyncIterable<T>,
  several: (ids: readonly number[], rows: ReadonlyMap<number, number>) => Promise<readonly T[]>,
): AsyncGenerator<T, void, undefined> {
  if (ids.length === 1) yield* one(ids[0]!);
  if (ids.length <= 1) return;
  const rows = await rowsPerSeries(source, { series: rising(ids), from, to });
  for (const group of seriesGroups(ids, rows)) {
    if (group.length === 1) yield* one(group[0]!);
    else yield* await several(group, rows);
  }
}

/** Runs of series that one statement reads: those with many rows come alone, those with none not at all. */
function* seriesGroups(ids: readonly number[], rows: ReadonlyMap<number, number>): Generator<readonly number[]> {
  let group: number[] = [];
  let inGroup = 0;
  for (const id of ids) {
    const count = rows.get(id);
    if (count === undefined) continue;
    if (group.length > 0 && inGroup + count > PIECE_ROWS) {
      yield group;
      [group, inGroup] = [[], 0];
    }
    group.push(id);
    inGroup += count;
  }
  if (group.length > 0) yield group;
}

export const rising = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);

/** Numbers of the series that are known, in the order asked. */
export const idsOf = ({ series }: Source, keys: readonly SeriesKey[]) => keys.flatMap((key) => series.find(key) ?? []);
