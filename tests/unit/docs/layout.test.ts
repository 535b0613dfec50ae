import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const MOST_LINES = 300;
const MOST_FILES = 15;

interface Folder {
  readonly path: string;
  readonly files: readonly string[];
}

/** A folder and those below it, each with the files that lie loose in it. */
function foldersIn(path: string): Folder[] {
  const entries = readdirSync(path, { withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map(({ name }) => join(path, name));
  const below = entries.filter((one) => one.isDirectory()).flatMap(({ name }) => foldersIn(join(path, name)));
  return [{ path, files }, ...below];
}

const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1;

describe('the layout of the source', () => {
  const folders = foldersIn('src');
  const files = folders.flatMap((folder) => folder.files);

  it('has no file that is too long to hold one idea', () => {
    expect(files.filter((file) => linesOf(file) > MOST_LINES)).toEqual([]);
  });

  it('has a median between 60 and 120 lines', () => {
    const lines = files.map(linesOf).sort((a, b) => a - b);
    const median = lines[lines.length >> 1];
    expect(median).toBeGreaterThanOrEqual(60);
    expect(median).toBeLessThanOrEqual(120);
  });

  it.each(['src', 'tests'])('has no folder of %s with more loose files than one can take in', (root) => {
    const crowded = foldersIn(root).filter((folder) => folder.files.length > MOST_FILES);
    expect(crowded.map(({ path }) => path)).toEqual([]);
  });
});
