import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseSync } from '@swc/core';
import { describe, expect, it } from 'vitest';

type Node = { readonly type: string } & Record<string, unknown>;

/** What a file declares: at its top, and as members of its classes. */
interface Declared {
  readonly file: string;
  readonly exported: readonly string[];
  readonly names: readonly string[];
}

const nameOf = (node: unknown): string => {
  const { value } = (node ?? {}) as { value?: unknown };
  return typeof value === 'string' ? value : '';
};

function namesOf(declaration: Node): string[] {
  if (declaration.type === 'VariableDeclaration') {
    return (declaration.declarations as Node[]).map(({ id }) => nameOf(id)).filter((name) => name !== '');
  }
  return [nameOf(declaration.identifier ?? declaration.id)].filter((name) => name !== '');
}

const membersOf = (declaration: Node): string[] =>
  declaration.type === 'ClassDeclaration'
    ? (declaration.body as Node[]).map(({ key }) => nameOf((key as Node | undefined)?.id ?? key))
    : [];

function declaredIn(file: string): Declared {
  const { body } = parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript' });
  const found = (body as unknown as Node[]).map((node) => {
    const isExported = node.type === 'ExportDeclaration';
    const declaration = isExported ? (node.declaration as Node) : node;
    return { isExported, names: namesOf(declaration), members: membersOf(declaration) };
  });
  return {
    file,
    exported: found.flatMap(({ isExported, names }) => (isExported ? names : [])),
    names: [basename(file, '.ts'), ...found.flatMap(({ names, members }) => [...names, ...members])],
  };
}

const declared = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => declaredIn(join('src', file)));

/** The words of a name: `noteReceipt`, `LATE_MS` and `event-queue` have two each. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);

/** Whether a name is what a row keeps out: `word`, `word()` for the whole name, `…word` for the last of several. */
function isCalled(name: string, banned: string): boolean {
  const words = wordsOf(name);
  if (banned.endsWith('()')) return name === banned.slice(0, -2);
  return banned.startsWith('…') ? words.length > 1 && words.at(-1) === banned.slice(1) : words.includes(banned);
}

/** Each room that has tables exports them under this name. */
const OF_EACH_ROOM = ['migrations'];

it('what two files of src export has two names', () => {
  const files = new Map<string, Set<string>>();
  for (const { file, exported } of declared) {
    for (const name of exported) files.set(name, (files.get(name) ?? new Set()).add(file));
  }
  expect(files.size).toBeGreaterThan(1_000);
  const shared = [...files].filter(([name, among]) => among.size > 1 && !OF_EACH_ROOM.includes(name));
  expect(shared.map(([name, among]) => `${name}: ${[...among].join(', ')}`)).toEqual([]);
});

describe('the words that the glossary keeps out', () => {
  const page = readFileSync('docs/glossary.md', 'utf8');
  const part = page.slice(page.indexOf('\n## Words that no name has\n'));
  const banned = [...part.matchAll(/^\| `([^`]+)` \| [^|]+ \|$/gm)].map(([, word]) => word as string);

  it('are some', () => expect(banned.length).toBeGreaterThan(10));

  it.each(banned)('%s is in no name of a file, a type, a function or a method', (word) => {
    const wrong = declared.flatMap(({ file, names }) =>
      names.filter((name) => isCalled(name, word)).map((name) => `${file}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});
