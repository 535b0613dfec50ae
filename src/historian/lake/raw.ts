import type { DuckDBDataChunk } from '@duckdb/node-api';
import { type RawChunk, type RawQuery, ResultTooLarge, type SeriesKey } from '../port.js';
import { columnOf, firstRow } from './engine.js';
import { rowsInOrder, type Source } from './reader.js';
import { Binding, extent, pieces, type ScanRange, scan } from './scan.js';

/** Readings in one chunk at most. */
const CHUNK_ROWS = 8192;
/** Readings held back until it is known whether the answer stays within its limit; beyond, they are counted first. */
const HELD_ROWS = 8 * CHUNK_ROWS;
const SELECT = 'ts::DOUBLE, value, flag, quality, (ts + receipt)::DOUBLE';
const COUNT_DAYS = 31;

/** @throws ResultTooLarge before the first chunk */
export async function* rawChunks(source: Source, query: RawQuery): AsyncGenerator<RawChunk, void, undefined> {
  const held: RawChunk[] = [];
  let rows = 0;
  let counted = query.limit >= mostRows(source, query);
  for await (const chunk of read(source, query)) {
    rows += chunk.ts.length;
    if (!counted) {
      if (rows > query.limit) throw new ResultTooLarge(query.limit);
      held.push(chunk);
      if (rows < HELD_ROWS) continue;
      if ((await count(source, query)) > query.limit) throw new ResultTooLarge(query.limit);
      counted = true;
      yield* held.splice(0);
    } else yield chunk;
  }
  yield* held;
}

/** More rows than this cannot come back: what the files and tables hold that the range reaches. */
function mostRows({ view }: Source, { from, to }: RawQuery): number {
  let rows = 0;
  for (const file of view.files) if (file.minTs < to && file.maxTs >= from) rows += file.rows;
  for (const table of view.hot) rows += table.rows;
  return rows;
}

async function* read(source: Source, query: RawQuery): AsyncGenerator<RawChunk, void, undefined> {
  for (const series of query.series) {
    const range = rangeOf(source, series, query);
    if (range === null) continue;
    const full: RawChunk[] = [];
    let chunk = new ChunkBuilder(series);
    const take = (rows: DuckDBDataChunk) => {
      const columns = [0, 1, 2, 3, 4].map((i) => columnOf<Float64Array>(rows, i)) as unknown as Columns;
      for (let from = 0; from < rows.rowCount; ) {
        from = chunk.take(columns, from, rows.rowCount);
        if (!chunk.full) continue;
        full.push(chunk.done());
        chunk = new ChunkBuilder(series);
      }
    };
    for await (const _ of rowsInOrder(source, range, { select: SELECT }, take)) yield* full.splice(0);
    if (chunk.rows > 0) yield chunk.done();
  }
}

async function count(source: Source, query: RawQuery): Promise<number> {
  let rows = 0;
  for (const series of query.series) {
    const range = rangeOf(source, series, query);
    if (range === null) continue;
    for (const piece of pieces(range.from, range.to, COUNT_DAYS)) {
      const binding = new Binding();
      const relation = scan(source.folder, source.view, { ...range, ...piece }, binding);
      if (relation === null) continue;
      const [n] = await firstRow(source.stream({ sql: `SELECT count(*) FROM (${relation})`, ...binding }));
      rows += n ?? 0;
      if (rows > query.limit) return rows;
    }
  }
  return rows;
}

function rangeOf(source: Source, series: SeriesKey, query: RawQuery): ScanRange | null {
  const id = source.series.find(series);
  if (id === undefined) return null;
  const range = { series: [id], from: query.from, to: query.to };
  const there = extent(source.view, range);
  return there === null ? null : { ...range, ...there };
}

type Columns = readonly [
  ts: Float64Array,
  value: Float64Array,
  flag: Uint8Array,
  quality: Uint8Array,
  receivedAt: Float64Array,
];

/** Copies rows out of DuckDB's short-lived chunks into one of the port's. */
class ChunkBuilder {
  rows = 0;
  private readonly columns: Columns = [
    new Float64Array(CHUNK_ROWS),
    new Float64Array(CHUNK_ROWS),
    new Uint8Array(CHUNK_ROWS),
    new Uint8Array(CHUNK_ROWS),
    new Float64Array(CHUNK_ROWS),
  ];

  constructor(private readonly series: SeriesKey) {}

  get full(): boolean {
    return this.rows === CHUNK_ROWS;
  }

  /** Takes rows from `from` on while there is room; returns where it stopped. */
  take(columns: Columns, from: number, to: number): number {
    const end = Math.min(to, from + CHUNK_ROWS - this.rows);
    this.columns.forEach((column, i) => {
      column.set(columns[i]!.subarray(from, end), this.rows);
    });
    this.rows += end - from;
    return end;
  }

  done(): RawChunk {
    const { series, rows } = this;
    const [ts, value, flag, quality, receivedAt] = this.columns;
    if (rows === CHUNK_ROWS) return { series, ts, value, flag, quality, receivedAt };
    return {
      series,
      ts: ts.slice(0, rows),
      value: value.slice(0, rows),
      flag: flag.slice(0, rows),
      quality: quality.slice(0, rows),
      receivedAt: receivedAt.slice(0, rows),
    };
  }
}
