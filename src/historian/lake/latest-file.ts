import { join } from 'node:path';
import { columnOf, type Engine } from './engine.js';
import { LatestValues } from './latest.js';
import type { Ledger } from './ledger.js';
import type { LakeFile } from './manifest.js';
import { parquet } from './scan.js';
import type { FileWatch } from './watch.js';

export interface LatestFileParts {
  readonly folder: string;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly watch: FileWatch;
}

/** The latest values as of the last seal: from their own file, or else from the readings. */
export async function openLatest({ folder, engine, ledger, watch }: LatestFileParts): Promise<LatestValues> {
  const { latest } = ledger.manifest;
  const values = (latest === null ? undefined : await LatestValues.load(join(folder, latest))) ?? (await remade());
  const { files, keptFrom } = ledger.manifest;
  values.dropBefore(files.reduce((least, { minTs }) => Math.min(least, minTs), keptFrom));
  return values;

  async function remade(): Promise<LatestValues> {
    await watch.examine(ledger.manifest.files);
    const failed: LakeFile[] = [];
    const made = await rebuildLatest(engine, folder, ledger.manifest.files, (file) => failed.push(file));
    await watch.examine(failed);
    return made;
  }
}

/** The latest values by reading every file, for when their own file is lost. A file that cannot be read is handed to `failed`. */
async function rebuildLatest(
  engine: Engine,
  folder: string,
  files: readonly LakeFile[],
  failed: (file: LakeFile) => void,
): Promise<LatestValues> {
  const latest = new LatestValues();
  for (const file of files) {
    const sql =
      'SELECT series, max(ts)::DOUBLE, arg_max(value, ts), arg_max(flag, ts), arg_max(quality, ts), ' +
      `(arg_max(receipt, ts) + max(ts))::DOUBLE FROM ${parquet(folder, [file])} GROUP BY series`;
    try {
      for await (const chunk of engine.stream({ sql })) {
        const series = columnOf<Int32Array>(chunk, 0);
        const [ts, value] = [columnOf<Float64Array>(chunk, 1), columnOf<Float64Array>(chunk, 2)];
        const [flag, quality] = [columnOf<Uint8Array>(chunk, 3), columnOf<Uint8Array>(chunk, 4)];
        const receivedAt = columnOf<Float64Array>(chunk, 5);
        for (let i = 0; i < chunk.rowCount; i += 1) {
          latest.offer(series[i]!, ts[i]!, value[i]!, flag[i]!, quality[i]!, receivedAt[i]!);
        }
      }
    } catch {
      failed(file);
    }
  }
  return latest;
}
