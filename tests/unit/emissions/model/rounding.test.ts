import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparedText, sideBeyond } from '../../../../src/emissions/model/rounding/comparison.js';
import {
  compareDecimals,
  decimalOf,
  decimalText,
  divideHalfEven,
  parseDecimal,
  roundText,
} from '../../../../src/emissions/model/rounding/decimal.js';

describe('rounding by GB/T 8170', () => {
  it.each([
    ['80.5', 0, '80'],
    ['79.5', 0, '80'],
    ['0.25', 1, '0.2'],
    ['0.35', 1, '0.4'],
    ['2.675', 2, '2.68'],
    ['2.665', 2, '2.66'],
    ['-80.5', 0, '-80'],
    ['-79.5', 0, '-80'],
    ['-0.04', 1, '0.0'],
    ['0.4999999999999999999', 0, '0'],
    ['0.5000000000000000001', 0, '1'],
    // Never twice: 15.4546 is 15, where 15.455 and 15.46 and 15.5 would lead to 16.
    ['15.4546', 0, '15'],
    ['12', 2, '12.00'],
    ['1e-7', 7, '0.0000001'],
    ['1.5e+3', 0, '1500'],
  ])('of %s to %i digits is %s', (text, digits, expected) => expect(roundText(text, digits)).toBe(expected));

  it.each(['', '1.', '.5', '0x10', '1e5', 'NaN', 'Infinity', '1,5', ' 1'])('refuses %j', (text) => {
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });

  it('agrees with Intl on decimal text', () => {
    const intl = (text: string, digits: number) =>
      new Intl.NumberFormat('en', {
        ...({ roundingMode: 'halfEven', useGrouping: false } as object),
        ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
      })
        .format(text as unknown as number)
        .replace(/^-(0(?:\.0+)?)$/, '$1');
    const text = fc
      .tuple(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: 0, max: 5 }))
      .map(([unscaled, digits]) => decimalText({ unscaled: BigInt(unscaled), digits }));
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 4 }), (one, digits) => roundText(one, digits) === intl(one, digits)),
    );
  });

  it('of a quotient is the nearest whole number, the even one of two', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        (a, b) => {
          const rest = a - divideHalfEven(a, b) * b;
          const twice = (rest < 0n ? -rest : rest) * 2n;
          return twice < b || (twice === b && divideHalfEven(a, b) % 2n === 0n);
        },
      ),
    );
  });

  it('reads every number back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(decimalText(decimalOf(value)))).toBe(value === 0 ? 0 : value);
      }),
    );
    expect(compareDecimals(parseDecimal('0.5'), parseDecimal('0.500'))).toBe(0);
  });
});

describe('a value beside its limit', () => {
  const chromium = { min: null, max: '0.5' };
  const copper = { min: null, max: '1.0' };
  it.each([
    [chromium, '0.5', null, null],
    [chromium, '0.54', 'above', null],
    [chromium, '0.55', 'above', 'above'],
    // 0.45 is 0.4 and 0.549 is 0.5: both comply when rounded.
    [chromium, '0.549', 'above', null],
    // The limit is printed with one decimal.
    [copper, '1.04', 'above', null],
    [copper, '1.06', 'above', 'above'],
    [{ min: '6', max: '9' }, '5.9', 'below', null],
    [{ min: '6', max: '9' }, '5.4', 'below', 'below'],
    [{ min: '6', max: '9' }, '9.1', 'above', null],
    [{ min: '6', max: '9' }, '9', null, null],
  ] as const)('%j and %s', (limit, value, full, rounded) => {
    expect(sideBeyond(parseDecimal(value), limit, 'full_value')).toBe(full);
    expect(sideBeyond(parseDecimal(value), limit, 'rounded_value')).toBe(rounded);
  });

  it('is shown as it was compared', () => {
    expect(comparedText(parseDecimal('0.549'), '0.5', 'full_value')).toBe('0.549');
    expect(comparedText(parseDecimal('0.549'), '0.5', 'rounded_value')).toBe('0.5');
  });
});
