import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const PATH = /`((?:src|tests|simulators|scripts|grafana|docs)\/[\w./-]+|\.[\w-]+\.cjs)`/g;
const pathsOf = (text: string) => [...text.matchAll(PATH)].map(([, path]) => path as string);

describe.each(['docs/architecture.md', ...readdirSync('docs/how-to').map((name) => `docs/how-to/${name}`)])(
  '%s',
  (page) => {
    const paths = pathsOf(readFileSync(page, 'utf8'));

    it('names at least three files and folders, and only ones that exist', () => {
      expect(paths.length).toBeGreaterThanOrEqual(3);
      expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    });
  },
);

/** The files of `src` that a file imports, types included. */
function importsOf(file: string): readonly string[] {
  const found = readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)\.js'/g);
  return [...found].map(([, path]) => normalize(`${join(dirname(file), path as string)}.ts`));
}

describe('the paths of a reading and of a figure in docs/architecture.md', () => {
  const page = readFileSync('docs/architecture.md', 'utf8');
  const lists = [...page.matchAll(/<!-- path: begin -->\n([\s\S]*?)<!-- path: end -->/g)].map(([, list]) =>
    pathsOf(list as string),
  );

  it.each([
    ['from the socket to Parquet', 0, 25],
    ['from ingest to an alarm event', 1, 12],
    ['a figure of the 5 %, from its meters to its report', 2, 15],
  ])('%s: each file is joined by an import to one before it', (_name, at, most) => {
    const list = lists[at] ?? [];
    expect(list.length).toBeGreaterThan(5);
    expect(list.length).toBeLessThanOrEqual(most);
    const apart = list.slice(1).filter((file, i) => {
      const before = list.slice(0, i + 1);
      return !before.some((one) => importsOf(one).includes(file) || importsOf(file).includes(one));
    });
    expect(apart).toEqual([]);
  });
});
