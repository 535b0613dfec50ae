import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { describe, expect, it } from 'vitest';
import { ambiguities } from '../../helpers/influx/ambiguous-pattern.js';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));

interface Node {
  readonly type?: string;
  readonly pattern?: string;
  readonly flags?: string;
  readonly callee?: { readonly value?: string };
}

/** Calls `visit` with every node of a syntax tree. */
function walk(node: unknown, visit: (node: Node) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) visit(node as Node);
  for (const child of Object.values(node)) walk(child, visit);
}

describe('patterns that meet text from outside', () => {
  it('take time in proportion to the text, in every source file', () => {
    const found: string[] = [];
    let patterns = 0;
    for (const file of SOURCES) {
      walk(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', target: 'es2024' }), (node) => {
        if (node.type === 'RegExpLiteral' && node.pattern !== undefined) {
          patterns += 1;
          for (const why of ambiguities(node.pattern, node.flags)) found.push(`${file}: /${node.pattern}/ ${why}`);
        }
        if (node.callee?.value === 'RegExp') found.push(`${file}: a pattern is put together while running`);
      });
    }
    expect(found).toEqual([]);
    expect(patterns).toBeGreaterThan(30);
  });

  it.each([
    ['^(\\w+) +(.*\\S)', 'the Authorization header, once'],
    ['\\\\+$', 'backslashes at the end, once'],
    ['^(a+)+$', 'nested'],
    ['^(a|a)*$', 'alternatives in a repetition'],
    ['^\\d+\\d+$', 'beside each other'],
    ['^\\s*x?\\s*$', 'beside each other but for what may be missing'],
    ['^.*,.*,$', 'a separator that the repetition takes too'],
    ['\\d+x', 'tried from every digit'],
    ['^a{2,}a{3,}b', 'with a least number'],
  ])('are known for ambiguous: %s', (source) => {
    expect(ambiguities(source)).not.toEqual([]);
  });

  it.each([
    '^[a-z0-9][a-z0-9-]{0,62}$',
    '^\\s*\\d+\\s*$',
    '[,= ]',
    '\\p{Cc}+',
    '^pk_([0-9a-f]{16})_',
    '(?:Z|[+-]\\d\\d)$',
  ])('are known for plain: %s', (source) => expect(ambiguities(source, 'u')).toEqual([]));
});
