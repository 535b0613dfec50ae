import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checksum, makeFolder, syncFile, syncFolder } from '../catalog/files.js';
import { dayName, type LakeFile } from '../catalog/manifest.js';
import { type Engine, literal } from '../engine.js';

/**
 * Measured on noisy readings: smaller row groups cost bytes, larger ones cost time to read one series; a dictionary of
 * thousands of times or values is larger than what zstd makes of them plain; Bloom filters would add a sixth, and the
 * order by series makes them useless.
 */
const FORMAT =
  'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 24576, DICTIONARY_SIZE_LIMIT 1000, WRITE_BLOOM_FILTER false';
/** Where files are written before they get their name; emptied at open. */
export const TEMPORARY = 'tmp';

/** Compaction has the time that sealing has not: a higher level takes about 4 % off. */
const LEVELS = { seal: 3, compact: 6 };

export type FileRange = Pick<LakeFile, 'day' | 'seqFrom' | 'seqTo' | 'sealedAt'>;

/** What becomes one file. */
interface FileContent {
  /** A relation with the six columns, each (series, ts) once. */
  readonly rows: string;
  readonly name: string;
  readonly range: FileRange;
}

/** Writes each as one immutable file of the lake, all of them or none; those without a row are left out. */
export async function writeFiles(
  engine: Engine,
  folder: string,
  contents: readonly FileContent[],
  purpose: keyof typeof LEVELS,
): Promise<LakeFile[]> {
  const files: LakeFile[] = [];
  try {
    for (const content of contents) {
      const file = await writeFile(engine, folder, content, purpose);
      if (file !== null) files.push(file);
    }
    return files;
  } catch (error) {
    await removeFiles(folder, files).catch(() => undefined);
    throw error;
  }
}

async function writeFile(
  engine: Engine,
  folder: string,
  { rows, name, range }: FileContent,
  purpose: keyof typeof LEVELS,
): Promise<LakeFile | null> {
  const path = join('readings', dayName(range.day), `${name}.parquet`);
  const temporary = join(folder, TEMPORARY, `${range.day}-${name}.parquet`);
  const target = join(folder, path);
  await mkdir(dirname(temporary), { recursive: true });
  try {
    const format = `${FORMAT}, COMPRESSION_LEVEL ${LEVELS[purpose]}`;
    await engine.work(`COPY (${rows} ORDER BY series, ts) TO ${literal(temporary)} (${format})`);
    const [count, minTs, maxTs, minSeries, maxSeries] = await engine.first({
      sql: `SELECT count(*), min(ts), max(ts), min(series), max(series) FROM read_parquet(${literal(temporary)})`,
    });
    if (!count) {
      await rm(temporary, { force: true });
      return null;
    }
    await syncFile(temporary);
    const { size } = await stat(temporary);
    const crc = await checksum(temporary);
    await makeFolder(dirname(dirname(target)));
    await makeFolder(dirname(target));
    await rename(temporary, target);
    await syncFolder(dirname(target));
    const span = { minTs: minTs!, maxTs: maxTs!, minSeries: minSeries!, maxSeries: maxSeries! };
    return { path, rows: count, bytes: size, crc, ...span, ...range };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Removes files of the lake; a folder stays, it may get new ones. @throws once all were tried, when one cannot be */
export async function removeFiles(folder: string, files: readonly Pick<LakeFile, 'path'>[]): Promise<void> {
  const failed: unknown[] = [];
  for (const file of files) await rm(join(folder, file.path), { force: true }).catch((error) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}
