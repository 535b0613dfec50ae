import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Missing, stepsOf } from '../../../../src/intensity/consumption/steps.js';

/** Months of meters that are missing, in some order. */
const missingOf = (meters: readonly (readonly number[])[]): Missing[] =>
  meters.flatMap((months, n) =>
    months.map((month, i) => ({
      piece: {
        ...{ month, from: month, to: month + 1, isWhole: true },
        meter: { device: `park-a/m-${n}` as const, register: 'import_energy_kwh', carrier: 'electricity' as const },
      },
      at: n * 1_000 + i,
    })),
  );

const taken = (missing: readonly Missing[]) =>
  [...stepsOf(missing)].flatMap(({ group, months }) =>
    group.flatMap((some) => some.filter(({ piece }) => months.has(piece.month)).map(({ at }) => at)),
  );

describe('steps of what is missing', () => {
  it('work out each piece once, with a bounded number of meters and months in memory', () => {
    const months = fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(fc.array(months, { maxLength: 150 }), (meters) => {
        const missing = missingOf(meters);
        expect(taken(missing).sort((a, b) => a - b)).toEqual(missing.map(({ at }) => at).sort((a, b) => a - b));
        for (const { group, months } of stepsOf(missing)) {
          expect(group.length).toBeLessThanOrEqual(64);
          expect(group.length * months.size).toBeLessThanOrEqual(384);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('read no years of a meter because another one has years to read', () => {
    const years = Array.from({ length: 84 }, (_, i) => i);
    const meters = Array.from({ length: 60 }, (_, n) => (n === 20 ? years : [82, 83]));
    const steps = [...stepsOf(missingOf(meters))];
    expect(
      steps.filter(({ group }) => group.length > 1).map(({ group, months }) => [group.length, [...months]]),
    ).toEqual([[59, [82, 83]]]);
  });
});
