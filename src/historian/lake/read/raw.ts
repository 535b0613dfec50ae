import type { DuckDBDataChunk } from '@duckdb/node-api';
import { DAY_MS } from '../../../model/time/duration.js';
import { ResultTooLargeError } from '../../port/errors.js';
import type { RawChunk, RawQuery, SeriesKey } from '../../port/queries.js';
import { dayOf } from '../catalog/manifest.js';
import { columnOf, pairsOf, runsOf } from '../engine.js';
import { idsOf, inGroups, rising, rowsInOrder, rowsPerSeries } from './reader.js';
import { extent, rowsWithin, type ScanRange, type Source, select } from './scan.js';

/** Most readings of one chunk. */
const CHUNK_ROWS = 8192;
/** Readings buffered until the answer is known to stay within its limit; for more, a count runs first. */
const HELD_ROWS = 8 * CHUNK_ROWS;
const COLUMNS = 'ts::DOUBLE, value, flag, quality, (ts + receipt)::DOUBLE';

/** @throws ResultTooLargeError before the first chunk */
export async function* lakeRawChunks(source: Source, query: RawQuery): AsyncGenerator<RawChunk, void, undefined> {
  const held: RawChunk[] = [];
  let rows = 0;
  let counted = query.limit >= mostRows(source, query);
  for await (const chunk of read(source, query)) {
    rows += chunk.ts.length;
    if (!counted) {
      if (rows > query.limit) throw new ResultTooLargeError(query.limit);
      held.push(chunk);
      if (rows < HELD_ROWS) continue;
      if (await isMore(source, query)) throw new ResultTooLargeError(query.limit);
      counted = true;
      yield* held.splice(0);
    } else yield chunk;
  }
  yield* held;
}

/** Upper bound of the rows in the answer: all rows of the files and tables in the range. */
function mostRows({ view }: Source, { from, to }: RawQuery): number {
  let rows = 0;
  for (const file of view.files) if (file.minTs < to && file.maxTs >= from) rows += file.rows;
  for (const table of view.hot) rows += table.rows;
  return rows;
}

async function* read(source: Source, query: RawQuery): AsyncGenerator<RawChunk, void, undefined> {
  const ids = idsOf(source, query.series);
  const one = (id: number) => ofOne(source, id, query);
  if (new Set(ids).size < ids.length) for (const id of ids) yield* one(id);
  else yield* inGroups(source, ids, query, one, (some, rows) => ofSeveral(source, some, query, rows));
}

/** The rows of several series with few rows, at most `most` of each. */
async function ofSeveral(
  source: Source,
  ids: readonly number[],
  { from, to }: RawQuery,
  most: ReadonlyMap<number, number>,
): Promise<RawChunk[]> {
  const there = extent(source.view, { series: rising(ids), from, to });
  if (there === null) return [];
  const found = new Map(ids.map((id) => [id, { full: [] as RawChunk[], last: null as ChunkBuilder | null }]));
  const sqlOf = (rows: string) => `SELECT series, ${COLUMNS} FROM (${rows}) ORDER BY series, ts`;
  for await (const rows of select(source, there, sqlOf)) {
    const columns = columnsOf(rows, 1);
    for (const [id, start, end] of runsOf(rows)) {
      const into = found.get(id)!;
      for (let at = start; at < end; ) {
        into.last ??= new ChunkBuilder(nameOf(source, id), most.get(id));
        at = into.last.append(columns, at, end);
        if (!into.last.full) continue;
        into.full.push(into.last.done());
        into.last = null;
      }
    }
  }
  return [...found.values()].flatMap(({ full, last }) => (last === null ? full : [...full, last.done()]));
}

function nameOf({ series }: Source, id: number): SeriesKey {
  const { device, metric } = series.entry(id)!;
  return { device, metric };
}

async function* ofOne(source: Source, id: number, { from, to }: RawQuery): AsyncGenerator<RawChunk, void, undefined> {
  const there = extent(source.view, { series: [id], from, to });
  if (there === null) return;
  const full: RawChunk[] = [];
  let chunk = new ChunkBuilder(nameOf(source, id));
  const append = (rows: DuckDBDataChunk) => {
    const columns = columnsOf(rows, 0);
    for (let at = 0; at < rows.rowCount; ) {
      at = chunk.append(columns, at, rows.rowCount);
      if (!chunk.full) continue;
      full.push(chunk.done());
      chunk = new ChunkBuilder(nameOf(source, id));
    }
  };
  for await (const _ of rowsInOrder(source, there, { columns: COLUMNS }, append)) yield* full.splice(0);
  if (chunk.rows > 0) yield chunk.done();
}

