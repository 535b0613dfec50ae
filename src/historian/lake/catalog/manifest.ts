import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DAY_MS } from '../../../model/time/duration.js';
import { LakeDamagedError, LakeTooNewError } from '../errors.js';
import { isMissing, replaceFile } from './files.js';

/** One immutable Parquet file: rows of one UTC day, each (series, ts) once, sorted by (series, ts). */
export interface LakeFile {
  /** Below the lake's folder. */
  readonly path: string;
  /** Start of the UTC day, epoch milliseconds. */
  readonly day: number;
  readonly rows: number;
  readonly bytes: number;
  /** CRC-32 of the bytes; of a file from before it was kept, once it has been looked at. */
  readonly crc?: number;
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

/** A file whose rows cannot be read: it is missing or damaged. Once it is back as it was it counts again. */
export interface LostFile extends LakeFile {
  readonly reason: string;
}

/** The commit point of the lake: what it does not list does not exist. */
export interface Manifest {
  readonly version: 1;
  readonly generation: number;
  readonly sealedSeq: number;
  /** Entries the series dictionary had: the files refer to no others. */
  readonly series: number;
  /** The part of the dictionary's file that says so. */
  readonly dictionary?: { readonly bytes: number; readonly crc: number };
  /** File of the latest values as of `sealedSeq`. */
  readonly latest: string | null;
  /** Days before this were deleted. */
  readonly keptFrom: number;
  readonly files: readonly LakeFile[];
  /** Files whose rows are in others or were deleted, and that may still lie about: nothing is lost with them. */
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
/** The same once more: one of the two is whole, whatever happens to the other. */
const COPY = 'manifest.copy.json';

type Kept = Manifest & { readonly crc?: number };

/**
 * The one in force, or its copy where that is missing or damaged: a copy is at most one change behind, and nothing that
 * it lists was deleted before it was written. Null when there is neither; `problem`: what was wrong with the first.
 * @throws LakeDamagedError when none can be read
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
  return { manifest: copy, problem: copy === null ? null : `${problem}; its copy is used` };
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
    throw new LakeDamagedError(`${name} of the lake is damaged: it is not what was written`);
  }
  return { ...manifest, files: [...manifest.files].sort(byDayAndArrival) };
}

/** Durable when it resolves; until then there is the old one or the new one. */
export async function saveManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = JSON.stringify({ ...manifest, crc: crc32(JSON.stringify(manifest)) });
  await replaceFile(join(folder, NAME), text);
  await replaceFile(join(folder, COPY), text);
}

/** Days rising; within one, the file that wins comes later. */
export function byDayAndArrival(a: LakeFile, b: LakeFile): number {
  return a.day - b.day || a.seqTo - b.seqTo || a.minSeries - b.minSeries;
}

export const dayOf = (ts: number) => Math.floor(ts / DAY_MS) * DAY_MS;
export const dayName = (day: number) => `day=${new Date(day).toISOString().slice(0, 10)}`;
