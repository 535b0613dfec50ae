import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configTable, withConfigTable } from '../../../scripts/readme-config/table.js';

const readme = readFileSync('README.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

describe('the README', () => {
  it('shows the configuration as the schema has it (npm run docs:config writes it)', () => {
    expect(withConfigTable(readme, configTable())).toBe(readme);
  });

  it('names only commands that exist', () => {
    const commands = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name as string);
    const named = commands.filter((name) => !['ci', 'run'].includes(name));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('names only folders and files that exist', () => {
    const paths = [...readme.matchAll(/`((?:src|tests|simulators|scripts|\.)[\w/.-]*)`/g)].map(
      ([, path]) => path as string,
    );
    expect(paths.length).toBeGreaterThan(8);
    expect(paths.filter((path) => !path.startsWith('./data') && !existsSync(path))).toEqual([]);
  });
});
