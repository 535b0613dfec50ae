import { describe, expect, it } from 'vitest';
import {
  type FigureOf,
  type IntensityFigure,
  intensityOf,
  pooled,
} from '../../../../../src/intensity/model/tracking/figure.js';
import type { Member } from '../../../../../src/intensity/model/tracking/portion.js';
import { level, period, valuesOf } from '../../book.js';
import { ELECTRICITY, month, nothing, quantities, THRESHOLDS, yearOf } from '../../members.js';

const OF: FigureOf = {
  ...{ scope: 'park:p', unit: 'tce', first: month('2024-01'), last: month('2024-12') },
  set: ['enterprise:a', 'enterprise:b'],
};
const codes = (figure: IntensityFigure) => figure.blocks.map(({ code }) => code);
const year = (id: string, quantity: number, addedValue: number, over: Partial<Member> = {}) =>
  yearOf(id, 2024, quantity, addedValue, over);
const of = (members: readonly Member[], over: Partial<FigureOf> = {}) =>
  intensityOf({ ...OF, ...over }, members, THRESHOLDS);

describe('an intensity', () => {
  it('222,468 × 10⁴ tce over 182,321 × 10⁸ CNY is 1.2202 tce per 10⁴ CNY', () => {
    const quantity = 222_468e4;
    // The checks of entries keep such a level out; the sum of a province may be it.
    const addedValue = (182_321 * 1e8) / 1e4;
    const figure = of([year('enterprise:a', quantity, addedValue)], { set: ['enterprise:a'] });
    expect(figure.value?.toFixed(4)).toBe('1.2202');
  });

  it('carries everything it is made of', () => {
    const figure = of([year('enterprise:a', 12, 100), year('enterprise:b', 24, 50)]);
    expect(figure).toMatchObject({
      ...{ quantity: 36, addedValue: 150, value: 0.24, completeness: 1, first: '2024-01', last: '2024-12' },
      ...{ blocks: [], notes: [], leftOut: [], coefficients: [ELECTRICITY] },
      coverage: { total: 2, counted: 2, share: 1, quantityKnown: 36, addedValueKnown: 150, unknown: 0 },
    });
    const [part] = figure.parts;
    expect(part?.months).toHaveLength(12);
    expect(part?.member.addedValue.parts[0]?.restsOn[0]).toMatchObject({ source: 'file.xlsx', version: 1 });
  });

  it('leaves a firm outside the set out of both sides', () => {
    const members = [year('enterprise:a', 12, 100), year('enterprise:b', 24, 50), year('enterprise:small', 99, 1)];
    expect(of(members)).toMatchObject({ quantity: 36, addedValue: 150, set: OF.set });
  });

  it('is marked for what is preliminary, estimated or filled, by its share of the quantity', () => {
    const a = year('enterprise:a', 12, 100, {
      quantity: quantities('2024-01', '2024-12', 1, { estimatedShare: 0.5, filledShare: 0.2 }),
      addedValue: valuesOf([level('enterprise:a', '2024', 100, 'preliminary')]).of('enterprise:a', period('2024')),
    });
    const figure = of([a, year('enterprise:b', 36, 50)]);
    expect(figure).toMatchObject({
      estimatedShare: 0.125,
      filledShare: expect.closeTo(0.05, 12),
      preliminary: ['2024'],
      blocks: [],
    });
    expect(figure.notes.map(({ code }) => code)).toEqual(['preliminary', 'estimated', 'filled']);
  });
});

