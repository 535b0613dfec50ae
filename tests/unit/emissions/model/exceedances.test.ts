import { describe, expect, it } from 'vitest';
import { annualMass } from '../../../../src/emissions/model/exceedances/annual-mass.js';
import {
  comparedMeans,
  comparedSamples,
  comparedValues,
} from '../../../../src/emissions/model/exceedances/compared.js';
import { type ComparedMean, exceedanceEpisodes } from '../../../../src/emissions/model/exceedances/episode.js';
import { decimalText, parseDecimal } from '../../../../src/emissions/model/rounding/decimal.js';
import { kilograms } from '../../../../src/emissions/model/statistics/amounts.js';
import { judgeValues } from '../../../../src/emissions/model/validity/judge.js';
import type { DischargeLimit } from '../../../../src/model/limits/discharge/limit.js';
import { limitOn, REGIMES } from '../../../../src/model/limits/discharge/regime.js';
import { HOUR_MS } from '../../../../src/model/time/duration.js';
import { at, COD, dayOf, flowing, hourly, MIDNIGHT, STEADY, shown, value } from './helpers.js';

const limitOf = (regime: string, pollutant: string, day = '2026-11-01'): DischargeLimit =>
  limitOn(REGIMES.find(({ id }) => id === regime)!, pollutant, day)!;

/** COD 80 mg/L, by instant (6.2), hour and day. */
const TABLE_2 = limitOf('electroplating', 'cod_mg_l', '2020-01-01');

const hour = (n: number, mean: string, more: Partial<ComparedMean> = {}): ComparedMean => ({
  ...{ from: at(n), to: at(n + 1), mean: parseDecimal(mean), volume: 10_000_000n, isSuspect: false, isSample: false },
  ...more,
});
const episodes = (
  means: readonly ComparedMean[],
  limit: DischargeLimit | null = TABLE_2,
  method = 'full_value' as const,
) => exceedanceEpisodes(means, () => limit, 'hour', method);

describe('an episode of exceedance', () => {
  it('is unbroken: start, end, peak, factor, duration, excess mass, and the limit with its version', () => {
    const means = [hour(2, '80'), hour(3, '90'), hour(4, '120'), hour(5, '100'), hour(6, '79.9'), hour(8, '81')];
    const [first, second, ...rest] = episodes(means);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      from: at(3),
      to: at(6),
      peakAt: at(4),
      count: 3,
      durationMs: 3 * HOUR_MS,
      side: 'above',
    });
    // 120 ÷ 80 − 1; (10 + 40 + 20) mg/L in 10 m³ each are 700 g.
    expect([shown(first!.factor, 3), shown(kilograms(first!.excess!), 3)]).toEqual(['0.500', '0.700']);
    expect(first!.limit.id).toBe('gb21900-2008/2/cod_mg_l@2008-08-01');
    expect(second).toMatchObject({ from: at(8), to: at(9), kind: 'formal', basis: 'hour', method: 'full_value' });
  });

  it('is the same in any order and with duplicates', () => {
    const means = [hour(3, '90'), hour(4, '120'), hour(5, '100')];
    expect(episodes([means[2]!, means[0]!, means[1]!, means[0]!])).toEqual(episodes(means));
  });

  it('ends where nothing valid is known, and where the limit changes', () => {
    expect(episodes([hour(3, '90'), hour(5, '90')])).toHaveLength(2);
    const change = at(4);
    const found = exceedanceEpisodes(
      [hour(3, '90'), hour(4, '90')],
      (ts) => (ts < change ? TABLE_2 : limitOf('electroplating', 'cod_mg_l')),
      ...(['hour', 'full_value'] as const),
    );
    expect(found.map(({ limit }) => limit.column.standard)).toEqual(['GB 21900-2008', 'DB33/ 2260-2020']);
    expect(episodes([hour(3, '900')], null)).toEqual([]);
  });

  it('is by the full or by the rounded value', () => {
    expect(episodes([hour(3, '80.4')])).toHaveLength(1);
    expect(exceedanceEpisodes([hour(3, '80.4')], () => TABLE_2, 'hour', 'rounded_value')).toEqual([]);
    expect(exceedanceEpisodes([hour(3, '80.6')], () => TABLE_2, 'hour', 'rounded_value')).toHaveLength(1);
  });

  it('of pH is beyond one end of a range, and has no mass', () => {
    const means = [hour(1, '9.2'), hour(2, '9.8'), hour(3, '5.5'), hour(4, '4.1')];
    const found = episodes(means, limitOf('electroplating', 'ph'));
    expect(found.map(({ side, peak, factor, excess }) => [side, decimalText(peak), factor, excess])).toEqual([
      ['above', '9.8', null, null],
      ['below', '4.1', null, null],
    ]);
  });

  it('is provisional with a suspect value, and has no mass where a volume is unknown', () => {
    const [one] = episodes([hour(3, '90', { volume: null }), hour(4, '90', { isSuspect: true })]);
    expect(one).toMatchObject({ excess: null, isProvisional: true });
  });

  it('keeps the first peak of equal ones', () => {
    expect(episodes([hour(3, '90'), hour(4, '90')])[0]).toMatchObject({ peakAt: at(3), count: 2 });
  });
});

