import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annualDecline } from '../../../../../src/intensity/model/tracking/path.js';
import { projectionOf } from '../../../../../src/intensity/model/tracking/projection.js';
import { pathYears } from '../../../../../src/intensity/model/tracking/standing.js';

const TARGET = { baseYear: 2020, rate: 0.05, targetYear: 2029, comparison: 'levels' } as const;
const pathOf = (values: readonly (number | null)[]) =>
  pathYears(
    TARGET,
    values[0] ?? 0,
    values.map((value, i) => ({ year: 2020 + i, value, changeOnSameSet: null })),
  );
const forecast = (value: number, half: number) => ({
  ...{ kind: 'forecast' as const, value },
  interval: { low: value * Math.exp(-half), high: value * Math.exp(half) },
});
const UNEVEN = [0.2, 0.188, 0.181, 0.169, 0.163, 0.152];

describe('the years to come as the years before went', () => {
  it('carry the mean decline since the base year on, beside the allowed path', () => {
    const path = pathOf(UNEVEN);
    const rows = projectionOf(TARGET, path, forecast(0.146, 0.02), 2026);
    const decline = annualDecline(0.2, 0.146, 6)!;
    expect(rows.map(({ year }) => year)).toEqual([2027, 2028, 2029]);
    for (const [i, row] of rows.entries()) {
      expect(row.value).toBeCloseTo(0.146 * (1 - decline) ** (i + 1), 12);
      expect(row.allowed).toBe(path[7 + i]!.allowed);
      expect(row.change).toBeCloseTo(-decline, 12);
      expect(row.againstPath).toBeCloseTo(row.value / row.allowed - 1, 12);
    }
    const widths = rows.map(({ interval }) => Math.log(interval!.high / interval!.low));
    expect(widths[0]).toBeGreaterThan(0.04);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    for (const { interval, interval50, value } of rows) {
      const order = [interval!.low, interval50!.low, value, interval50!.high, interval!.high];
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  it('has no interval on fewer than three changes, nothing without a base year or an expected value', () => {
    expect(projectionOf(TARGET, pathOf([0.2]), forecast(0.19, 0.02), 2021)[0]).toMatchObject({
      ...{ year: 2022, interval: null, interval50: null },
    });
    expect(projectionOf(TARGET, pathOf([0.2, 0.19]), forecast(0.18, 0.02), 2022)[0]!.interval).toBeNull();
    expect(projectionOf(TARGET, pathOf([0.2, 0.19, 0.18]), forecast(0.17, 0.02), 2023)[0]!.interval).not.toBeNull();
    expect(projectionOf(TARGET, pathOf(UNEVEN), null, 2026)).toEqual([]);
    expect(projectionOf(TARGET, pathOf(UNEVEN), forecast(0, 0), 2026)).toEqual([]);
    expect(projectionOf(TARGET, [], forecast(0.1, 0), 2026)).toEqual([]);
    expect(projectionOf(TARGET, pathOf(UNEVEN), forecast(0.2, 0), 2020)).toEqual([]);
    expect(projectionOf(TARGET, pathOf(UNEVEN), forecast(0.13, 0), 2029)).toEqual([]);
  });

  it('takes a change over years of which one is missing as one of several years', () => {
    const gap = projectionOf(
      TARGET,
      pathOf([0.2, null, 0.2 * 0.95 ** 2, 0.2 * 0.95 ** 3]),
      forecast(0.2 * 0.95 ** 4, 0),
      2024,
    );
    const whole = projectionOf(
      TARGET,
      pathOf([0, 1, 2, 3].map((n) => 0.2 * 0.95 ** n)),
      forecast(0.2 * 0.95 ** 4, 0),
      2024,
    );
    expect(gap.map(({ value }) => value)).toEqual(whole.map(({ value }) => value));
    expect(gap[0]!.interval).not.toBeNull();
  });

  it('has intervals that hold what comes in 70 to 90 % and 40 to 60 % of 400 random walks, one and three years on', () => {
    // Park–Miller and Box–Muller: the same walks at each run.
    let seed = 20261128;
    const uniform = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const hits = { one: [0, 0], three: [0, 0] };
    for (let walk = 0; walk < 400; walk++) {
      const drift = -0.05 + 0.01 * normal();
      const logs = [Math.log(0.2)];
      for (let year = 1; year <= 9; year++) logs.push(logs.at(-1)! + drift + 0.03 * normal());
      const values = logs.map(Math.exp);
      // The year that runs is known to within 2 % (80 %): its error is part of what is projected.
      const expected = values[6]! * Math.exp((0.02 / 1.2816) * normal());
      const rows = projectionOf(TARGET, pathOf(values.slice(0, 6)), forecast(expected, 0.02), 2026);
      for (const [of, row, outcome] of [
        ['one', rows[0]!, values[7]!],
        ['three', rows[2]!, values[9]!],
      ] as const) {
        for (const [i, interval] of [row.interval!, row.interval50!].entries()) {
          if (interval.low <= outcome && outcome <= interval.high) hits[of][i]! += 1;
        }
      }
    }
    for (const [outer, inner] of [hits.one, hits.three]) {
      expect(outer! / 400).toBeGreaterThan(0.7);
      expect(outer! / 400).toBeLessThan(0.9);
      expect(inner! / 400).toBeGreaterThan(0.4);
      expect(inner! / 400).toBeLessThan(0.6);
    }
  });

  it('never fails and stays in order, whatever the years are', () => {
    const value = fc.oneof(fc.constant(null), fc.constant(0), fc.double({ min: 1e-9, max: 1e9, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (values, end) => {
          for (const row of projectionOf(TARGET, pathOf(values), forecast(end, 0.1), 2020 + values.length)) {
            expect(row.value).toBeGreaterThanOrEqual(0);
            expect(row.value).toBeLessThan(Number.POSITIVE_INFINITY);
            if (row.interval !== null) expect(row.interval.low).toBeLessThanOrEqual(row.interval.high);
          }
        },
      ),
    );
  });
});
