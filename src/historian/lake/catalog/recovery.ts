import type { Dirent } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeDamagedError, LakeTooNewError } from '../errors.js';
import { TEMPORARY } from '../write/write-file.js';
import { freeName, SET_ASIDE, setAside } from './damage.js';
import { checksum, entries, exists, makeFolders, syncFolder } from './files.js';
import { type LakeFile, type LostFile, loadManifest, type Manifest, NEW_MANIFEST } from './manifest.js';

/** An operator puts this file into the lake's folder to open a damaged lake without the parts that cannot be opened. */
const ACCEPTED = 'accept-loss';

/** Bounds of the journal that the lake has to match. */
export interface JournalBounds {
  /** The journal no longer has the batches up to here: only the lake can. */
  readonly trimmedSeq: number;
  readonly head: number;
}

export interface Opened {
  readonly manifest: Manifest;
  /** No manifest exists yet; the caller has to write one first. */
  readonly fresh: boolean;
  readonly problem: string | null;
}

/** Opens a lake on its manifest, or on the rest of it if that fails and the operator accepts the loss. */
export async function openWith<T>(
  folder: string,
  journal: JournalBounds | null,
  open: (opened: Opened) => Promise<T>,
): Promise<T> {
  let lake: T;
  try {
    lake = await open(await openManifest(folder, journal));
  } catch (error) {
    const rest = await giveUp(folder, error, journal);
    if (rest === null) throw orGiveUp(error);
    lake = await open(rest);
  }
  // The operator's consent counts only once.
  await rm(join(folder, ACCEPTED), { force: true });
  return lake;
}

/**
 * The manifest to open with; a new one if there is no lake yet.
 * @throws LakeDamagedError when the lake belongs to another journal or is incomplete; nothing is changed
 */
async function openManifest(folder: string, journal: JournalBounds | null): Promise<Opened> {
  const { manifest, problem } = await loadManifest(folder);
  if (manifest === null) {
    const highest = await highestSeq(folder);
    // The first seal may have stopped before it wrote a manifest: the journal still has all of its batches.
    const inJournal = journal !== null && journal.trimmedSeq === 0 && journal.head >= (highest ?? 0);
    if (highest !== null && !inJournal) {
      throw new LakeDamagedError(
        'the lake has readings but no manifest.json: it was restored in part. Put back manifest.json and series.ndjson of the same backup',
      );
    }
  }
  const opened = manifest ?? NEW_MANIFEST;
  if (journal !== null && opened.sealedSeq < journal.trimmedSeq) {
    throw new LakeDamagedError(
      `the lake ends with batch ${opened.sealedSeq}, but the journal has handed it all up to batch ${journal.trimmedSeq} and let go of that: ` +
        'it is missing, an older copy, or another one. Put back the lake that belongs to this state file, or the state file that belongs to the lake',
      {},
      'end',
    );
  }
  return { manifest: opened, fresh: manifest === null, problem };
}

/** Highest sequence in the names of the files of readings; null without such a file. */
async function highestSeq(folder: string): Promise<number | null> {
  let highest: number | null = null;
  for (const day of await entries(join(folder, 'readings'))) {
    for (const { name } of await entriesOfDay(folder, day)) {
      highest = Math.max(highest ?? 0, Number.parseInt(name, 10) || 0);
    }
  }
  return highest;
}

/** Of a day's folder; none where it cannot be read: one day must not keep the lake closed, its files count as lost. */
const entriesOfDay = async (folder: string, day: Dirent): Promise<Dirent[]> =>
  day.isDirectory() ? entries(join(folder, 'readings', day.name)).catch(() => []) : [];

/** Adds to the error what an operator can do without a backup. */
function orGiveUp(error: unknown): unknown {
  if (!(error instanceof LakeDamagedError) || error instanceof LakeTooNewError) return error;
  const way = `To continue without the missing part, put an empty file ${ACCEPTED} into the lake's folder`;
  return new LakeDamagedError(`${error.message}. ${way}`, { cause: error }, error.part);
}

/**
 * The manifest to open with if the operator accepted the loss, else null. Sets aside what is lost, deletes nothing:
 * only the roll-ups if only they are damaged; a lake that ends too early stays as it is.
 */
