import { DOUBLE, LIST, listValue } from '@duckdb/node-api';
import type { SeriesKey, WindowChunk, WindowFunction, WindowQuery } from '../../port/queries.js';
import { columnOf } from '../engine.js';
import { daysInPieces, idsOf, rising } from './reader.js';
import { type Binding, extent, type Source, select } from './scan.js';

type PlainFunction = Exclude<WindowFunction, 'delta' | 'time_weighted_mean'>;

const AGGREGATES: Readonly<Record<PlainFunction, string>> = {
  mean: 'avg(value)',
  min: 'min(value)',
  max: 'max(value)',
  first: 'arg_min(value, ts)',
  last: 'arg_max(value, ts)',
  sum: 'sum(value)',
  count: 'count(*)::DOUBLE',
};
/** Makes one of two parts of a window, the earlier one first, each with the number of its readings. */
const JOINED: Readonly<Record<PlainFunction, (a: Part, b: Part) => number>> = {
  mean: (a, b) => (a.value * a.count + b.value * b.count) / (a.count + b.count),
  min: (a, b) => Math.min(a.value, b.value),
  max: (a, b) => Math.max(a.value, b.value),
  first: (a) => a.value,
  last: (_, b) => b.value,
  sum: (a, b) => a.value + b.value,
  count: (a, b) => a.value + b.value,
};

interface Part {
  readonly value: number;
  readonly count: number;
}

/** Readings one statement looks at, a day at least: where they may be there twice, it holds them all to find out. */
const ROWS_PER_STATEMENT = 1_000_000;
/** Windows one statement makes at most, over all its series. */
const WINDOWS_PER_STATEMENT = 500_000;
const SERIES_PER_STATEMENT = 64;

const isPlain = (fn: WindowFunction): fn is PlainFunction => fn in AGGREGATES;

/** Windows of functions that need nothing from before the first window, worked out by DuckDB. */
export async function* windowChunks(source: Source, query: WindowQuery): AsyncGenerator<WindowChunk, void, undefined> {
  const { fn, edges } = query;
  if (edges.length < 2) return;
  if (!isPlain(fn)) throw new Error(`DuckDB cannot work out ${fn}`);
  const atOnce = Math.max(1, Math.min(SERIES_PER_STATEMENT, Math.floor(WINDOWS_PER_STATEMENT / edges.length)));
  for (let i = 0; i < query.series.length; i += atOnce) {
    yield* aggregate(source, query.series.slice(i, i + atOnce), edges, fn);
  }
}

async function* aggregate(
  source: Source,
  keys: readonly SeriesKey[],
  edges: Float64Array,
  fn: PlainFunction,
): AsyncGenerator<WindowChunk, void, undefined> {
  const ids = rising([...new Set(idsOf(source, keys))]);
  const there = extent(source.view, { series: ids, from: edges[0]!, to: edges[edges.length - 1]! });
  if (there === null) return;
  const found = new Map(ids.map((id) => [id, new Windows(edges, fn)]));
  const sqlOf = (rows: string, binding: Binding) => windowsOf(rows, edges, AGGREGATES[fn], binding);
  for (const piece of await daysInPieces(source, there, ROWS_PER_STATEMENT)) {
    for await (const chunk of select(source, { ...there, ...piece }, sqlOf)) {
      const series = columnOf<Int32Array>(chunk, 0);
      const [window, value, count] = [1, 2, 3].map((i) => columnOf<Float64Array>(chunk, i)) as Columns;
      for (let i = 0; i < chunk.rowCount; i += 1) {
        found.get(series[i]!)!.add(window[i]!, { value: value[i]!, count: count[i]! });
      }
    }
  }
  for (const series of keys) {
    const id = source.series.find(series);
    const windows = id === undefined ? undefined : found.get(id);
    if (windows !== undefined && windows.value.length > 0) yield windows.chunk(series);
  }
}

type Columns = [window: Float64Array, value: Float64Array, count: Float64Array];

/** The windows of one series, which come rising; one that lies in two pieces comes twice. */
class Windows {
  readonly value: number[] = [];
  private readonly start: number[] = [];
  private count = 0;

  constructor(
    private readonly edges: Float64Array,
    private readonly fn: PlainFunction,
  ) {}

  add(window: number, part: Part): void {
    const start = this.edges[window]!;
    if (this.start.at(-1) === start) {
      this.value.push(JOINED[this.fn]({ value: this.value.pop()!, count: this.count }, part));
      this.count += part.count;
      return;
    }
    this.start.push(start);
    this.value.push(part.value);
    this.count = part.count;
  }

  chunk(series: SeriesKey): WindowChunk {
    return { series, start: Float64Array.from(this.start), value: Float64Array.from(this.value) };
  }
}

/** Windows of one width are found by a division, others by an ASOF join with the edges. */
function windowsOf(rows: string, edges: Float64Array, expression: string, binding: Binding): string {
  const columns = `series, w, ${expression}, count(*)::DOUBLE`;
  const group = `GROUP BY series, w ORDER BY series, w`;
  const width = uniformWidth(edges);
  if (width !== null) {
    const w = `floor((ts::DOUBLE - ${binding.double(edges[0]!)}) / ${binding.double(width)})`;
    return `SELECT ${columns} FROM (SELECT series, ts, value, ${w} AS w FROM (${rows}) WHERE quality = 0) ${group}`;
  }
  const list = binding.add(listValue([...edges]), LIST(DOUBLE));
  const starts = `SELECT unnest(${list}) AS start, (generate_subscripts(${list}, 1) - 1)::DOUBLE AS w`;
  return (
    `SELECT ${columns} FROM (SELECT series, ts::DOUBLE AS ts, value FROM (${rows}) WHERE quality = 0) r ` +
    `ASOF JOIN (${starts}) e ON r.ts >= e.start ${group}`
  );
}

function uniformWidth(edges: Float64Array): number | null {
  const width = edges[1]! - edges[0]!;
  for (let i = 2; i < edges.length; i += 1) if (edges[i]! - edges[i - 1]! !== width) return null;
  return width;
}
