import { rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HistoryDamage } from '../../port/stats.js';
import { entries, exists, makeFolders, syncFolder } from './files.js';

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

export async function whatLiesAside(folder: string, below = SET_ASIDE): Promise<SetAside> {
  let all = NOTHING_ASIDE;
  for (const entry of await entries(join(folder, below))) {
    const path = join(below, entry.name);
    all = sum(all, entry.isDirectory() ? await whatLiesAside(folder, path) : await oneFile(join(folder, path)));
  }
  return all;
}

async function oneFile(path: string): Promise<SetAside> {
  const { size, mtimeMs } = await stat(path);
  return { setAside: 1, setAsideBytes: size, setAsideSince: Math.floor(mtimeMs) };
}

function sum(a: SetAside, b: SetAside): SetAside {
  const since = Math.min(a.setAsideSince ?? Number.POSITIVE_INFINITY, b.setAsideSince ?? Number.POSITIVE_INFINITY);
  return {
    setAside: a.setAside + b.setAside,
    setAsideBytes: a.setAsideBytes + b.setAsideBytes,
    setAsideSince: Number.isFinite(since) ? since : null,
  };
}
