import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

interface Rule {
  readonly name: string;
  readonly from: { readonly path?: string };
  readonly to: { readonly path?: string; readonly pathNot?: string | readonly string[] };
}

const { forbidden } = createRequire(import.meta.url)('../../../.dependency-cruiser.cjs') as {
  readonly forbidden: readonly Rule[];
};

/** What one pattern of a rule allows, in the words of the page; null for what every room may import. */
function allowed(pattern: string): string | null {
  if (pattern === '^src/.+/model/') return 'every model';
  if (pattern.startsWith('^src/.+port')) return 'every port';
  const port = /^\^src\/(\w+)\/\.\*port/.exec(pattern)?.[1];
  if (port) return `port of ${port}`;
  const room = /^\^src\/\(?(\w+)\)?\/$/.exec(pattern)?.[1];
  return room ? `src/${room}` : null;
}

/** Rooms of the rules, each with all that it may import beside itself. */
function arrowsOfRules() {
  const rules = forbidden.filter(({ name }) => name.endsWith('-imports') || name === 'simulators-are-clients');
  return new Map(
    rules.map(({ from, to }) => {
      const room = /^\^(?:src\/\(?)?(\w+)/.exec(from.path ?? '')?.[1] ?? '';
      const found = [to.pathNot ?? []].flat().map(allowed);
      return [room, found.filter((one) => one !== null && one !== `src/${room}`).sort()] as const;
    }),
  );
}

/** The same of the table. */
function arrowsOfPage() {
  const page = readFileSync('docs/architecture.md', 'utf8');
  const rows = [...page.matchAll(/^\| `(?:src\/)?(\w+)` \| ([^|]+) \|/gm)].filter(([, room]) => room !== 'model');
  return new Map(
    rows.map(([, room, may]) => {
      const text = may as string;
      const ports = /ports? of ([\w, ]+)/.exec(text)?.[1]?.split(/, | and /) ?? [];
      return [
        room as string,
        [
          ...[...text.matchAll(/`(src\/\w+)`/g)].map(([, name]) => name as string),
          ...ports.map((name) => `port of ${name}`),
          ...(text.match(/every (?:model|port)/g) ?? []),
        ].sort(),
      ] as const;
    }),
  );
}

describe('the table of who may import whom', () => {
  const rules = arrowsOfRules();

  it('has a row for each room of .dependency-cruiser.cjs', () => {
    expect(rules.size).toBeGreaterThanOrEqual(10);
    expect([...arrowsOfPage().keys()].sort()).toEqual([...rules.keys()].sort());
  });

  it.each([...rules])('lets %s import what the rules do', (room, expected) => {
    expect(arrowsOfPage().get(room)).toEqual(expected);
  });
});
