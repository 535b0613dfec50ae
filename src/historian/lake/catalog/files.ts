import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';

async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder's entries (new names, renames) survive a power cut. */
export const syncFolder = (path: string): Promise<void> => sync(path, 'r');
export const syncFile = (path: string): Promise<void> => sync(path, 'r+');

/** Puts `data` at `path` in one step: after a crash there is the old file or the new one, never a part of one. */
export async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFile(temporary, data, { flush: true });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Makes a folder and its name in the parent durable. */
export async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await syncFolder(dirname(path));
}

/** Makes the folders of a path below `folder`, which is there, durable one by one. */
export async function makeFolders(folder: string, path: string): Promise<void> {
  if (path === '.' || path === '') return;
  await makeFolders(folder, dirname(path));
  await makeFolder(join(folder, path));
}

/** What a folder holds; nothing when there is none. */
export async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const PIECE_BYTES = 1024 * 1024;

/** CRC-32 of a file's bytes, read in pieces that let others of the thread work in between. */
export async function checksum(path: string): Promise<number> {
  const handle = await open(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let crc = 0;
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return crc;
      crc = crc32(piece.subarray(0, bytesRead), crc);
    }
  } finally {
    await handle.close();
  }
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