describe('warnings and formal exceedances stay apart', () => {
  const kind = (limit: DischargeLimit, basis: 'instant' | 'hour' | 'day', isSample = false) =>
    exceedanceEpisodes([hour(3, '9999', { isSample })], () => limit, basis, 'full_value')[0]!.kind;
  it.each([
    ['instant', false, 'warning'],
    ['instant', true, 'formal'],
    ['hour', false, 'formal'],
    ['day', false, 'formal'],
  ] as const)('of electroplating: %s, sample %s: %s', (basis, isSample, expected) => {
    expect(kind(TABLE_2, basis, isSample)).toBe(expected);
  });

  it('follow the bases of the standard: GB 8978 judges daily means', () => {
    const sewer = limitOf('sewer', 'cod_mg_l');
    expect([kind(sewer, 'hour'), kind(sewer, 'day'), kind(sewer, 'instant', true)]).toEqual([
      'warning',
      'formal',
      'warning',
    ]);
  });
});

describe('what is compared', () => {
  it('is what is effective, never a substitute', () => {
    const { hours } = dayOf({
      values: hourly((n) => (n === 4 ? null : 100)),
      flow: flowing((n) => (n === 6 ? 0 : 1)),
      rules: STEADY,
    });
    const times = hours.map((tally, n) => ({ from: at(n), to: at(n + 1), tally }));
    const means = comparedMeans(times, 'flow', 0.75);
    expect(means.map(({ from }) => (from - MIDNIGHT) / HOUR_MS)).toEqual(
      Array.from({ length: 24 }, (_, n) => n).filter((n) => n !== 4 && n !== 6),
    );
    // 3.6 m³ an hour, 20 mg/L over the limit: 72 g for each of 4, 1 and 17 hours.
    expect(episodes(means).map(({ excess }) => shown(kilograms(excess!), 3))).toEqual(['0.288', '0.072', '1.224']);
  });

  it('of single values is what entersStatistics, for its own interval', () => {
    const values = [value(at(1), 100), value(at(2), 100, { flag: 'C' }), value(at(3), 100), value(at(4), 101)];
    const found = exceedanceEpisodes(
      comparedValues(judgeValues('cod_mg_l', values, COD, []), HOUR_MS, COD),
      ...([() => TABLE_2, 'instant', 'full_value'] as const),
    );
    expect(found.map(({ from, to, kind }) => [from, to, kind])).toEqual([
      [at(1), at(2), 'warning'],
      [at(3), at(5), 'warning'],
    ]);
  });

  it('of samples is each by itself', () => {
    const means = comparedSamples([
      { ts: at(10), value: 92.8 },
      { ts: at(11), value: 70 },
    ]);
    const [one, ...rest] = exceedanceEpisodes(means, () => TABLE_2, 'instant', 'full_value');
    expect(rest).toEqual([]);
    expect([one!.kind, shown(one!.factor, 2), one!.durationMs]).toEqual(['formal', '0.16', 0]);
  });
});

describe('the mass of a year beside the permit', () => {
  const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString().slice(0, 10);
  const days = (count: number, mass: bigint) => Array.from({ length: count }, (_, n) => ({ day: day(n + 1), mass }));

  it('runs out on the first day on which more would be used than is left', () => {
    // 330 days of 10 are 3300; 15 left at 10 a day: half of the second day from 11-27 on.
    const found = annualMass(days(330, 10n), 3_315n, 2026, '2026-11-26');
    expect(found).toMatchObject({
      used: 3_300n,
      left: 15n,
      perDay: 10n,
      days: 330,
      elapsedDays: 330,
      isExceeded: false,
    });
    expect([found.runsOutOn, shown(found.share, 4)]).toEqual(['2026-11-28', '0.9955']);
    // Exactly used up on the second day, so exceeded on the third.
    expect(annualMass(days(330, 10n), 3_320n, 2026, '2026-11-26').runsOutOn).toBe('2026-11-29');
  });

  it('lasts the year where it does', () => {
    // 35 days are left: 350 is enough, 349 is not.
    expect(annualMass(days(330, 10n), 3_650n, 2026, '2026-11-26').runsOutOn).toBeNull();
    expect(annualMass(days(330, 10n), 3_649n, 2026, '2026-11-26').runsOutOn).toBe('2026-12-31');
    expect(annualMass(days(3, 0n), 1n, 2026, '2026-01-03')).toMatchObject({ perDay: 0n, runsOutOn: null });
    expect(annualMass([], 1n, 2026, '2026-01-03')).toMatchObject({
      perDay: null,
      runsOutOn: null,
      days: 0,
      elapsedDays: 3,
    });
  });

  it('was exceeded on a day that is named, though less was used since', () => {
    const found = annualMass(days(10, 10n), 45n, 2026, '2026-01-12');
    expect(found).toMatchObject({ isExceeded: true, runsOutOn: '2026-01-05', left: -55n, elapsedDays: 12, days: 10 });
    expect(annualMass(days(10, 10n), 100n, 2026, '2026-01-10').isExceeded).toBe(false);
  });

  it('has the rate of the newest thirty days, and no days of other years or to come', () => {
    const others = [
      { day: '2025-12-31', mass: 999n },
      { day: '2026-03-02', mass: 999n },
    ];
    const masses = [...days(60, 1n).map((one, n) => (n < 30 ? { ...one, mass: 100n } : one)), ...others];
    const found = annualMass([...masses.reverse(), ...masses], 1_000_000n, 2026, '2026-03-01');
    expect(found).toMatchObject({ used: 3_030n, perDay: 1n, days: 60, elapsedDays: 60 });
  });
});
