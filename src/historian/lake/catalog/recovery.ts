import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeDamagedError, LakeTooNewError } from '../errors.js';
import { TEMPORARY } from '../write/write-file.js';
import { freeName, SET_ASIDE, setAside } from './damage.js';
import { checksum, entries, exists, isMissing, makeFolders, syncFolder } from './files.js';
import { type LakeFile, type LostFile, loadManifest, type Manifest, NEW_MANIFEST } from './manifest.js';

/** Somebody put this file into the lake's folder: what cannot be opened is given up, and it goes on without that. */
const ACCEPTED = 'accept-loss';

/** What the journal knows that the lake has to know too. */
export interface JournalBounds {
  /** Batches up to here are not in the journal any more: only the lake can have them. */
  readonly trimmedSeq: number;
  readonly head: number;
}

export interface Opened {
  readonly manifest: Manifest;
  /** There was none: what is to be done first is to write it down. */
  readonly fresh: boolean;
  readonly problem: string | null;
}

/** Opens a lake on its manifest, or on what is left of it where that cannot be and somebody said that it is given up. */
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
  // The next time nothing is given up any more.
  await rm(join(folder, ACCEPTED), { force: true });
  return lake;
}

/**
 * The manifest to go on with: of a lake that is not there yet, a new one.
 * @throws LakeDamagedError when the lake is not the one that belongs to the journal, or only a part of one; nothing is changed
 */
async function openManifest(folder: string, journal: JournalBounds | null): Promise<Opened> {
  const { manifest, problem } = await loadManifest(folder);
  if (manifest === null) {
    const highest = await highestSeq(folder);
    // The very first seal may have been broken off before there was a manifest: the journal still has all of it.
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

/** The highest number of a batch that a file's name tells of; null without any file of readings. */
async function highestSeq(folder: string): Promise<number | null> {
  let highest: number | null = null;
  for (const day of await entries(join(folder, 'readings'))) {
    for (const { name } of await entries(join(folder, 'readings', day.name))) {
      highest = Math.max(highest ?? 0, Number.parseInt(name, 10) || 0);
    }
  }
  return highest;
}

/** Says of a lake that is not opened what can be done when nothing can be put back. */
function orGiveUp(error: unknown): unknown {
  if (!(error instanceof LakeDamagedError) || error instanceof LakeTooNewError) return error;
  const way = `To go on without what is missing, put an empty file ${ACCEPTED} into the lake's folder`;
  return new LakeDamagedError(`${error.message}. ${way}`, { cause: error }, error.part);
}

/**
 * What the lake goes on with although it was refused, if somebody said so; else null. Nothing is deleted: what is given
 * up is set aside. The roll-ups alone, when only they are at fault; a lake that ends too early stays as it is.
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

/** What the files on disk are, against what the manifest says. */
export interface Swept {
  readonly lost: readonly LostFile[];
  readonly found: readonly LakeFile[];
  /** Files that no manifest knows, where they are now. */
  readonly unlisted: readonly string[];
}

/**
 * Removes what is known to be worth nothing, sets aside what the manifest does not list, and finds out which of the
 * files it lists are missing or cut.
 */
export async function sweep(folder: string, manifest: Manifest): Promise<Swept> {
  const lost: LostFile[] = [];
  const found: LakeFile[] = [];
  const unlisted: string[] = [];
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  const missed = new Map((manifest.lost ?? []).map((file) => [file.path, file]));
  const retired = new Set(manifest.retired ?? []);
  for (const day of await entries(join(folder, 'readings'))) {
    for (const { name } of await entries(join(folder, 'readings', day.name))) {
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

/** The lost files that are in their places again, as they were. */
export async function foundAgain(folder: string, lost: readonly LostFile[]): Promise<LakeFile[]> {
  const found: LakeFile[] = [];
  for (const file of lost) {
    // One that cannot be read is not there again.
    const whole = (await exists(join(folder, file.path))) && (await isWhole(folder, file).catch(() => false));
    if (whole) found.push(withoutReason(file));
  }
  return found;
}

/** What is wrong with the size of a file that is there; null when nothing is. */
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

/** Puts the damaged ones out of the way, those that are there. */
export async function setLostAside(folder: string, lost: readonly LostFile[]): Promise<void> {
  for (const { path } of lost) {
    try {
      await setAside(folder, path, 'damaged');
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
