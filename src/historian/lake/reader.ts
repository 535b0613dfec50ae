import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Statement } from './engine.js';
import { DAY_MS, dayOf } from './manifest.js';
import { Binding, type ScanRange, scan } from './scan.js';
import type { SeriesDictionary } from './series.js';
import type { View } from './view.js';

/** What a query of the lake reads. */
export interface Source {
  /** Rows of a statement as they are made. */
  stream(statement: Statement): AsyncIterable<DuckDBDataChunk>;
  readonly folder: string;
  readonly series: SeriesDictionary;
  readonly view: View;
}

/** Days the first statement reads; the next take more or fewer, by the rows that came. */
const FIRST_DAYS = 4;
const MOST_DAYS = 256;
/** Rows one statement should give: what an open query holds in memory while its reader takes its time. */
const FEW_ROWS = 8_000;
const MANY_ROWS = 64_000;

/**
 * Hands the rows of one series in a stretch of time, times rising, to `take` as DuckDB chunks with the columns of
 * `select`. Comes back to its caller between statements only: a caller that waits holds nothing of DuckDB's memory.
 */
export async function* rowsInOrder(
  source: Source,
  range: ScanRange,
  { select, where = 'true' }: { readonly select: string; readonly where?: string },
  take: (chunk: DuckDBDataChunk) => void,
): AsyncGenerator<void, void, undefined> {
  let days = FIRST_DAYS;
  for (let from = range.from; from < range.to; ) {
    const to = Math.min(range.to, dayOf(from) + days * DAY_MS);
    const binding = new Binding();
    const relation = scan(source.folder, source.view, { ...range, from, to }, binding);
    from = to;
    let rows = 0;
    if (relation !== null) {
      const sql = `SELECT ${select} FROM (${relation}) WHERE ${where} ORDER BY ts`;
      for await (const chunk of source.stream({ sql, ...binding })) {
        rows += chunk.rowCount;
        take(chunk);
      }
      yield;
    }
    if (rows < FEW_ROWS) days = Math.min(MOST_DAYS, days * 4);
    else if (rows > MANY_ROWS) days = Math.max(1, Math.floor(days / 2));
  }
}
