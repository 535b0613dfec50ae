import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Engine } from './engine.js';
import { Binding, pieces, type ScanRange, scan } from './scan.js';
import type { SeriesDictionary } from './series.js';
import type { View } from './view.js';

/** What a query of the lake reads. */
export interface Source {
  readonly engine: Engine;
  readonly folder: string;
  readonly series: SeriesDictionary;
  readonly view: View;
}

/** Days read by one statement of a raw read: bounds what its sort holds. */
const DAYS_PER_STATEMENT = 31;

/** Streams the rows of one series in a stretch of time, times rising, as DuckDB chunks with the columns of `select`. */
export async function* rowsInOrder(
  source: Source,
  range: ScanRange,
  select: string,
  where = 'true',
): AsyncGenerator<DuckDBDataChunk, void, undefined> {
  for (const piece of pieces(range.from, range.to, DAYS_PER_STATEMENT)) {
    const binding = new Binding();
    const rows = scan(source.folder, source.view, { ...range, ...piece }, binding);
    if (rows === null) continue;
    const sql = `SELECT ${select} FROM (${rows}) WHERE ${where} ORDER BY ts`;
    yield* source.engine.stream({ sql, ...binding });
  }
}
