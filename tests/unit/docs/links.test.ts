import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folders = ['docs', 'examples', 'grafana'];
const pages = readdirSync('.')
  .concat(
    folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    ),
  )
  .filter((file) => file.endsWith('.md'));

/** The id that a heading has on the pages of code hosts. */
const idOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8');
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');

  it('links to files and headings that exist', () => {
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
    const broken = links.filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [file = '', heading] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(target)) return true;
      if (heading === undefined) return false;
      const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, one]) => idOf(one as string));
      return !headings.includes(heading);
    });
    expect(broken).toEqual([]);
  });

  it('names only commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('keeps to the product: no path of a machine, no folder beside the repository', () => {
    expect(text).not.toMatch(/(^|[\s`(])(\/work\/|\/root\/|\/home\/|\.\.\/shared\/)/);
  });
});

describe('decisions', () => {
  const decisions = readdirSync('docs/decisions').sort();

  it('are numbered without a gap', () => {
    expect(decisions.map((name) => name.slice(0, 3))).toEqual(decisions.map((_, i) => `${i + 1}`.padStart(3, '0')));
  });

  it.each(decisions)('%s says the context, the decision and what follows, on less than a page', (name) => {
    const text = readFileSync(join('docs/decisions', name), 'utf8');
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Context', 'Decision', 'Consequences']);
    expect(text.split('\n').length).toBeLessThanOrEqual(50);
  });
});
