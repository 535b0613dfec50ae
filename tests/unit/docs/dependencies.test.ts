import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync('docs/dependencies.md', 'utf8');
const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Readonly<Record<string, string>>>;

function listed(from: string, to?: string): readonly string[] {
  const start = page.indexOf(`\n## ${from}\n`);
  const part = page.slice(start, to === undefined ? undefined : page.indexOf(`\n## ${to}\n`));
  return [...part.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name as string).sort();
}

it('the page of dependencies lists those of package.json, no more and no fewer', () => {
  expect(listed('The service', 'Development and tests')).toEqual(
    Object.keys({ ...dependencies, ...optionalDependencies }).sort(),
  );
  expect(listed('Development and tests')).toEqual(Object.keys(devDependencies).sort());
});
