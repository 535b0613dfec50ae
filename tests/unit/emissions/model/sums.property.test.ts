import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparedMeans } from '../../../../src/emissions/model/exceedances/compared.js';
import { exceedanceEpisodes } from '../../../../src/emissions/model/exceedances/episode.js';
import { toGrid } from '../../../../src/emissions/model/statistics/amounts.js';
import { completenessRow } from '../../../../src/emissions/model/statistics/completeness.js';
import { tallyFigure } from '../../../../src/emissions/model/statistics/figure.js';
import { EMPTY_TALLY, mergeTallies, type Tally } from '../../../../src/emissions/model/statistics/tally.js';
import { dischargeTotals } from '../../../../src/emissions/model/statistics/totals.js';
import { EMISSION_FLAGS, type EmissionValue } from '../../../../src/emissions/model/validity/value.js';
import { limitOn, REGIMES } from '../../../../src/model/limits/discharge/regime.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/model/time/duration.js';
import { at, dayOf, type Given, samples, value } from './helpers.js';

const flag = fc.oneof({ weight: 8, arbitrary: fc.constant('N' as const) }, fc.constantFrom(...EMISSION_FLAGS));
/** Values of the day, some before it, some sent again with another value or flag, some late. */
const cod: fc.Arbitrary<EmissionValue> = fc
  .record({
    slot: fc.integer({ min: -20, max: 143 }),
    one: fc.integer({ min: -5, max: 20_000 }),
    flag,
    late: fc.nat(600),
  })
  .map(({ slot, one, late, flag: letter }) =>
    value(at(0, slot * 10), one / 100, { flag: letter, receivedAt: at(0, slot * 10 + late) }),
  );
const flow: fc.Arbitrary<EmissionValue> = fc
  .record({ slot: fc.nat(143), one: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })), hour: fc.boolean() })
  .map(({ slot, one, hour }) => {
    if (!hour) return value(at(0, slot * 10), one / 1000);
    return value(at(Math.floor(slot / 6)), one / 1000, { intervalMs: HOUR_MS, volume: (one * 3.6) / 1000 });
  });
const given: fc.Arbitrary<Given> = fc.record({
  values: fc.array(cod, { maxLength: 160 }),
  flow: fc.array(flow, { maxLength: 160 }),
  rises: fc.array(fc.nat(20).map((hour) => ({ from: at(hour), to: at(hour + 3), m3: hour * 7.3 }))),
  everyMs: fc.constantFrom(10 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS),
  substitutes: fc.record({
    concentration: fc.option(fc.nat(9_000).map((one) => toGrid(one / 100))),
    slot: fc.option(fc.nat(9_000).map(BigInt)),
    samples: fc
      .array(fc.nat(23), { maxLength: 3 })
      .map((hours) => samples(...hours.map((hour) => [at(hour), hour] as const))),
  }),
});

const LIMIT = limitOn(REGIMES.find(({ id }) => id === 'electroplating')!, 'cod_mg_l', '2026-11-01')!;
function everythingOf(input: Given) {
  const { slots, hours, day } = dayOf(input);
  const times = hours.map((tally, hour) => ({ from: at(hour), to: at(hour + 1), tally }));
  const episodes = exceedanceEpisodes(comparedMeans(times, 'flow', 0.75), () => LIMIT, 'hour', 'full_value');
  return {
    slots,
    hours,
    day,
    episodes,
    figure: tallyFigure(day, 'flow', DAY_MS, 0.75),
    row: completenessRow(day, 0.75),
  };
}
const shuffled = <T>(items: readonly T[], order: readonly number[]): T[] => {
  const twice = [...items, ...items.filter((_, n) => (order[n] ?? 0) % 3 === 0)];
  return twice
    .map((item, n) => ({ item, by: order[n % (order.length || 1)] ?? 0 }))
    .sort((a, b) => a.by - b.by)
    .map(({ item }) => item);
};

