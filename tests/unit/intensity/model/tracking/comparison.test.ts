import { describe, expect, it } from 'vitest';
import {
  compareWithLastYear,
  type PairedMember,
  pooledComparison,
} from '../../../../../src/intensity/model/tracking/comparison.js';
import { growth, level, valuesOf } from '../../book.js';
import { month, paired, quantities, THRESHOLDS } from '../../members.js';

const [A, B, C, NEW] = ['enterprise:a', 'enterprise:b', 'enterprise:c', 'enterprise:new'];
const quarter = (id: string, before: number, now: number) => [level(id, '2024-Q1', before), level(id, '2025-Q1', now)];
const values = valuesOf([...quarter(A, 100, 110), ...quarter(B, 50, 60), ...quarter(C, 40, 1)]);
const use = (before: number, now: number) => [
  ...quantities('2024-01', '2024-12', before / 3),
  ...quantities('2025-01', '2025-03', now / 3),
];
const member = (id: string, before: number, now: number, over: Partial<PairedMember> = {}) =>
  paired(id, values, '2025-03', use(before, now), over);
const compare = (set: readonly string[], members: readonly PairedMember[]) =>
  compareWithLastYear(
    { scope: 'park:p', unit: 'tce', first: month('2025-01'), last: month('2025-03'), set },
    members,
    THRESHOLDS,
  );

describe('year to date', () => {
  it('compares the same months over the same firms', () => {
    const { current, previous, change } = compare([A, B], [member(A, 20, 21), member(B, 10, 9)]);
    expect(current).toMatchObject({ first: '2025-01', last: '2025-03', quantity: 30, addedValue: 170, blocks: [] });
    expect(previous).toMatchObject({ first: '2024-01', last: '2024-03', quantity: 30, addedValue: 150, blocks: [] });
    expect(change).toBeCloseTo(150 / 170 - 1, 12);
  });

  it('restates last year on this year’s set: a firm that left is in neither year', () => {
    const withLeaver = compare([A, B], [member(A, 20, 21), member(B, 10, 9), member(C, 400, 1)]);
    expect(withLeaver.previous).toMatchObject({ quantity: 30, addedValue: 150, set: [A, B] });
  });

  it('a firm without last year is in neither year, unless it began its business since', () => {
    const few = valuesOf([...quarter(A, 100, 110), level(NEW, '2025-Q1', 5)]);
    const entering = { ...paired(NEW, few, '2025-03', quantities('2025-01', '2025-03', 1)) };
    const a = paired(A, few, '2025-03', use(20, 21));
    const without = compare([A, NEW], [a, entering]);
    expect([without.current.quantity, without.previous.quantity]).toEqual([21, 20]);
    expect(without.current.coverage).toMatchObject({ counted: 1, total: 2, quantityKnown: 24 });
    const began = compare([A, NEW], [a, { ...entering, began: '2025-01' }]);
    expect(began.current).toMatchObject({ quantity: 24, addedValue: 115, blocks: [] });
    expect(began.previous).toMatchObject({ quantity: 20, addedValue: 100, blocks: [] });
  });

  it('growth without levels will do for both years', () => {
    const chain = valuesOf([level(A, '2023-Q1', 100), growth(A, '2024-Q1', 0.1), growth(A, '2025-Q1', 0.2)]);
    const { current, previous } = compare([A], [paired(A, chain, '2025-03', use(20, 21))]);
    expect(current.addedValue).toBeCloseTo(132, 9);
    expect(previous.addedValue).toBeCloseTo(110, 9);
  });

  it('has no change where one year has no value', () => {
    const { change, current, previous } = compare(
      [A, B],
      [member(A, 20, 21, { quantity: quantities('2025-01', '2025-03', 7) })],
    );
    expect(change).toBeNull();
    expect(current.blocks.map(({ code }) => code)).toEqual(['coverage_below', 'nothing_counted']);
    expect(previous.blocks.map(({ code }) => code)).toEqual(['quantity_missing', 'coverage_below', 'nothing_counted']);
  });

  it('of a district divides sums, in both years', () => {
    const city = pooledComparison(
      'city',
      [compare([A], [member(A, 20, 21)]), compare([B], [member(B, 10, 9)])],
      THRESHOLDS,
    );
    expect(city.current).toMatchObject({ scope: 'city', quantity: 30, addedValue: 170, set: [A, B] });
    expect(city.change).toBeCloseTo(150 / 170 - 1, 12);
  });
});
