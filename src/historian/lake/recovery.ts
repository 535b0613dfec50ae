import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_AHEAD_MS } from '../../domain/time-trust.js';
import { columnOf, type Engine } from './engine.js';
import { LakeDamaged } from './errors.js';
import { isMissing } from './files.js';
import { LatestValues } from './latest.js';
import type { LakeFile, Manifest } from './manifest.js';
import { parquet } from './scan.js';
import { TEMPORARY } from './write.js';

/**
 * Removes what a crash left half done: every file the manifest does not list.
 * @throws LakeDamaged when a file it lists is missing or has another size
 */
export async function sweep(folder: string, manifest: Manifest): Promise<void> {
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  for (const day of await entries(join(folder, 'readings'))) {
    for (const name of await entries(join(folder, 'readings', day))) {
      const path = join('readings', day, name);
      const file = listed.get(path);
      if (file === undefined) await rm(join(folder, path), { recursive: true, force: true });
      else await check(folder, file);
      listed.delete(path);
    }
  }
  for (const path of listed.keys()) throw new LakeDamaged(`${path} of the lake is missing`);
  await rm(join(folder, TEMPORARY), { recursive: true, force: true });
  for (const name of await entries(folder)) {
    const stale = name.endsWith('.tmp') || (name.startsWith('latest-') && name !== manifest.latest);
    if (stale) await rm(join(folder, name), { force: true });
  }
}

async function check(folder: string, file: LakeFile): Promise<void> {
  const { size } = await stat(join(folder, file.path));
  if (size !== file.bytes) {
    throw new LakeDamaged(`${file.path} of the lake has ${size} bytes, its manifest says ${file.bytes}`);
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * The latest values by reading every file, for when their own file is lost; those of the future only of series that have
 * no others. Files are in no order of arrival.
 */
export async function rebuildLatest(
  engine: Engine,
  folder: string,
  files: readonly LakeFile[],
  now: number,
): Promise<LatestValues> {
  const latest = new LatestValues();
  for (const file of files) await newestOf(engine, folder, file, `ts <= ${now + MAX_AHEAD_MS}`, latest, () => true);
  const known = new Set(Array.from({ length: latest.size }, (_, series) => series).filter((one) => latest.has(one)));
  const isMissing = (series: number) => !known.has(series);
  for (const file of files) await newestOf(engine, folder, file, `ts > ${now + MAX_AHEAD_MS}`, latest, isMissing);
  return latest;
}

async function newestOf(
  engine: Engine,
  folder: string,
  file: LakeFile,
  where: string,
  into: LatestValues,
  wanted: (series: number) => boolean,
): Promise<void> {
  const sql =
    'SELECT series, max(ts)::DOUBLE, arg_max(value, ts), arg_max(flag, ts), arg_max(quality, ts), ' +
    `(arg_max(receipt, ts) + max(ts))::DOUBLE FROM ${parquet(folder, [file])} WHERE ${where} GROUP BY series`;
  for await (const chunk of engine.stream({ sql })) {
    const series = columnOf<Int32Array>(chunk, 0);
    const [ts, value] = [columnOf<Float64Array>(chunk, 1), columnOf<Float64Array>(chunk, 2)];
    const [flag, quality] = [columnOf<Uint8Array>(chunk, 3), columnOf<Uint8Array>(chunk, 4)];
    const receivedAt = columnOf<Float64Array>(chunk, 5);
    for (let i = 0; i < chunk.rowCount; i += 1) {
      const id = series[i]!;
      if (!wanted(id) || (into.has(id) && ts[i]! < into.ts[id]!)) continue;
      into.offer(id, ts[i]!, value[i]!, flag[i]!, quality[i]!, receivedAt[i]!);
    }
  }
}
