import { describe, expect, it } from 'vitest';
import { decompose, logarithmicMean } from '../../../../../src/intensity/model/drivers/lmdi.js';

describe('LMDI-I', () => {
  // The public test of LMDIR: three factors, two sectors, total 80 to 180.
  const year0 = [
    [1, 10, 2],
    [4, 5, 3],
  ];
  const year1 = [
    [4, 5, 3],
    [5, 6, 4],
  ];

  it('gives the published additive and multiplicative effects', () => {
    const { total0, total1, additive, multiplicative, bySector } = decompose(year0, year1);
    expect([total0, total1]).toEqual([80, 180]);
    expect(additive.map((value) => value.toFixed(8))).toEqual(['69.79006598', '-9.45512579', '39.66505981']);
    expect(multiplicative!.map((value) => value.toFixed(9))).toEqual(['1.761117821', '0.926191306', '1.379410116']);
    for (const k of [0, 1, 2]) expect(bySector[0]![k]! + bySector[1]![k]!).toBeCloseTo(additive[k]!, 12);
  });

  it.each<[name: string, from: (number | null)[], to: (number | null)[], expected: number[]]>([
    ['0 to 0 contributes nothing', [0, 3], [0, 7], [0, 0]],
    ['0 to 0 by different factors contributes nothing', [0, 3], [7, 0], [0, 0]],
    ['0 to x goes to the factor that was 0', [0, 3], [2, 7], [14, 0]],
    ['x to 0 goes to the factor that becomes 0', [2, 7], [2, 0], [0, -14]],
    ['factors that are 0 together share', [0, 0], [2, 7], [7, 7]],
    ['what is not defined counts as unchanged', [0, null], [2, 7], [14, 0]],
  ])('takes the analytical limit: %s', (_, from, to, expected) => {
    expect(decompose([from], [to]).additive.map((value) => value + 0)).toEqual(expected);
  });

  it('is what ever smaller numbers in the place of a zero come to', () => {
    const limit = decompose([[2, 0, 5]], [[3, 4, 6]]).additive;
    const distances = [1e-10, 1e-100, 1e-300].map((tiny) => {
      const near = decompose([[2, tiny, 5]], [[3, 4, 6]]).additive;
      return Math.max(...near.map((value, k) => Math.abs(value - limit[k]!)));
    });
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
    expect(distances[2]).toBeLessThan(0.1);
  });

  it('has no factors of the whole where a total is 0', () => {
    expect(decompose([[0, 1]], [[2, 1]]).multiplicative).toBeNull();
    expect(decompose([], [])).toMatchObject({ total0: 0, total1: 0, additive: [], multiplicative: null });
  });

  it.each<[string, (number | null)[][], (number | null)[][]]>([
    ['a negative factor', [[1, -1]], [[1, 1]]],
    ['a factor that is no number', [[1, Number.NaN]], [[1, 1]]],
    ['a product beyond all numbers', [[1e308, 10]], [[1, 1]]],
    ['a product too small for a number', [[1e-300, 1e-300]], [[1, 1]]],
    ['an undefined factor of something', [[1, null]], [[1, 1]]],
    ['another number of sectors', [[1, 1]], []],
    ['another number of factors', [[1, 1]], [[1]]],
  ])('refuses %s', (_, from, to) => {
    expect(() => decompose(from, to)).toThrow(RangeError);
  });

  it('takes means of nearly equal numbers without losing digits', () => {
    expect(logarithmicMean(7, 7)).toBe(7);
    expect(logarithmicMean(1 + 1e-12, 1)).toBeCloseTo(1, 11);
    expect(logarithmicMean(0, 5)).toBe(0);
    expect(logarithmicMean(10, 1)).toBeCloseTo(9 / Math.log(10), 12);
  });
});
