import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

type Node = { readonly type: string } & Record<string, unknown>;

/** Every error code of a source, each with the HTTP statuses that stand beside it. */
export type ErrorCodes = ReadonlyMap<string, ReadonlySet<number>>;

/** What a refusal of one of these kinds is answered with. */
const STATUS_OF_KIND: Readonly<Record<string, number>> = { missing: 404, conflict: 409, invalid: 422 };

/** The syntax nodes of each TypeScript file below `folder`. */
export type Syntax = readonly (readonly Node[])[];

export function syntaxOf(folder: string): Syntax {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.map((file) => [
    ...nodes(parseSync(readFileSync(join(folder, file), 'utf8'), { syntax: 'typescript' }).body),
  ]);
}

/** The names of all classes that extend Error, directly or not. */
export function errorClasses(files: Syntax): readonly string[] {
  const found = new Set(['Error']);
  const classes = files.flat().filter((node) => node.type === 'ClassDeclaration');
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const node of classes) if (found.has(textOf(node.superClass))) found.add(textOf(node.identifier));
  }
  return [...found].filter((name) => name !== 'Error').sort();
}

/**
 * What is given to a parameter named `code` of a constructor or a function, what such a parameter's type or a property
 * `code` names, and what the lists named …CODES and REFUSALS hold.
 */
export function errorCodes(files: Syntax): ErrorCodes {
  const codes = new Map<string, Set<number>>();
  const note = (texts: readonly string[], statuses: readonly number[] = []) => {
    for (const code of texts.filter((text) => /^[a-z]+(_[a-z0-9]+)*$/.test(text) && text !== 'custom')) {
      codes.set(code, new Set([...(codes.get(code) ?? []), ...statuses]));
    }
  };
  const { places, constants, types } = declarations(files.flat());
  const textsOfType = (type: unknown): string[] => [
    ...textsIn(type),
    ...[...nodes(type)]
      .filter((node) => node.type === 'TsTypeReference')
      .flatMap((node) => textsOfType(types.get(textOf(node.typeName)))),
  ];

  for (const file of files) {
    const local = localPlaces(file);
    for (const node of file) {
      if (node.type === 'CallExpression' || node.type === 'NewExpression') {
        const callee = node.callee as Node;
        const given = ((node.arguments ?? []) as Node[]).map((one) => one.expression as Node);
        const statuses = given.flatMap(({ value }) =>
          typeof value === 'number' ? value : (STATUS_OF_KIND[`${value}`] ?? []),
        );
        const name = textOf(callee.property ?? callee);
        for (const at of local.get(name) ?? places.get(name) ?? []) {
          const texts = constants.get(textOf(given[at])) ?? textsIn(given[at]);
          note(
            texts,
            statuses.filter((status) => status >= 400 && status < 600),
          );
        }
      }
      if (node.type === 'KeyValueProperty' && textOf(node.key) === 'code') {
        if (['StringLiteral', 'TsConstAssertion'].includes((node.value as Node).type)) note(textsIn(node.value));
      }
      if (node.type === 'TsParameterProperty' && textOf(node.param) === 'code') {
        note(textsOfType((node.param as Node).typeAnnotation));
      }
      if (node.type === 'VariableDeclarator') {
        if (/CODES$/.test(textOf(node.id))) note(textsIn(node.init));
        if (/REFUSALS$/.test(textOf(node.id))) {
          note([...nodes(node.init)].filter((one) => one.type === 'KeyValueProperty').map((one) => textOf(one.key)));
        }
      }
    }
  }
  return codes;
}

type Places = Map<string, Set<number>>;

function takes(places: Places, name: string, parameters: unknown): void {
  const at = (parameters as Node[]).map((one) => textOf(one.pat ?? one.param ?? one)).indexOf('code');
  if (at >= 0) places.set(name, (places.get(name) ?? new Set<number>()).add(at));
}

/** As `declarations`, of the functions that only their file knows; one without a `code` hides another file's. */
function localPlaces(file: readonly Node[]): Places {
  const places: Places = new Map();
  for (const node of file) {
    const init = node.type === 'VariableDeclarator' ? (node.init as Node | null) : null;
    const [name, list] =
      init?.type === 'ArrowFunctionExpression'
        ? [textOf(node.id), init.params]
        : node.type === 'FunctionDeclaration'
          ? [textOf(node.identifier), node.params]
          : ['', []];
    if (name === '') continue;
    places.set(name, places.get(name) ?? new Set());
    takes(places, name, list);
  }
  return places;
}

/** Where functions and constructors of each name take their `code`; constant texts and types by their names. */
function declarations(all: readonly Node[]) {
  const places: Places = new Map();
  const constants = new Map<string, readonly string[]>();
  const types = new Map<string, unknown>();
  for (const node of all) {
    if (node.type === 'FunctionDeclaration') takes(places, textOf(node.identifier), node.params);
    if (node.type === 'TsTypeAliasDeclaration') types.set(textOf(node.id), node.typeAnnotation);
    if (node.type === 'ClassDeclaration') {
      for (const member of node.body as Node[]) {
        if (member.type === 'Constructor') takes(places, textOf(node.identifier), member.params);
        if (member.type === 'ClassMethod') takes(places, textOf(member.key), (member.function as Node).params);
      }
    }
    const init = node.type === 'VariableDeclarator' ? (node.init as Node | null) : null;
    if (init?.type === 'StringLiteral') constants.set(textOf(node.id), textsIn(init));
  }
  return { places, constants, types };
}

function* nodes(value: unknown): Iterable<Node> {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value) yield value as Node;
  for (const one of Object.values(value)) yield* nodes(one);
}

/** The name or text of an identifier, a pattern or a literal; empty for anything else. */
function textOf(value: unknown): string {
  const { value: text, left } = (value ?? {}) as { value?: unknown; left?: unknown };
  return typeof text === 'string' ? text : left === undefined ? '' : textOf(left);
}

const textsIn = (value: unknown): string[] =>
  [...nodes(value)].filter((node) => node.type === 'StringLiteral').map((node) => node.value as string);
