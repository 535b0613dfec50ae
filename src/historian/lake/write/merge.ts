import type { LakeFile } from '../catalog/manifest.js';
import { pairsOf } from '../engine.js';
import { type Compaction, rowsPerFile, seriesRanges, sharedStretches } from '../maintain/compaction.js';
import { parquet } from '../read/scan.js';
import { type WritePlace, writeFiles } from './write-file.js';

/** Merges files into files cut by series, of at most about `maxRows` rows; the latest receipt of (series, ts) stays. */
export async function mergeFiles(
  place: WritePlace,
  { day, inputs }: Compaction,
  name: string,
  maxRows: number,
  now: number,
): Promise<LakeFile[]> {
  const { folder, engine } = place;
  const range = {
    day,
    seqFrom: Math.min(...inputs.map((file) => file.seqFrom)),
    seqTo: Math.max(...inputs.map((file) => file.seqTo)),
    sealedAt: now,
  };
  const total = inputs.reduce((sum, file) => sum + file.rows, 0);
  const sql = `SELECT series, count(*)::DOUBLE FROM ${parquet(folder, inputs)} GROUP BY series ORDER BY series`;
  const counts: (readonly [number, number])[] = [];
  for await (const count of pairsOf(engine.stream({ sql }))) counts.push(count);
  const contents = seriesRanges(counts, rowsPerFile(total, maxRows)).map(([from, to], part) => {
    const sources = inputs.filter((file) => file.minSeries <= to && file.maxSeries >= from);
    return { rows: merged(folder, sources, `series BETWEEN ${from} AND ${to}`), name: `${name}-${part}`, range };
  });
  return writeFiles(place, contents, 'compact');
}

/** Only spans that several files share can hold duplicates; the other rows need no check. */
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
