import { DOUBLE, LIST, listValue } from '@duckdb/node-api';
import type { SeriesKey, WindowChunk, WindowFunction, WindowQuery } from '../port.js';
import { columnOf } from './engine.js';
import type { Source } from './reader.js';
import { Binding, extent, type ScanRange, scan } from './scan.js';

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
    yield* aggregate(source, query.series.slice(i, i + atOnce), edges, AGGREGATES[fn]);
  }
}

async function* aggregate(
  source: Source,
  keys: readonly SeriesKey[],
  edges: Float64Array,
  expression: string,
): AsyncGenerator<WindowChunk, void, undefined> {
  const ids = [...new Set(keys.flatMap((key) => source.series.find(key) ?? []))].sort((a, b) => a - b);
  if (ids.length === 0) return;
  const asked = { series: ids, from: edges[0]!, to: edges[edges.length - 1]! };
  const there = extent(source.view, asked);
  if (there === null) return;
  const binding = new Binding();
  const sql = statement(source, { ...asked, ...there }, edges, expression, binding);
  if (sql === null) return;

  const found = new Map<number, { start: number[]; value: number[] }>(ids.map((id) => [id, { start: [], value: [] }]));
  for await (const chunk of source.stream({ sql, ...binding })) {
    const series = columnOf<Int32Array>(chunk, 0);
    const window = columnOf<Float64Array>(chunk, 1);
    const value = columnOf<Float64Array>(chunk, 2);
    for (let i = 0; i < chunk.rowCount; i += 1) {
      const into = found.get(series[i]!)!;
      into.start.push(edges[window[i]!]!);
      into.value.push(value[i]!);
    }
  }
  for (const series of keys) {
    const id = source.series.find(series);
    const windows = id === undefined ? undefined : found.get(id);
    if (windows === undefined || windows.start.length === 0) continue;
    yield { series, start: Float64Array.from(windows.start), value: Float64Array.from(windows.value) };
  }
}

/** Windows of one width are found by a division, others by an ASOF join with the edges. */
function statement(
  source: Source,
  range: ScanRange,
  edges: Float64Array,
  expression: string,
  binding: Binding,
): string | null {
  const rows = scan(source.folder, source.view, range, binding);
  if (rows === null) return null;
  const group = `GROUP BY series, w ORDER BY series, w`;
  const width = uniformWidth(edges);
  if (width !== null) {
    const w = `floor((ts::DOUBLE - ${binding.double(edges[0]!)}) / ${binding.double(width)})`;
    return `SELECT series, w, ${expression} FROM (SELECT series, ts, value, ${w} AS w FROM (${rows}) WHERE quality = 0) ${group}`;
  }
  const list = binding.list(listValue([...edges]), LIST(DOUBLE));
  const starts = `SELECT unnest(${list}) AS start, (generate_subscripts(${list}, 1) - 1)::DOUBLE AS w`;
  return (
    `SELECT series, w, ${expression} FROM (SELECT series, ts::DOUBLE AS ts, value FROM (${rows}) WHERE quality = 0) r ` +
    `ASOF JOIN (${starts}) e ON r.ts >= e.start ${group}`
  );
}

function uniformWidth(edges: Float64Array): number | null {
  const width = edges[1]! - edges[0]!;
  for (let i = 2; i < edges.length; i += 1) if (edges[i]! - edges[i - 1]! !== width) return null;
  return width;
}
