import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../../../src/model/wire/instant.js';

describe('parseInstant', () => {
  it.each([
    ['2026-11-23T08:00:00+08:00', Date.UTC(2026, 10, 23, 0, 0, 0)],
    ['2026-11-23T08:00:00.5+08:00', Date.UTC(2026, 10, 23, 0, 0, 0, 500)],
    ['2026-11-23T00:00:00Z', Date.UTC(2026, 10, 23)],
    ['2026-11-23t00:00:00z', Date.UTC(2026, 10, 23)],
    ['2026-11-23 00:00:00.123456789Z', Date.UTC(2026, 10, 23, 0, 0, 0, 123)],
    ['2026-11-22T19:30:00-04:30', Date.UTC(2026, 10, 23)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    [1_700_000_000_000, 1_700_000_000_000],
    [1_700_000_000_000.9, 1_700_000_000_000],
    [-1, -1],
  ])('reads %s', (given, expected) => {
    expect(parseInstant(given)).toBe(expected);
  });

  it.each([
    '2026-11-23T08:00:00',
    '2026-11-23',
    '2026-02-29T00:00:00Z',
    '2026-02-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T08:60:00Z',
    '2026-11-23T08:00:61Z',
    '2026-11-23T08:00:00+24:00',
    '2026-11-23T08:00:00+0800',
    '2026-11-23T08:00:00.Z',
    '2026-11-23T08:00:00Zx',
    '2026-11-23T08:00:00,5Z',
    '2026-11-23X08:00:00Z',
    '26-11-23T08:00:00+08:00',
    '1700000000000',
    '',
    ' 2026-11-23T08:00:00Z',
    `2026-11-23T08:00:00.${'1'.repeat(40)}Z`,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    9e15,
    null,
    undefined,
    true,
    {},
  ])('refuses %s', (given) => {
    expect(parseInstant(given)).toBeNull();
  });

  it('reads back whatever a Date prints', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T00:00:00Z') }), (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  it('never throws, whatever text it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-:T.Z+ tz'), maxLength: 32 }), (text) => {
        const instant = parseInstant(text);
        expect(instant === null || Number.isInteger(instant)).toBe(true);
      }),
    );
  });
});