/** Whether the answer exceeds the limit; counts exactly only if duplicates could make the difference. */
async function isMore(source: Source, { series, from, to, limit }: RawQuery): Promise<boolean> {
  const ids = [...new Set(idsOf(source, series))];
  if (ids.length === series.length) {
    const rows = await rowsPerSeries(source, { series: rising(ids), from, to });
    if ([...rows.values()].reduce((sum, n) => sum + n, 0) <= limit) return false;
  }
  const counts = await countReadings(source, series, from, to, limit);
  return counts.reduce((sum, n) => sum + n, 0) > limit;
}

const columnsOf = (rows: DuckDBDataChunk, first: number) =>
  [0, 1, 2, 3, 4].map((i) => columnOf<Float64Array>(rows, first + i)) as unknown as Columns;

type Columns = readonly [
  ts: Float64Array,
  value: Float64Array,
  flag: Uint8Array,
  quality: Uint8Array,
  receivedAt: Float64Array,
];

/** Copies rows out of DuckDB's short-lived chunks into a chunk of the port. */
class ChunkBuilder {
  rows = 0;
  private readonly room: number;
  private readonly columns: Columns;

  /** @param most upper bound of the rows */
  constructor(
    private readonly series: SeriesKey,
    most = CHUNK_ROWS,
  ) {
    const room = Math.max(1, Math.min(most, CHUNK_ROWS));
    this.room = room;
    const types = [Float64Array, Float64Array, Uint8Array, Uint8Array, Float64Array];
    this.columns = types.map((Type) => new Type(room)) as unknown as Columns;
  }

  get full(): boolean {
    return this.rows === this.room;
  }

  /** Appends rows from `from` on while there is space; returns the first row not appended. */
  append(columns: Columns, from: number, to: number): number {
    const end = Math.min(to, from + this.room - this.rows);
    this.columns.forEach((column, i) => {
      column.set(columns[i]!.subarray(from, end), this.rows);
    });
    this.rows += end - from;
    return end;
  }

  done(): RawChunk {
    const whole = this.full ? this.columns : this.columns.map((column) => column.slice(0, this.rows));
    const [ts, value, flag, quality, receivedAt] = whole as unknown as Columns;
    return { series: this.series, ts, value, flag, quality, receivedAt };
  }
}

/** Rows that one statement scans, about: DuckDB holds all of them to find duplicates. */
const ROWS_AT_ONCE = 500_000;

/** Counts readings of any quality with `from <= ts < to`, per series, a day at a time; stops beyond `enough`. */
export async function countReadings(
  source: Source,
  keys: readonly SeriesKey[],
  from: number,
  to: number,
  enough = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const ids = rising([...new Set(idsOf(source, keys))]);
  const counts = new Map<number, number>();
  const there = extent(source.view, { series: ids, from, to });
  for (let start = there?.from ?? to; there !== null && start < there.to; ) {
    const end = Math.min(there.to, dayOf(start) + DAY_MS);
    await countDay(source, { ...there, from: start, to: end }, counts);
    start = end;
    if (enough < Number.POSITIVE_INFINITY && [...counts.values()].reduce((sum, n) => sum + n, 0) > enough) break;
  }
  return keys.map((key) => {
    const id = source.series.find(key);
    return id === undefined ? 0 : (counts.get(id) ?? 0);
  });
}

async function countDay(source: Source, day: ScanRange, counts: Map<number, number>): Promise<void> {
  const parts = Math.max(1, Math.ceil(rowsWithin(source.view, day) / ROWS_AT_ONCE));
  const size = Math.ceil(day.series.length / parts);
  for (let i = 0; i < day.series.length; i += size) {
    const some = { ...day, series: day.series.slice(i, i + size) };
    const counted = select(source, some, (rows) => `SELECT series, count(*)::DOUBLE FROM (${rows}) GROUP BY series`);
    for await (const [series, count] of pairsOf(counted)) counts.set(series, (counts.get(series) ?? 0) + count);
  }
}
