import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeDamaged } from './errors.js';
import { isMissing, replaceFile } from './files.js';

export const DAY_MS = 86_400_000;

/** One immutable Parquet file: rows of one UTC day, each (series, ts) once, sorted by (series, ts). */
export interface LakeFile {
  /** Below the lake's folder. */
  readonly path: string;
  /** Start of the UTC day, epoch milliseconds. */
  readonly day: number;
  readonly rows: number;
  readonly bytes: number;
  readonly minTs: number;
  readonly maxTs: number;
  readonly minSeries: number;
  readonly maxSeries: number;
  /** Journal batches it came from; of two files with one (series, ts), that with the higher `seqTo` holds what counts. */
  readonly seqFrom: number;
  readonly seqTo: number;
  /** Epoch milliseconds of the seal or compaction. */
  readonly sealedAt: number;
}

/** The commit point of the lake: what it does not list does not exist. */
export interface Manifest {
  readonly version: 1;
  readonly generation: number;
  readonly sealedSeq: number;
  /** Entries the series dictionary had: the files refer to no others. */
  readonly series: number;
  /** File of the latest values as of `sealedSeq`. */
  readonly latest: string | null;
  /** Days before this were deleted. */
  readonly keptFrom: number;
  readonly files: readonly LakeFile[];
}

const EMPTY: Manifest = {
  version: 1,
  generation: 0,
  sealedSeq: 0,
  series: 0,
  latest: null,
  keptFrom: Number.MIN_SAFE_INTEGER,
  files: [],
};
const NAME = 'manifest.json';

/** @throws LakeDamaged when there is one that cannot be read */
export async function loadManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, NAME), 'utf8');
  } catch (error) {
    if (isMissing(error)) return EMPTY;
    throw error;
  }
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text) as Manifest;
  } catch (cause) {
    throw new LakeDamaged(`${NAME} of the lake is not JSON`, { cause });
  }
  if (manifest.version !== 1 || !Array.isArray(manifest.files)) {
    throw new LakeDamaged(`${NAME} of the lake has version ${String(manifest.version)}, this service knows 1`);
  }
  return { ...manifest, files: [...manifest.files].sort(byDayAndArrival) };
}

export function saveManifest(folder: string, manifest: Manifest): Promise<void> {
  return replaceFile(join(folder, NAME), JSON.stringify(manifest));
}

/** Days rising; within one, the file that wins comes later. */
export function byDayAndArrival(a: LakeFile, b: LakeFile): number {
  return a.day - b.day || a.seqTo - b.seqTo || a.minSeries - b.minSeries;
}

export const dayOf = (ts: number) => Math.floor(ts / DAY_MS) * DAY_MS;
export const dayName = (day: number) => `day=${new Date(day).toISOString().slice(0, 10)}`;