async function giveUp(folder: string, error: unknown, journal: JournalBounds | null): Promise<Opened | null> {
  if (!(error instanceof LakeDamagedError) || error instanceof LakeTooNewError) return null;
  if (!(await exists(join(folder, ACCEPTED)))) return null;
  const { manifest } = await loadManifest(folder).catch(() => ({ manifest: null }));
  const trimmed = journal?.trimmedSeq ?? 0;
  const sealedSeq = Math.max(trimmed, manifest?.sealedSeq ?? 0, (await highestSeq(folder)) ?? 0);
  const problem = `given up, as ${ACCEPTED} says: ${error.message}`;
  if (manifest !== null && error.part === 'rollups') {
    await moveAside(folder, (name) => name.startsWith('rollup.sqlite'));
    return { manifest: { ...manifest, keptFrom: NEW_MANIFEST.keptFrom }, fresh: true, problem };
  }
  if (manifest !== null && error.part === 'end') return { manifest: { ...manifest, sealedSeq }, fresh: true, problem };
  await moveAside(folder, () => true);
  return { manifest: { ...NEW_MANIFEST, sealedSeq }, fresh: true, problem };
}

async function moveAside(folder: string, which: (name: string) => boolean): Promise<void> {
  const to = await freeName(folder, 'given-up');
  await makeFolders(folder, to);
  for (const { name } of await entries(folder)) {
    if (name === SET_ASIDE || name === ACCEPTED || !which(name)) continue;
    await rename(join(folder, name), join(folder, to, name));
  }
  await syncFolder(join(folder, to));
  await syncFolder(folder);
}

/** Differences between the files on disk and the manifest. */
export interface Swept {
  readonly lost: readonly LostFile[];
  readonly found: readonly LakeFile[];
  /** Files that no manifest lists, at their new paths. */
  readonly unlisted: readonly string[];
}

/** Removes files known to be worthless, sets aside unlisted files, and finds listed files that are missing or cut. */
export async function sweep(folder: string, manifest: Manifest): Promise<Swept> {
  const lost: LostFile[] = [];
  const found: LakeFile[] = [];
  const unlisted: string[] = [];
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  const missed = new Map((manifest.lost ?? []).map((file) => [file.path, file]));
  const retired = new Set(manifest.retired ?? []);
  for (const day of await entries(join(folder, 'readings'))) {
    for (const { name } of await entriesOfDay(folder, day)) {
      const path = join('readings', day.name, name);
      const [file, was] = [listed.get(path), missed.get(path)];
      listed.delete(path);
      if (file !== undefined) {
        const reason = await sizeProblem(folder, file);
        if (reason !== null) lost.push({ ...file, reason });
      } else if (was !== undefined && (await isWhole(folder, was))) found.push(withoutReason(was));
      else if (retired.has(path)) await rm(join(folder, path), { force: true });
      else if (was !== undefined) await setAside(folder, path, 'damaged');
      else unlisted.push(await setAside(folder, path, 'unlisted'));
    }
  }
  for (const file of listed.values()) lost.push({ ...file, reason: `${file.path} is missing` });
  await rm(join(folder, TEMPORARY), { recursive: true, force: true });
  for (const { name } of await entries(folder)) {
    const stale = name.endsWith('.tmp') || (name.startsWith('latest-') && name !== manifest.latest);
    if (stale) await rm(join(folder, name), { force: true });
  }
  return { lost, found, unlisted };
}

/** Lost files that are back unchanged. */
export async function foundAgain(folder: string, lost: readonly LostFile[]): Promise<LakeFile[]> {
  const found: LakeFile[] = [];
  for (const file of lost) {
    // A file that cannot be read stays lost.
    const whole = (await exists(join(folder, file.path))) && (await isWhole(folder, file).catch(() => false));
    if (whole) found.push(withoutReason(file));
  }
  return found;
}

/** Why the size of an existing file is wrong, or null. */
export async function sizeProblem(folder: string, file: LakeFile): Promise<string | null> {
  const { size } = await stat(join(folder, file.path));
  return size === file.bytes ? null : `${file.path} has ${size} bytes instead of ${file.bytes}`;
}

async function isWhole(folder: string, file: LakeFile): Promise<boolean> {
  return (
    (await sizeProblem(folder, file)) === null &&
    (file.crc === undefined || file.crc === (await checksum(join(folder, file.path))))
  );
}

function withoutReason({ reason: _, ...file }: LostFile): LakeFile {
  return file;
}

/** Sets aside those lost files that can be moved; the others stay lost where they are. */
export async function setLostAside(folder: string, lost: readonly LostFile[]): Promise<void> {
  for (const { path } of lost) await setAside(folder, path, 'damaged').catch(() => undefined);
}
