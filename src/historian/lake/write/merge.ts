import type { LakeFile } from '../catalog/manifest.js';
import { columnOf, type Engine } from '../engine.js';
import { type Compaction, rowsPerFile, seriesRanges, sharedStretches } from '../maintain/compaction.js';
import { parquet } from '../read/scan.js';
import { removeFiles, writeFile } from './write-file.js';

/** Merges the inputs into files cut by series, of at most about `maxRows` rows; of one (series, ts) the latest arrival stays. */
export async function mergeFiles(
  engine: Engine,
  folder: string,
  { day, inputs }: Compaction,
  name: string,
  maxRows: number,
  now: number,
): Promise<LakeFile[]> {
  const range = {
    day,
    seqFrom: Math.min(...inputs.map((file) => file.seqFrom)),
    seqTo: Math.max(...inputs.map((file) => file.seqTo)),
    sealedAt: now,
  };
  const made: LakeFile[] = [];
  try {
    const total = inputs.reduce((sum, file) => sum + file.rows, 0);
    const ranges = seriesRanges(await rowsPerSeries(engine, folder, inputs), rowsPerFile(total, maxRows));
    for (const [part, [from, to]] of ranges.entries()) {
      const sources = inputs.filter((file) => file.minSeries <= to && file.maxSeries >= from);
      const rows = merged(folder, sources, `series BETWEEN ${from} AND ${to}`);
      const file = await writeFile(engine, folder, rows, `${name}-${part}`, range, 'compact');
      if (file !== null) made.push(file);
    }
    return made;
  } catch (error) {
    await removeFiles(folder, made).catch(() => undefined);
    throw error;
  }
}

/** Only rows in stretches that several files share can be twice: the rest is spared the check. */
function merged(folder: string, sources: readonly LakeFile[], where: string): string {
  const columns = 'series, ts, value, flag, quality, receipt';
  const zones = sharedStretches(sources).map(([from, to]) => `ts BETWEEN ${from} AND ${to}`);
  const all = `SELECT ${columns} FROM ${parquet(folder, sources)} WHERE ${where}`;
  if (zones.length === 0) return all;
  const shared = `(${zones.join(' OR ')})`;
  const ranked = sources.map(
    (file) => `SELECT *, ${file.seqTo} AS rank FROM ${parquet(folder, [file])} WHERE ${where} AND ${shared}`,
  );
  return (
    `SELECT ${columns} FROM (${all} AND NOT ${shared} UNION ALL SELECT ${columns} FROM (${ranked.join(' UNION ALL ')}) ` +
    'QUALIFY row_number() OVER (PARTITION BY series, ts ORDER BY rank DESC) = 1)'
  );
}

async function rowsPerSeries(
  engine: Engine,
  folder: string,
  inputs: readonly LakeFile[],
): Promise<(readonly [number, number])[]> {
  const counts: [number, number][] = [];
  const sql = `SELECT series, count(*)::DOUBLE FROM ${parquet(folder, inputs)} GROUP BY series ORDER BY series`;
  for await (const chunk of engine.stream({ sql })) {
    const series = columnOf<Int32Array>(chunk, 0);
    const rows = columnOf<Float64Array>(chunk, 1);
    for (let i = 0; i < chunk.rowCount; i += 1) counts.push([series[i]!, rows[i]!]);
  }
  return counts;
}