describe('an intensity is not assessable', () => {
  const a = year('enterprise:a', 12, 100);

  it.each<[string, readonly Member[], readonly string[]]>([
    [
      'a firm without added value',
      [a, year('enterprise:b', 24, 0, { addedValue: nothing('2024') })],
      ['added_value_missing', 'coverage_below'],
    ],
    [
      'a firm without a month of use',
      [a, year('enterprise:b', 24, 50, { quantity: quantities('2024-02', '2024-12', 2) })],
      ['quantity_missing', 'coverage_below'],
    ],
    [
      'a firm whose fuel has no coefficient',
      [a, year('enterprise:b', 24, 50, { notConverted: ['2024-05'] })],
      ['not_converted', 'coverage_below'],
    ],
    ['a firm of which nothing is known', [a], ['coverage_below']],
    [
      'sides of two different sets',
      [a, year('enterprise:b', 24, 50, { covers: { quantity: 'all', addedValue: '规上 2024' } })],
      ['sets_differ', 'coverage_below'],
    ],
    ['nobody counted', [], ['coverage_below', 'nothing_counted']],
  ])('for %s', (_, members, expected) => expect(codes(of(members))).toEqual(expected));

  it('without a set for the year', () => {
    expect(codes(of([a], { set: null }))).toEqual(['set_unknown', 'nothing_counted']);
    expect(codes(of([a], { set: [] }))).toEqual(['set_unknown', 'nothing_counted']);
  });

  it.each([
    [0.9, []],
    [0.8999, ['completeness_below']],
  ])('at a completeness of %d: %j', (completeness, expected) => {
    const quantity = quantities('2024-01', '2024-12', 1, { completeness });
    expect(codes(of([year('enterprise:a', 12, 100, { quantity })], { set: ['enterprise:a'] }))).toEqual(expected);
  });

  it('weighs completeness by days within a firm and by added value between firms', () => {
    const feb = quantities('2024-01', '2024-12', 1).map((one) => ({
      ...one,
      completeness: one.month === '2024-02' ? 0 : 1,
    }));
    const alone = of([year('enterprise:a', 12, 100, { quantity: feb })], { set: ['enterprise:a'] });
    expect(alone.completeness).toBeCloseTo(1 - 29 / 366, 12);
    const both = of([year('enterprise:a', 12, 100, { quantity: feb }), year('enterprise:b', 1, 300)]);
    expect(both.completeness).toBeCloseTo(1 - 29 / 366 / 4, 12);
  });

  it('a small firm that lacks a side stays beside the figure, in neither sum', () => {
    const figure = of([a, year('enterprise:b', 1, 0, { addedValue: nothing('2024') })]);
    expect(figure).toMatchObject({ quantity: 12, addedValue: 100, blocks: [], coverage: { counted: 1, total: 2 } });
    expect(figure.coverage.share).toBeCloseTo(12 / 13, 12);
    expect(figure.notes).toEqual([{ code: 'added_value_missing', params: { list: expect.any(Array) } }]);
  });
});

describe('a district or the city', () => {
  const park = (scope: string, quantity: number, addedValue: number) =>
    of([yearOf(`enterprise:${scope}`, 2024, quantity, addedValue)], { scope, set: [`enterprise:${scope}`] });

  it('is Σ quantity ÷ Σ added value, not the mean of its parks', () => {
    const parks = [park('x', 560, 1000), park('y', 980, 10_000)];
    const mean = parks.reduce((sum, { value }) => sum + (value ?? 0), 0) / 2;
    const city = pooled('city', parks, THRESHOLDS);
    expect(city.value).toBeCloseTo(0.14, 12);
    expect(mean).toBeCloseTo(0.329, 12);
    expect(city).toMatchObject({
      scope: 'city',
      quantity: 1540,
      addedValue: 11_000,
      coverage: { total: 2, counted: 2 },
    });
    expect(city.parts.map(({ member }) => member.id)).toEqual(['enterprise:x', 'enterprise:y']);
  });

  it('takes neither side of what a park cannot count, and says how much that is', () => {
    const lacking = of([yearOf('enterprise:z', 2024, 60, 0, { addedValue: nothing('2024') })], {
      ...{ scope: 'z', set: ['enterprise:z'] },
    });
    const city = pooled('city', [park('x', 940, 1000), lacking], THRESHOLDS);
    expect(city).toMatchObject({ quantity: expect.closeTo(940, 9), addedValue: 1000, blocks: [] });
    expect(city.coverage.share).toBeCloseTo(0.94, 12);
    expect(codes(pooled('city', [park('x', 100, 1000), lacking], THRESHOLDS))).toEqual([
      'added_value_missing',
      'coverage_below',
    ]);
  });

  it('is not assessable while the set of a park is not recorded', () => {
    const unknown = of([], { scope: 'z', set: null });
    expect(codes(pooled('city', [park('x', 1, 1000), unknown], THRESHOLDS))).toEqual(['set_unknown']);
  });

  it('pools figures of the same months only', () => {
    const other = of([yearOf('enterprise:x', 2024, 1, 1)], { last: month('2024-11') });
    expect(() => pooled('city', [park('x', 1, 1), other], THRESHOLDS)).toThrow(RangeError);
    expect(() => pooled('city', [], THRESHOLDS)).toThrow(RangeError);
  });
});
