import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeDamagedError, LakeTooNewError } from '../errors.js';
import { entries, exists, makeFolders, syncFolder } from './files.js';
import { type LakeFile, loadManifest, NEW_MANIFEST } from './manifest.js';
import { highestSeq, type JournalBounds, type Opened } from './recovery.js';
import { freeName, SET_ASIDE } from './set-aside.js';

/** Somebody put this file into the lake's folder: what cannot be opened is given up, and it goes on without that. */
const ACCEPTED = 'accept-loss';

/** Says of a lake that is not opened what can be done when nothing can be put back. */
export function orGiveUp(error: unknown): unknown {
  if (!(error instanceof LakeDamagedError) || error instanceof LakeTooNewError) return error;
  const way = `To go on without what is missing, put an empty file ${ACCEPTED} into the lake's folder`;
  return new LakeDamagedError(`${error.message}. ${way}`, { cause: error }, error.part);
}

/**
 * What the lake goes on with although it was refused, if somebody said so; else null. Nothing is deleted: what is given
 * up is set aside. The roll-ups alone, when only they are at fault; a lake that ends too early stays as it is.
 */
export async function giveUp(folder: string, error: unknown, journal: JournalBounds | null): Promise<Opened | null> {
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
  const files: readonly LakeFile[] = [];
  return { manifest: { ...NEW_MANIFEST, files, sealedSeq }, fresh: true, problem };
}

/** The next time nothing is given up any more. */
export async function forgetAcceptance(folder: string): Promise<void> {
  await rm(join(folder, ACCEPTED), { force: true });
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
