import type { SeriesKey } from '../../port/queries.js';
import { DAY_MS, dayOf } from '../catalog/manifest.js';
import { columnOf } from '../engine.js';
import type { Source } from './reader.js';
import { Binding, extent, rowsWithin, type ScanRange, scan } from './scan.js';
import { rising } from './series-groups.js';

/** Rows that one statement looks at, about: what it has to hold to find those that are there twice. */
const ROWS_AT_ONCE = 500_000;

/**
 * Readings with `from <= ts < to`, whatever their quality, of each series in the order asked; a day at a time. Ends
 * early, with what it has, once that is more than `enough`.
 */
export async function countReadings(
  source: Source,
  keys: readonly SeriesKey[],
  from: number,
  to: number,
  enough = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const ids = rising([...new Set(keys.flatMap((key) => source.series.find(key) ?? []))]);
  const counts = new Map<number, number>();
  const there = ids.length === 0 ? null : extent(source.view, { series: ids, from, to });
  for (let start = there?.from ?? to; there !== null && start < there.to; ) {
    const end = Math.min(there.to, dayOf(start) + DAY_MS);
    await countDay(source, { series: ids, from: start, to: end }, counts);
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
    const binding = new Binding();
    const rows = scan(source.folder, source.view, { ...day, series: day.series.slice(i, i + size) }, binding);
    if (rows === null) continue;
    const sql = `SELECT series, count(*)::DOUBLE FROM (${rows}) GROUP BY series`;
    for await (const chunk of source.stream({ sql, ...binding })) {
      const [series, count] = [columnOf<Int32Array>(chunk, 0), columnOf<Float64Array>(chunk, 1)];
      for (let k = 0; k < chunk.rowCount; k += 1) counts.set(series[k]!, (counts.get(series[k]!) ?? 0) + count[k]!);
    }
  }
}
