import { columnOf } from '../engine.js';
import type { Source } from './reader.js';
import { Binding, countPerSeries, type ScanRange } from './scan.js';

/** Rows one statement over several series gives, about: what is held of them at once. */
const PIECE_ROWS = 131_072;

/** At least as many rows as there are of each series in the range; series without any are absent. */
export async function rowsPerSeries(source: Source, range: ScanRange): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  const binding = new Binding();
  const sql = countPerSeries(source.folder, source.view, range, binding);
  if (sql === null) return found;
  for await (const chunk of source.stream({ sql, ...binding })) {
    const [series, rows] = [columnOf<Int32Array>(chunk, 0), columnOf<Float64Array>(chunk, 1)];
    for (let i = 0; i < chunk.rowCount; i += 1) found.set(series[i]!, rows[i]!);
  }
  return found;
}

/** Runs of series that one statement reads: those with many rows come alone, those with none not at all. */
export function* seriesGroups(ids: readonly number[], rows: ReadonlyMap<number, number>): Generator<readonly number[]> {
  let group: number[] = [];
  let inGroup = 0;
  for (const id of ids) {
    const count = rows.get(id);
    if (count === undefined) continue;
    if (group.length > 0 && inGroup + count > PIECE_ROWS) {
      yield group;
      [group, inGroup] = [[], 0];
    }
    group.push(id);
    inGroup += count;
  }
  if (group.length > 0) yield group;
}

export const rising = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);
