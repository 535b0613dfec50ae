import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DAY_MS } from '../../../model/time/duration.js';
import { LakeDamagedError, LakeTooNewError } from '../errors.js';
import { isMissing, replaceFile } from './files.js';

/** One immutable Parquet file: rows of one UTC day, each (series, ts) once, sorted by (series, ts). */
export interface LakeFile {
  /** Relative to the lake's folder. */
  readonly path: string;
  /** Start of the UTC day, epoch milliseconds. */
  readonly day: number;
  readonly rows: number;
  readonly bytes: number;
  /** CRC-32 of the file; older versions stored none, and the first check adds it. */
  readonly crc?: number;
  readonly minTs: number;
  readonly maxTs: number;
  readonly minSeries: number;
  readonly maxSeries: number;
  /** Journal batches in the file; if two files have the same (series, ts), the row of the higher `seqTo` counts. */
  readonly seqFrom: number;
  readonly seqTo: number;
  /** When the seal or compaction wrote it, epoch milliseconds. */
  readonly sealedAt: number;
}

/** A missing or damaged file. It counts again as soon as it is back unchanged. */
export interface LostFile extends LakeFile {
  readonly reason: string;
}

/** The commit point of the lake: a file that it does not list does not count. */
export interface Manifest {
  readonly version: 1;
  readonly generation: number;
  readonly sealedSeq: number;
  /** Number of dictionary entries; the files use no higher series number. */
  readonly series: number;
  /** Length and checksum of the dictionary file with these entries. */
  readonly dictionary?: { readonly bytes: number; readonly crc: number };
  /** File of the latest values as of `sealedSeq`. */
  readonly latest: string | null;
  /** Retention dropped all days before this time. */
  readonly keptFrom: number;
  readonly files: readonly LakeFile[];
  /** Files that were merged or dropped and may still be on disk; deleting them loses nothing. */
  readonly retired?: readonly string[];
  readonly lost?: readonly LostFile[];
}

export const NEW_MANIFEST: Manifest = {
  version: 1,
  generation: 0,
  sealedSeq: 0,
  series: 0,
  latest: null,
  keptFrom: Number.MIN_SAFE_INTEGER,
  files: [],
};
const NAME = 'manifest.json';
/** A second copy: a crash or disk error damages at most one of the two. */
const COPY = 'manifest.copy.json';

type Kept = Manifest & { readonly crc?: number };

/**
 * Loads the manifest, or its copy if it is missing or damaged. The copy is at most one change behind, and files that it
 * lists are deleted only after it is rewritten. Null if neither exists; `problem` says what was wrong with the first.
 * @throws LakeDamagedError when neither can be read
 */
export async function loadManifest(folder: string): Promise<{ manifest: Manifest | null; problem: string | null }> {
  let problem: string;
  try {
    const manifest = await readManifest(folder, NAME);
    if (manifest !== null) return { manifest, problem: null };
    problem = `${NAME} of the lake is missing`;
  } catch (error) {
    if (!(error instanceof LakeDamagedError) || error instanceof LakeTooNewError) throw error;
    const copy = await readManifest(folder, COPY).catch(() => null);
    if (copy === null) throw error;
    problem = error.message;
  }
  const copy = await readManifest(folder, COPY);
  return { manifest: copy, problem: copy === null ? null : `${problem}; the lake uses its copy` };
}

async function readManifest(folder: string, name: string): Promise<Manifest | null> {
  let text: string;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  let kept: Kept;
  try {
    kept = JSON.parse(text) as Kept;
  } catch (cause) {
    throw new LakeDamagedError(`${name} of the lake is not JSON`, { cause });
  }
  if (kept?.version !== 1) {
    throw new LakeTooNewError(`${name} of the lake has version ${String(kept?.version)}, this service knows 1`);
  }
  const { crc, ...manifest } = kept;
  if (!Array.isArray(manifest.files) || (crc !== undefined && crc !== crc32(JSON.stringify(manifest)))) {
    throw new LakeDamagedError(`${name} of the lake is damaged: its list of files or its checksum is wrong`);
  }
  return { ...manifest, files: [...manifest.files].sort(byDayAndArrival) };
}

/** Durable when it resolves; a crash before leaves the old or the new one. */
export async function saveManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = JSON.stringify({ ...manifest, crc: crc32(JSON.stringify(manifest)) });
  await replaceFile(join(folder, NAME), text);
  await replaceFile(join(folder, COPY), text);
}

/** Days rise; within a day the file whose rows win comes later. */
export function byDayAndArrival(a: LakeFile, b: LakeFile): number {
  return a.day - b.day || a.seqTo - b.seqTo || a.minSeries - b.minSeries;
}

export const dayOf = (ts: number) => Math.floor(ts / DAY_MS) * DAY_MS;
export const dayName = (day: number) => `day=${new Date(day).toISOString().slice(0, 10)}`;
