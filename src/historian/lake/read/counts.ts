import { DAY_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import { dayOf } from '../catalog/manifest.js';
import { pairsOf } from '../engine.js';
import { idsOf, rising } from './reader.js';
import { extent, rowsWithin, type ScanRange, type Source, select } from './scan.js';

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
