import { rename } from 'node:fs/promises';
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

/** How many files lie there. */
export async function countSetAside(folder: string, below = SET_ASIDE): Promise<number> {
  let count = 0;
  for (const entry of await entries(join(folder, below))) {
    count += entry.isDirectory() ? await countSetAside(folder, join(below, entry.name)) : 1;
  }
  return count;
}
