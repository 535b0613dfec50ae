import { describe, expect, it } from 'vitest';
import { brokenLinks, pathYears, standingOf } from '../../../../../src/intensity/model/tracking/standing.js';

const TARGET = { baseYear: 2020, rate: 0.05, targetYear: 2026 };
const year = (number: number, value: number | null, changeOnSameSet: number | null = null) => ({
  ...{ year: number, value, changeOnSameSet },
});

describe('the path with what became of it', () => {
  it('runs from the base year to the target year', () => {
    const rows = pathYears({ ...TARGET, comparison: 'levels' }, 0.2, [
      year(2020, 0.2),
      year(2021, 0.19),
      year(2022, 0.2),
    ]);
    expect(rows.map((row) => [row.year, Number(row.allowedIndex.toFixed(8))])).toEqual([
      ...[
        [2020, 1],
        [2021, 0.95],
        [2022, 0.9025],
        [2023, 0.857375],
      ],
      ...[
        [2024, 0.81450625],
        [2025, 0.77378094],
        [2026, 0.73509189],
      ],
    ]);
    expect(rows[0]).toMatchObject({ change: null, againstPath: 0 });
    expect(rows[2]?.change).toBeCloseTo(0.2 / 0.19 - 1, 12);
    expect(rows[2]?.againstPath).toBeCloseTo(0.2 / 0.1805 - 1, 12);
    expect(rows[3]).toMatchObject({ value: null, comparable: null, change: null, againstPath: null });
  });

  it('chains yearly changes, each on its own set, and breaks where one is missing', () => {
    const known = [
      year(2020, 1),
      year(2021, 1.1, 0.0151),
      year(2022, 0.9, -0.022),
      year(2023, 0.5, -0.0418),
      year(2025, 1),
    ];
    const rows = pathYears({ ...TARGET, comparison: 'chained' }, 1, known);
    expect(Number(((rows[3]?.comparable ?? 0) - 1).toFixed(4))).toBe(-0.0487);
    expect(rows[3]).toMatchObject({ change: -0.0418, changeIsOnSameSet: true });
    expect(rows[5]).toMatchObject({ comparable: null, changeIsOnSameSet: false });
    expect(brokenLinks(rows, 2020, 2023)).toEqual([]);
    expect(brokenLinks(rows, 2020, 2025)).toEqual(['2024', '2025']);
  });
});

describe('where a scope stands', () => {
  it('0.9513 after three of five years towards 17 %', () => {
    const target = { baseYear: 2020, targetYear: 2025, rate: 1 - 0.83 ** 0.2 };
    const standing = standingOf(target, 1, 0.9513, 2023);
    expect(standing?.achievedAnnual?.toFixed(4)).toBe('0.0165');
    expect(standing?.progress?.toFixed(3)).toBe('0.268');
    expect(standing?.progressYears?.toFixed(2)).toBe('1.34');
    expect(standing?.remaining?.toFixed(4)).toBe('0.1275');
    expect(standing?.neededAnnual?.toFixed(4)).toBe('0.0659');
    expect(standing).toMatchObject({ timeShare: 0.6, yearsLeft: 2 });
  });

  it('needs exactly the rate when it is on the path, and nothing more in the target year', () => {
    expect(standingOf(TARGET, 0.2, 0.2 * 0.95 ** 4, 2024)?.neededAnnual).toBeCloseTo(0.05, 12);
    expect(standingOf(TARGET, 0.2, 0.2 * 0.95 ** 6, 2026)).toMatchObject({ neededAnnual: null, yearsLeft: 0 });
  });

  it('is not defined without a base above 0', () => {
    expect(standingOf(TARGET, 0, 0.1, 2024)).toBeNull();
    expect(standingOf(TARGET, 0.2, Number.NaN, 2024)).toBeNull();
    expect(standingOf(TARGET, 0.2, 0, 2024)).toMatchObject({ achieved: 1, progress: null, neededAnnual: null });
  });
});
