import { rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { entries, exists, makeFolders, syncFolder } from './files.js';

/** Where files go that the lake does not use and that may hold data. Nothing in it is ever deleted by the service. */
export const SET_ASIDE = 'set-aside';

export type Why = 'unlisted' | 'damaged';

/** Moves a file of the lake out of the way and returns where it is now, both below the lake's folder. */
export async function setAside(folder: string, path: string, why: Why): Promise<string> {
  let to = join(SET_ASIDE, `${path}.${why}`);
  for (let n = 2; await exists(join(folder, to)); n += 1) to = join(SET_ASIDE, `${path}.${why}-${n}`);
  await makeFolders(folder, dirname(to));
  await rename(join(folder, path), join(folder, to));
  await syncFolder(dirname(join(folder, to)));
  return to;
}

/** What lies there. */
export interface SetAside {
  readonly files: number;
  readonly bytes: number;
  /** When the oldest of them was written, epoch milliseconds; null without any. */
  readonly since: number | null;
}

export const NOTHING_ASIDE: SetAside = { files: 0, bytes: 0, since: null };

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
  return { files: 1, bytes: size, since: Math.floor(mtimeMs) };
}

function sum(a: SetAside, b: SetAside): SetAside {
  const since = a.since === null || b.since === null ? (a.since ?? b.since) : Math.min(a.since, b.since);
  return { files: a.files + b.files, bytes: a.bytes + b.bytes, since };
}
