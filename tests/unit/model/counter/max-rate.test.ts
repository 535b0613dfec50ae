import { describe, expect, it } from 'vitest';
import { type Metric, metric } from '../../../../src/model/catalogue/index.js';
import { CounterIncrements } from '../../../../src/model/counter/counter.js';
import { maxRateProblem, withMaxRate } from '../../../../src/model/counter/max-rates.js';

const KWH = metric('energy', 'import_energy_kwh')!;
const QUARTER = 900_000;
const increments = (values: readonly number[], of: Metric) => {
  const counter = new CounterIncrements(of);
  return values.map((value, i) => Math.round(counter.push(i * QUARTER, value).increment * 100) / 100);
};

describe('a counter whose device has a rate of its own', () => {
  it('counts a load beyond what any meter may show at first, reading by reading', () => {
    const values = [1000, 1500, 2000, 2500];
    expect(increments(values, KWH), 'learned').toEqual([0, 0, 1000, 500]);
    expect(increments(values, withMaxRate(KWH, 2500))).toEqual([0, 500, 500, 500]);
  });

  it.each([
    ['second', [10, 310, 10.4, 10.8, 11.2], [0, 0, 0.4, 0.4, 0.4]],
    ['third', [10, 10.4, 310, 10.8, 11.2], [0, 0.4, 0, 0.4, 0.4]],
  ])('does not count a glitch in its %s reading', (_, values, counted) => {
    expect(increments(values, KWH), 'learned').toContain(values.at(2) === 310 ? 299.6 : 300);
    expect(increments(values, withMaxRate(KWH, 8))).toEqual(counted);
  });

  it('takes the rate it is given over a gap, and still follows a roll-over', () => {
    const counter = new CounterIncrements(withMaxRate(KWH, 8));
    counter.push(0, 99_999_990);
    expect(counter.push(100 * QUARTER, 100)).toEqual({ verdict: 'rollover', increment: 110 });
  });
});

describe('rates of counters', () => {
  it.each([
    ['energy', { import_energy_kwh: 400, gas_volume_m3: 20_000 }, null],
    ['energy', {}, null],
    ['energy', { import_energy_kwh: 50_001 }, 'import_energy_kwh'],
    ['energy', { import_energy_kwh: 0 }, 'import_energy_kwh'],
    ['energy', { import_energy_kwh: Number.NaN }, 'import_energy_kwh'],
    ['energy', { active_power_kw: 5 }, 'active_power_kw'],
    ['fire', { import_energy_kwh: 5 }, 'import_energy_kwh'],
    ['energy', { constructor: 5 }, 'constructor'],
  ] as const)('of %s: %o', (domain, rates, wrong) => {
    expect(maxRateProblem(domain, rates as Record<string, number>)?.metric ?? null).toBe(wrong);
  });
});
