import { join } from 'node:path';
import { MAX_AHEAD_MS } from '../../../model/time/trust.js';
import type { FileWatch } from '../catalog/file-watch.js';
import type { Ledger } from '../catalog/ledger.js';
import type { LakeFile } from '../catalog/manifest.js';
import { columnOf, type Engine } from '../engine.js';
import { LatestValues } from './latest-values.js';
import { parquet } from './scan.js';

interface LatestFileParts {
  readonly folder: string;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly watch: FileWatch;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The latest values as of the last seal: from their own file, or else from the readings. */
export async function openLatest({ folder, engine, ledger, watch, now }: LatestFileParts): Promise<LatestValues> {
  const { latest } = ledger.manifest;
  const values = (latest === null ? undefined : await LatestValues.load(join(folder, latest))) ?? (await remade());
  const { files, keptFrom } = ledger.manifest;
  values.dropBefore(files.reduce((least, { minTs }) => Math.min(least, minTs), keptFrom));
  return values;

  async function remade(): Promise<LatestValues> {
    await watch.examine(ledger.manifest.files);
    const failed: LakeFile[] = [];
    const made = await rebuildLatest(engine, folder, ledger.manifest.files, now, (file) => failed.push(file));
    await watch.examine(failed);
    return made;
  }
}

/**
 * The latest values by reading every file, for when their own file is lost; those of the future only of series that have
 * no others, for files are in no order of arrival. A file that cannot be read is handed to `failed`.
 */
async function rebuildLatest(
  engine: Engine,
  folder: string,
  files: readonly LakeFile[],
  now: number,
  failed: (file: LakeFile) => void,
): Promise<LatestValues> {
  const latest = new LatestValues();
  const offer = async (file: LakeFile, where: string, isWanted: (series: number) => boolean) => {
    try {
      await offerNewest(engine, `${parquet(folder, [file])} WHERE ${where}`, latest, isWanted);
    } catch {
      failed(file);
    }
  };
  for (const file of files) await offer(file, `ts <= ${now + MAX_AHEAD_MS}`, () => true);
  const known = new Set(Array.from({ length: latest.size }, (_, series) => series).filter((one) => latest.has(one)));
  const ahead = files.filter(({ maxTs }) => maxTs > now + MAX_AHEAD_MS);
  for (const file of ahead) await offer(file, `ts > ${now + MAX_AHEAD_MS}`, (series) => !known.has(series));
  return latest;
}

async function offerNewest(
  engine: Engine,
  source: string,
  into: LatestValues,
  isWanted: (series: number) => boolean,
): Promise<void> {
  const sql =
    'SELECT series, max(ts)::DOUBLE, arg_max(value, ts), arg_max(flag, ts), arg_max(quality, ts), ' +
    `(arg_max(receipt, ts) + max(ts))::DOUBLE FROM ${source} GROUP BY series`;
  for await (const chunk of engine.stream({ sql })) {
    const series = columnOf<Int32Array>(chunk, 0);
    const [ts, value] = [columnOf<Float64Array>(chunk, 1), columnOf<Float64Array>(chunk, 2)];
    const [flag, quality] = [columnOf<Uint8Array>(chunk, 3), columnOf<Uint8Array>(chunk, 4)];
    const receivedAt = columnOf<Float64Array>(chunk, 5);
    for (let i = 0; i < chunk.rowCount; i += 1) {
      const id = series[i]!;
      if (!isWanted(id) || (into.has(id) && ts[i]! < into.ts[id]!)) continue;
      into.offer(id, ts[i]!, value[i]!, flag[i]!, quality[i]!, receivedAt[i]!);
    }
  }
}
