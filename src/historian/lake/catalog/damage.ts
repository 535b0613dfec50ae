import type { Stats } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HistoryDamage, TimeSpan } from '../../port/stats.js';
import { united } from '../../rollup/progress/hour-ranges.js';
import { entries, exists, makeFolders, syncFolder } from './files.js';
import type { LostFile, Manifest } from './manifest.js';

const NAMED = 20;
/** Gaps that are told apart; beyond, the last one spans the rest. */
const GAPS = 100;

/** @param unmade where hours could not be rolled up */
export function damageOf(
  { lost = [] }: Pick<Manifest, 'lost'>,
  aside: SetAside,
  unmade: readonly TimeSpan[],
): HistoryDamage {
  const spans = [...lost.map(({ minTs, maxTs }) => ({ from: minTs, to: maxTs + 1 })), ...unmade];
  return {
    files: lost.length,
    readings: lost.reduce((sum, { rows }) => sum + rows, 0),
    reasons: lost.slice(0, NAMED).map(({ reason }) => reason),
    gaps: united(spans, GAPS),
    ...aside,
  };
}

/** Whether no lost file has readings with `from <= ts < to`. */
export function isWhole({ lost = [] }: Pick<Manifest, 'lost'>, from: number, to: number): boolean {
  return !lost.some(({ minTs, maxTs }) => minTs < to && maxTs >= from);
}

/** For the log: what is wrong, and what it means. */
export function describeDamage(lost: readonly LostFile[]): string[] {
  const lines = lost.slice(0, NAMED).map(({ reason, rows, day }) => {
    const name = new Date(day).toISOString().slice(0, 10);
    return `damaged history: ${reason}; ${rows} readings of ${name} are missing from answers until the file is put back`;
  });
  return lost.length > NAMED ? [...lines, `damaged history: ${lost.length - NAMED} more files`] : lines;
}

/** Where files go that the lake does not use and that may hold data. Nothing in it is ever deleted by the service. */
export const SET_ASIDE = 'set-aside';

/** Moves a file of the lake out of the way and returns where it is now, both below the lake's folder. */
export async function setAside(folder: string, path: string, why: 'unlisted' | 'damaged'): Promise<string> {
  const to = await freeName(folder, `${path}.${why}`);
  await makeFolders(folder, dirname(to));
  await rename(join(folder, path), join(folder, to));
  await syncFolder(dirname(join(folder, to)));
  return to;
}

/** A name in there, below the lake's folder, that nothing has yet. */
export async function freeName(folder: string, name: string): Promise<string> {
  let path = join(SET_ASIDE, name);
  for (let n = 2; await exists(join(folder, path)); n += 1) path = join(SET_ASIDE, `${name}-${n}`);
  return path;
}

/** What lies there. */
type SetAside = Required<Pick<HistoryDamage, 'setAside' | 'setAsideBytes' | 'setAsideSince'>>;

export const NOTHING_ASIDE: SetAside = { setAside: 0, setAsideBytes: 0, setAsideSince: null };

export async function whatLiesAside(folder: string): Promise<SetAside> {
  const files = await filesBelow(join(folder, SET_ASIDE));
  const since = files.reduce((least, { mtimeMs }) => Math.min(least, mtimeMs), Number.POSITIVE_INFINITY);
  return {
    setAside: files.length,
    setAsideBytes: files.reduce((sum, { size }) => sum + size, 0),
    setAsideSince: files.length === 0 ? null : Math.floor(since),
  };
}

async function filesBelow(folder: string): Promise<Stats[]> {
  const found: Stats[] = [];
  for (const entry of await entries(folder)) {
    const path = join(folder, entry.name);
    found.push(...(entry.isDirectory() ? await filesBelow(path) : [await stat(path)]));
  }
  return found;
}
