import type { DuckDBDataChunk } from '@duckdb/node-api';
import { metric } from '../../domain/catalogue/index.js';
import { CounterIncrements } from '../../domain/counter.js';
import type { WindowChunk, WindowQuery } from '../port.js';
import { columnOf } from './engine.js';
import { DAY_MS } from './manifest.js';
import { rowsInOrder, type Source } from './reader.js';
import { Binding, extent, scan } from './scan.js';

const GOOD = 'quality = 0';
/** Readings before the first window that set the counter's line: more than one, so that a glitch is no start. */
const LEAD_READINGS = 32;
/** A chunk is sent once it has this many windows. */
const CHUNK_WINDOWS = 8192;

/** Consumption per window, as `CounterIncrements` decides it over the good readings. */
export async function* deltaChunks(source: Source, query: WindowQuery): AsyncGenerator<WindowChunk, void, undefined> {
  const { edges } = query;
  const from = edges[0]!;
  const to = edges[edges.length - 1]!;
  for (const series of query.series) {
    const id = source.series.find(series);
    if (id === undefined) continue;
    const entry = source.series.entry(id)!;
    const counter = new CounterIncrements(metric(entry.domain, entry.metric) ?? {});
    const there = extent(source.view, { series: [id], from, to });
    if (there === null) continue;
    for (const [ts, value] of await lead(source, id, from)) counter.push(ts, value);

    let start: number[] = [];
    let value: number[] = [];
    let window = 0;
    let sum: number | null = null;
    const settle = () => {
      if (sum === null) return;
      start.push(edges[window]!);
      value.push(sum);
      sum = null;
    };
    const take = (rows: DuckDBDataChunk) => {
      const [times, values] = [columnOf<Float64Array>(rows, 0), columnOf<Float64Array>(rows, 1)];
      for (let i = 0; i < rows.rowCount; i += 1) {
        if (times[i]! >= edges[window + 1]!) {
          settle();
          while (times[i]! >= edges[window + 1]!) window += 1;
        }
        sum = (sum ?? 0) + counter.push(times[i]!, values[i]!).increment;
      }
    };
    const columns = { select: 'ts::DOUBLE, value', where: GOOD };
    for await (const _ of rowsInOrder(source, { series: [id], ...there }, columns, take)) {
      if (start.length < CHUNK_WINDOWS) continue;
      yield { series, start: Float64Array.from(start), value: Float64Array.from(value) };
      [start, value] = [[], []];
    }
    settle();
    if (start.length > 0) yield { series, start: Float64Array.from(start), value: Float64Array.from(value) };
  }
}

/** The last good readings before `before`, times rising; looks back over ever longer stretches until there is one. */
async function lead(source: Source, id: number, before: number): Promise<(readonly [number, number])[]> {
  const all = extent(source.view, { series: [id], from: Number.MIN_SAFE_INTEGER, to: before });
  if (all === null) return [];
  let to = all.to;
  for (let span = DAY_MS; to > all.from; span *= 8) {
    const from = Math.max(all.from, to - span);
    const binding = new Binding();
    const rows = scan(source.folder, source.view, { series: [id], from, to }, binding);
    const found: (readonly [number, number])[] = [];
    if (rows !== null) {
      const sql = `SELECT ts::DOUBLE, value FROM (${rows}) WHERE ${GOOD} ORDER BY ts DESC LIMIT ${LEAD_READINGS}`;
      for await (const chunk of source.engine.stream({ sql, ...binding })) {
        const [ts, value] = [columnOf<Float64Array>(chunk, 0), columnOf<Float64Array>(chunk, 1)];
        for (let i = 0; i < chunk.rowCount; i += 1) found.push([ts[i]!, value[i]!]);
      }
    }
    if (found.length > 0) return found.reverse();
    to = from;
  }
  return [];
}
