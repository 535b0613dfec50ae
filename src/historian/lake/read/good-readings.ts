import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { SeriesKey } from '../../port/queries.js';
import type { GoodReadings, RollupSource } from '../../rollup/port.js';
import type { View } from '../catalog/view.js';
import { columnOf, runsOf } from '../engine.js';
import { idsOf, inGroups, rising, rowsInOrder } from './reader.js';
import { extent, type Source, select } from './scan.js';

const GOOD = 'quality = 0';

/** The good readings of one view. */
export function lakeGoodReadings(source: Source): RollupSource {
  return {
    goodReadings: (series, from, to) =>
      inGroups(
        source,
        series === 'all' ? all(source) : idsOf(source, series),
        { from, to },
        (id) => ofOne(source, id, from, to),
        (ids) => ofSeveral(source, ids, from, to),
      ),
    oldest: async () => oldestIn(source.view),
  };
}

/** Time of the oldest reading of any quality; null without readings. */
export function oldestIn(view: View): number | null {
  let oldest = Number.POSITIVE_INFINITY;
  for (const file of view.files) oldest = Math.min(oldest, file.minTs);
  for (const table of view.hot) for (const day of table.days.values()) oldest = Math.min(oldest, day.minTs);
  return Number.isFinite(oldest) ? oldest : null;
}

const all = ({ series }: Source) => Array.from({ length: series.size }, (_, id) => id);

async function* ofOne(source: Source, id: number, from: number, to: number): AsyncGenerator<GoodReadings> {
  const there = extent(source.view, { series: [id], from, to });
  if (there === null) return;
  const rows = new Rows();
  const append = (chunk: DuckDBDataChunk) => rows.append(chunk, 0, 0, chunk.rowCount);
  for await (const _ of rowsInOrder(source, there, { columns: 'ts::DOUBLE, value', where: GOOD }, append)) {
    if (rows.count > 0) yield rows.handOver(source.series.entry(id)!);
  }
}

async function ofSeveral(source: Source, ids: readonly number[], from: number, to: number): Promise<GoodReadings[]> {
  const bySeries = new Map(ids.map((id) => [id, new Rows()]));
  const sqlOf = (rows: string) => `SELECT series, ts::DOUBLE, value FROM (${rows}) WHERE ${GOOD} ORDER BY series, ts`;
  for await (const chunk of select(source, { series: rising(ids), from, to }, sqlOf)) {
    for (const [id, start, end] of runsOf(chunk)) bySeries.get(id)!.append(chunk, 1, start, end);
  }
  return ids.flatMap((id) => {
    const rows = bySeries.get(id)!;
    return rows.count === 0 ? [] : [rows.handOver(source.series.entry(id)!)];
  });
}

/** Copies times and values out of DuckDB's short-lived chunks. */
class Rows {
  count = 0;
  private parts: [ts: Float64Array, value: Float64Array][] = [];

  /** @param column index of the times; the values are in the next column */
  append(chunk: DuckDBDataChunk, column: number, from: number, to: number): void {
    const [ts, value] = [columnOf<Float64Array>(chunk, column), columnOf<Float64Array>(chunk, column + 1)];
    this.parts.push([ts.slice(from, to), value.slice(from, to)]);
    this.count += to - from;
  }

  handOver({ device, metric }: SeriesKey): GoodReadings {
    const [ts, value] = [new Float64Array(this.count), new Float64Array(this.count)];
    let at = 0;
    for (const [times, values] of this.parts) {
      ts.set(times, at);
      value.set(values, at);
      at += times.length;
    }
    [this.parts, this.count] = [[], 0];
    return { series: { device, metric }, ts, value };
  }
}
