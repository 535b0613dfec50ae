import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REJECTION_CODES } from '../../../src/model/wire/rejection.js';
import { errorClasses, errorCodes, syntaxOf } from './error-codes.js';

const page = readFileSync('docs/errors.md', 'utf8');
const source = syntaxOf('src');

/** The tables of a part of the page: the name in the first column, and the second column. */
function rows(from: string, to?: string): readonly (readonly [name: string, second: string])[] {
  const start = page.indexOf(`\n${from}\n`);
  const part = page.slice(start, to === undefined ? undefined : page.indexOf(`\n${to}\n`, start));
  return [...part.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, name, second]) => [
    name as string,
    second as string,
  ]);
}

describe('the page of errors', () => {
  it('lists the codes that the source can give, no more and no fewer', () => {
    const listed = rows('## HTTP', '## Error classes').map(([code]) => code);
    expect([...new Set(listed)].sort()).toEqual([...errorCodes(source).keys()].sort());
  });

  it('names for each code at least the HTTP statuses that stand beside it in the source', () => {
    const given = errorCodes(source);
    const listed = rows('## HTTP', '## Rejections on MQTT').concat(
      rows('## WebSocket', '## Exit codes of the process'),
    );
    const missing = listed.flatMap(([code, statuses]) =>
      [...(given.get(code) ?? [])]
        .filter((status) => statuses !== '–' && !statuses.includes(`${status}`))
        .map((status) => `${code} ${status}`),
    );
    expect(missing).toEqual([]);
  });

  it('lists the rejections that gateways are sent, no more and no fewer', () => {
    const listed = rows('## Rejections on MQTT', '## WebSocket').map(([code]) => code);
    expect(listed.sort()).toEqual([...REJECTION_CODES].sort());
  });

  it('lists the error classes of the source, no more and no fewer', () => {
    expect(
      rows('## Error classes')
        .map(([name]) => name)
        .sort(),
    ).toEqual(errorClasses(source));
  });
});
