import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the glossary gives each word one meaning', () => {
  const rows = [...readFileSync('docs/glossary.md', 'utf8').matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm)];
  const words = rows.flatMap(([, words]) => (words as string).split(', ')).filter((word) => !/^(word|-+)$/.test(word));
  expect(words.length).toBeGreaterThan(60);
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
});
