import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NUMBER_BYTES, putNumber } from '../../../../src/api/readings/formats/bytes.js';
import { negotiate } from '../../../../src/http/negotiate.js';

const bytes = new Uint8Array(64);
const written = (value: number) => Buffer.from(bytes.subarray(3, putNumber(value, bytes, 3))).toString();

describe('putNumber', () => {
  it.each([
    0,
    -0.5,
    1,
    -1,
    7.25,
    0.001,
    0.0001,
    -12.3,
    100,
    1000,
    41.2,
    1e15,
    999_999_999_999.999,
    0.1 + 0.2,
    1e21,
    5e-324,
    -1.7976931348623157e308,
    123456.7891,
    2.0005,
    1e-7,
  ])('writes %d as String does', (value) => {
    expect(written(value)).toBe(String(value));
  });

  it('writes any finite number so that it reads back the same, within its bound', () => {
    const anyNumber = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000),
      fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 100_000),
      fc.maxSafeInteger(),
    );
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(written(value)).toBe(String(value));
        expect(written(value).length).toBeLessThanOrEqual(NUMBER_BYTES);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('negotiate', () => {
  const offered = ['application/json', 'text/csv'] as const;
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV; charset=utf-8', 'text/csv'],
    ['text/csv, */*', 'text/csv'],
    ['text/*', 'text/csv'],
    ['text/csv;q=0.5, application/json;q=0.9', 'application/json'],
    ['application/json;q=0, */*', 'text/csv'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
  ])('takes of Accept %j what the client likes best', (accept, type) => {
    expect(negotiate(accept, offered)).toBe(type);
  });

  it.each(['application/xml', 'text/csv;q=0', 'nonsense', 'text/csv;q=7'])('refuses Accept %j', (accept) => {
    expect(() => negotiate(accept, offered)).toThrow('application/json or text/csv');
  });
});
