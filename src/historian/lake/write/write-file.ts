import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checksum, syncFile } from '../catalog/files.js';
import type { LakeFile } from '../catalog/manifest.js';
import { type Engine, literal } from '../engine.js';
import type { DayFolders } from './day-folders.js';

/**
 * Measured on noisy readings: smaller row groups need more bytes, larger ones more time to read one series. A
 * dictionary of thousands of times or values is larger than plain values under zstd. Bloom filters would add a sixth
 * and are useless because rows are sorted by series.
 */
const FORMAT =
  'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 24576, DICTIONARY_SIZE_LIMIT 1000, WRITE_BLOOM_FILTER false';
/** Folder of files that have no final name yet; emptied at open. */
export const TEMPORARY = 'tmp';

/** Compaction has more time than a seal: the higher level saves about 4 %. */
const LEVELS = { seal: 3, compact: 6 };

export type FileRange = Pick<LakeFile, 'day' | 'seqFrom' | 'seqTo' | 'sealedAt'>;

/** Where files are written. */
export interface WritePlace {
  readonly folder: string;
  readonly engine: Engine;
  readonly days: DayFolders;
}

/** Content of one file. */
interface FileContent {
  /** A relation with the six columns, each (series, ts) once. */
  readonly rows: string;
  readonly name: string;
  readonly range: FileRange;
}

/** Writes each content as one immutable file, all or none; leaves out those without rows. */
export async function writeFiles(
  place: WritePlace,
  contents: readonly FileContent[],
  purpose: keyof typeof LEVELS,
): Promise<LakeFile[]> {
  const files: LakeFile[] = [];
  try {
    for (const content of contents) {
      const file = await writeFile(place, content, purpose);
      if (file !== null) files.push(file);
    }
    return files;
  } catch (error) {
    await removeFiles(place.folder, files).catch(() => undefined);
    throw error;
  }
}

async function writeFile(
  { engine, folder, days }: WritePlace,
  { rows, name, range }: FileContent,
  purpose: keyof typeof LEVELS,
): Promise<LakeFile | null> {
  const temporary = join(folder, TEMPORARY, `${range.day}-${name}.parquet`);
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
    const path = await days.moveIn(temporary, range.day, `${name}.parquet`);
    const span = { minTs: minTs!, maxTs: maxTs!, minSeries: minSeries!, maxSeries: maxSeries! };
    return { path, rows: count, bytes: size, crc, ...span, ...range };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Removes files of the lake but keeps folders, which may get new ones. @throws after all tries, if one failed */
export async function removeFiles(folder: string, files: readonly Pick<LakeFile, 'path'>[]): Promise<void> {
  const failed: unknown[] = [];
  for (const file of files) await rm(join(folder, file.path), { force: true }).catch((error) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}