describe('statistics of a day', () => {
  it('are the same in any order and with duplicates', () => {
    fc.assert(
      fc.property(given, fc.array(fc.nat(1_000), { minLength: 50, maxLength: 400 }), (input, order) => {
        const mixed = { ...input, values: shuffled([...input.values], order), flow: shuffled([...input.flow], order) };
        expect(everythingOf(mixed)).toEqual(everythingOf(input));
      }),
      { numRuns: 60 },
    );
  });

  it('are the sum of its hours, each the sum of its ten minutes', () => {
    fc.assert(
      fc.property(given, fc.nat(23), (input, split) => {
        const { slots, hours, day } = dayOf(input);
        expect(mergeTallies([mergeTallies(hours.slice(split)), mergeTallies(hours.slice(0, split))])).toEqual(day);
        hours.forEach((hour, n) => {
          expect({ ...mergeTallies(slots.slice(n * 6, n * 6 + 6)), peakHour: hour.peakHour }).toEqual(hour);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('leave nothing out: each interval is valid, or lost for one reason; each volume measured or stood in for', () => {
    fc.assert(
      fc.property(given, (input) => {
        const { day, row } = everythingOf(input);
        const lost = Object.values(row.byReason).reduce((sum, count) => sum + count, 0);
        expect(row.valid + lost).toBe(row.expected);
        expect(row.invalid + row.missing + row.valid).toBe(row.expected);
        expect(row.received).toBe(row.expected - row.missing);
        expect(day.measuredVolume <= day.volume).toBe(true);
        expect(day.min === null || day.min <= day.max!).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

const nat = fc.bigInt({ min: 0n, max: 10n ** 14n });
const tally: fc.Arbitrary<Tally> = fc
  .record({
    measured: nat,
    volume: nat,
    gap: fc.boolean(),
    unsubstituted: fc.constantFrom(0n, 0n, 0n, 5n),
    valid: fc.nat(24),
  })
  .map(({ gap, volume, ...one }) => ({
    ...{
      ...EMPTY_TALLY,
      ...one,
      volume,
      expected: 24,
      substituted: one.measured / 3n,
      peakHour: one.measured % 1_000n,
    },
    measuredVolume: gap ? volume / 2n : volume,
  }));

describe('totals', () => {
  const part = fc.record({ n: fc.nat(30), tally }).map(({ n, tally: one }) => ({
    ...{ outlet: `o${n}`, park: `p${n % 7}`, district: `d${(n % 7) % 3}`, tally: one },
  }));

  it('of the city are those of its districts, of its parks, of its outlets, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const { city, ...levels } = dischargeTotals(parts, 'flow', 0.75);
        const keys = ['volume', 'measured', 'withSubstitutes', 'worst', 'outlets', 'expected', 'valid'] as const;
        for (const level of Object.values(levels)) {
          for (const key of keys) {
            const each = [...level.values()].map((total) => total[key]);
            const sum = each.reduce<bigint | null>((a, b) => (a === null || b === null ? null : a + BigInt(b)), 0n);
            expect(sum).toBe(city[key] === null ? null : BigInt(city[key]));
          }
        }
        expect(levels.outlets.size).toBe(new Set(parts.map(({ outlet }) => outlet)).size);
        expect(city.volume).toBe(parts.reduce((sum, one) => sum + one.tally.volume, 0n));
      }),
    );
  });

  it('are the same in any order', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const backwards = dischargeTotals([...parts].reverse(), 'flow', 0.75);
        const forwards = dischargeTotals(parts, 'flow', 0.75);
        for (const key of ['outlets', 'parks', 'districts'] as const) {
          expect(new Map(backwards[key])).toEqual(new Map(forwards[key]));
        }
        expect(backwards.city).toEqual(forwards.city);
      }),
    );
  });

  it('take what was worst of each outlet by itself, and say where a figure is missing', () => {
    const tallied = (measured: bigint, peakHour: bigint, rest: bigint): Tally => ({
      ...{ ...EMPTY_TALLY, measured, measuredVolume: 1n, volume: 1n + rest, peakHour, substituted: 0n },
    });
    const mg = 10n ** 11n;
    const parts = [
      { outlet: 'a', park: 'p', district: 'd', tally: tallied(5n * mg, 2n * mg, 3n) },
      { outlet: 'b', park: 'p', district: 'd', tally: tallied(1n * mg, 9n * mg, 0n) },
      { outlet: 'c', park: 'q', district: 'd', tally: { ...EMPTY_TALLY, volume: 9n, unsubstituted: 9n } },
    ];
    const { parks, city } = dischargeTotals(parts, 'flow', 0.75);
    // 5 + 3 × 2 of a; 1 of b.
    expect(parks.get('p')).toMatchObject({ measured: 6n, withSubstitutes: 6n, worst: 12n, outlets: 2 });
    expect(city).toMatchObject({ measured: 6n, withSubstitutes: null, worst: null, outlets: 3 });
  });
});
