import { HttpError } from '@influxdata/influxdb-client';
import { expect, it } from 'vitest';
import { describeFailure, serverWords } from '../../../../src/historian/influxdb/errors.js';

const NOW = Date.UTC(2026, 10, 23, 8);
const failed = (status: number, body = '', headers: Record<string, string> = {}) =>
  describeFailure(
    new HttpError(status, 'Status', body, null, 'application/json', undefined, headers),
    'http://db',
    NOW,
  );

it.each([
  [400, 'split'],
  [422, 'split'],
  [413, 'too_large'],
  [401, 'retry'],
  [403, 'retry'],
  [404, 'retry'],
  [408, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
  [302, 'retry'],
])('an answer of %i calls for %s', (status, remedy) => {
  expect(failed(status, '{"error":"no"}')).toMatchObject({ remedy, status, words: 'no' });
});

it.each([
  ['{"error":"database not found: \\"x\\""}', 'database not found: "x"'],
  ['{"code":"unauthorized","message":"unauthorized access"}', 'unauthorized access'],
  [
    '{"error":"partial write of line protocol occurred","data":[{"line_number":2,"error_message":"invalid column type"}]}',
    'partial write of line protocol occurred: invalid column type',
  ],
  ['<html>\n  Bad   Gateway</html>', '<html> Bad Gateway</html>'],
  ['[1]', '[1]'],
])('the words of %s are %s', (body, words) => {
  expect(serverWords(body)).toBe(words);
});

it('bounds what a server says', () => {
  expect(serverWords('x'.repeat(10_000))).toHaveLength(500);
});

it.each([
  ['30', 30_000],
  ['0', 0],
  ['999999', 300_000],
  [new Date(NOW + 20_000).toUTCString(), 20_000],
  [new Date(NOW - 20_000).toUTCString(), 0],
  ['soon', null],
  ['', null],
])('takes Retry-After: %s as %s ms', (header, ms) => {
  expect(failed(503, '', { 'retry-after': header }).retryAfterMs).toBe(ms);
});
