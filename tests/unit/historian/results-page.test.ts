import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RESULT_MEASUREMENTS, RESULT_NAMES } from '../../../src/historian/port/results.js';

const page = readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8');

/** Names in the first column of the table below a heading. */
function namesBelow(heading: string): string[] {
  const section = page.split('\n## ').find((one) => one.startsWith(`${heading}\n`)) ?? '';
  return section.split('\n').flatMap((line) => {
    const [, cell] = line.split('|');
    return cell === undefined ? [] : [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name!);
  });
}

describe('the page on results', () => {
  it.each(RESULT_NAMES)('names every field of %s, and no other', (measurement) => {
    const { numbers, texts } = RESULT_MEASUREMENTS[measurement];
    expect(namesBelow(`\`${measurement}\``).sort()).toEqual([...numbers, ...texts].sort());
  });

  it('names every tag, and no other', () => {
    const tags = new Set<string>(RESULT_NAMES.flatMap((name) => RESULT_MEASUREMENTS[name].tags));
    expect(namesBelow('Tags').sort()).toEqual([...tags].sort());
  });
});
