import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import Sqlite, { driverFor, loadDriver, SqliteUnavailableError } from '../../../src/sqlite.js';

const load = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};

describe('the SQLite driver', () => {
  it.each([
    ['20.19.0', 'better-sqlite3-node20'],
    ['20.20.2', 'better-sqlite3-node20'],
    ['22.0.0', 'better-sqlite3'],
    ['24.21.0', 'better-sqlite3'],
    ['26.10.0', 'better-sqlite3'],
    ['100.0.0', 'better-sqlite3'],
  ])('for Node %s is %s', (version, name) => {
    expect(driverFor(version)).toBe(name);
  });

  it('is the one of this Node, and the installation has it', () => {
    expect(Sqlite).toBe(load(driverFor(process.versions.node)));
  });

  it('that is compiled is optional, so that an installation without a compiler succeeds', () => {
    expect(manifest.optionalDependencies[driverFor('20.19.0')]).toMatch(/^npm:better-sqlite3@12\./);
    expect(manifest.dependencies[driverFor('24.0.0')]).toMatch(/^13\./);
  });

  it.each([
    [
      '20.20.2',
      /Node\.js 20\.20\.2: .*better-sqlite3-node20 cannot be loaded.*compiler.*npm ci.*Node\.js 24.*\(no binding\)/,
    ],
    ['24.21.0', /Node\.js 24\.21\.0: .*better-sqlite3 cannot be loaded.*npm ci.*\(no binding\)/],
  ])('says on Node %s what to do where it cannot be loaded', (version, message) => {
    const missing = () => {
      throw new Error('no binding');
    };
    expect(() => loadDriver(version, missing)).toThrow(SqliteUnavailableError);
    expect(() => loadDriver(version, missing)).toThrow(message);
  });

  it('whose package is there without its binary is not taken for one that works', () => {
    class Unbuilt {
      constructor() {
        throw new Error('Could not locate the bindings file');
      }
    }
    expect(() => loadDriver('20.20.2', () => Unbuilt)).toThrow(/Could not locate the bindings file/);
  });
});
