import type { SeriesKey } from '../port.js';
import { columnOf } from './engine.js';
import type { Source } from './reader.js';
import { Binding, extent, pieces, scan } from './scan.js';

/** Days one statement counts at most, and series. */
const COUNT_DAYS = 31;
const SERIES_AT_ONCE = 64;

/** Readings with `from <= ts < to`, whatever their quality, of each series in the order asked. */
export async function countReadings(
  source: Source,
  keys: readonly SeriesKey[],
  from: number,
  to: number,
): Promise<number[]> {
  const ids = [...new Set(keys.flatMap((key) => source.series.find(key) ?? []))].sort((a, b) => a - b);
  const counts = new Map<number, number>();
  for (let i = 0; i < ids.length; i += SERIES_AT_ONCE) {
    const range = { series: ids.slice(i, i + SERIES_AT_ONCE), from, to };
    const there = extent(source.view, range);
    for (const piece of there === null ? [] : pieces(there.from, there.to, COUNT_DAYS)) {
      const binding = new Binding();
      const rows = scan(source.folder, source.view, { ...range, ...piece }, binding);
      if (rows === null) continue;
      const sql = `SELECT series, count(*)::DOUBLE FROM (${rows}) GROUP BY series`;
      for await (const chunk of source.stream({ sql, ...binding })) {
        const [series, count] = [columnOf<Int32Array>(chunk, 0), columnOf<Float64Array>(chunk, 1)];
        for (let k = 0; k < chunk.rowCount; k += 1) counts.set(series[k]!, (counts.get(series[k]!) ?? 0) + count[k]!);
      }
    }
  }
  return keys.map((key) => {
    const id = source.series.find(key);
    return id === undefined ? 0 : (counts.get(id) ?? 0);
  });
}
