import type { DuckDBDataChunk } from '@duckdb/node-api';
import { DAY_MS } from '../catalog/manifest.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import type { View } from '../catalog/view.js';
import { columnOf, type Statement } from '../engine.js';
import { Binding, countPerDay, type ScanRange, scan } from './scan.js';

/** What a query of the lake reads. */
export interface Source {
  /** Rows of a statement as they are made. */
  stream(statement: Statement): AsyncIterable<DuckDBDataChunk>;
  readonly folder: string;
  readonly series: SeriesDictionary;
  readonly view: View;
}

/** Days that are read without being counted first. */
const FEW_DAYS = 4;
/** Rows one statement should give: what an open query holds in memory while its reader takes its time. */
const MANY_ROWS = 64_000;

/**
 * Hands the rows of one series in a stretch of time, times rising, to `accept` as DuckDB chunks with the columns of
 * `select`. Comes back to its caller between statements only: a caller that waits holds nothing of DuckDB's memory.
 */
export async function* rowsInOrder(
  source: Source,
  range: ScanRange,
  { select, where = 'true' }: { readonly select: string; readonly where?: string },
  accept: (chunk: DuckDBDataChunk) => void,
): AsyncGenerator<void, void, undefined> {
  for (const piece of await daysInPieces(source, range, MANY_ROWS)) {
    const binding = new Binding();
    const relation = scan(source.folder, source.view, { ...range, ...piece }, binding);
    if (relation === null) continue;
    const sql = `SELECT ${select} FROM (${relation}) WHERE ${where} ORDER BY ts`;
    for await (const chunk of source.stream({ sql, ...binding })) accept(chunk);
    yield;
  }
}

/** The stretch in pieces of whole days of about `most` rows, a day at least; days without rows are left out. */
export async function daysInPieces(
  source: Source,
  range: ScanRange,
  most: number,
): Promise<readonly { from: number; to: number }[]> {
  const { from, to } = range;
  if (to - from <= FEW_DAYS * DAY_MS) return [{ from, to }];
  const binding = new Binding();
  const sql = countPerDay(source.folder, source.view, range, binding);
  if (sql === null) return [];
  const found: { from: number; to: number; rows: number }[] = [];
  for await (const chunk of source.stream({ sql, ...binding })) {
    const [days, counts] = [columnOf<Float64Array>(chunk, 0), columnOf<Float64Array>(chunk, 1)];
    for (let i = 0; i < chunk.rowCount; i += 1) {
      const [start, rows] = [days[i]!, counts[i]!];
      const last = found.at(-1);
      const end = Math.min(to, start + DAY_MS);
      if (last !== undefined && last.rows + rows <= most) Object.assign(last, { to: end, rows: last.rows + rows });
      else found.push({ from: Math.max(from, start), to: end, rows });
    }
  }
  return found;
}
