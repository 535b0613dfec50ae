import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { devicesOf } from '../../../simulators/model/park.js';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import { levelMet } from '../../../src/alarms/model/rule/comparison.js';
import { metric } from '../../../src/model/catalogue/index.js';
import { CounterIncrements } from '../../../src/model/counter/counter.js';
import { JITTER } from '../../../src/model/counter/rise-bound.js';
import { device, SITES, site } from './sites.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(`${text}+08:00`);
/** A Monday. */
const MONDAY = at('2026-11-23T00:00');
const anyTime = fc.integer({ min: at('2020-01-02T00:00'), max: at('2035-01-01T00:00') });
const all = SITES.flatMap((one) => devicesOf(one, 7));
const number = (values: Record<string, number | boolean>, key: string) => Number(values[key]);

describe('the devices of the parks', () => {
  it('are in all four domains of every park', () => {
    for (const one of SITES) {
      expect(new Set(devicesOf(one, 1).map(({ domain }) => domain))).toEqual(
        new Set(['energy', 'wastewater', 'fire', 'traffic']),
      );
    }
  });

  it('have ids of their own, and between them every metric of the catalogue that is not for special sites', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const metrics = new Set(all.flatMap((one) => Object.keys(one.values(MONDAY))));
    for (const key of ['voltage_thd_pct', 'export_energy_kwh', 'heat_energy_gj', 'total_cyanide_mg_l', 'battery_pct']) {
      expect(metrics).toContain(key);
    }
  });

  it('grow in number with the area, few in a software park and many in the electroplating base', () => {
    const meters = (park: string) => devicesOf(site(park), 1).filter(({ id }) => id.includes('-em-')).length;
    expect(meters('lc-xiedu-1')).toBeGreaterThan(meters('lc-xiedu-2'));
    expect(meters('oh-diandu') / site('oh-diandu').areaMu).toBeGreaterThan(
      5 * (meters('lc-juguang') / site('lc-juguang').areaMu),
    );
  });

  it('measure metals and cyanide in the electroplating base, workshops apart from the main outlet', () => {
    const main = Object.keys(device('oh-diandu', 'ww').values(MONDAY));
    expect(main).toEqual(expect.arrayContaining(['total_cyanide_mg_l', 'total_copper_mg_l', 'total_zinc_mg_l']));
    expect(main).not.toContain('hexavalent_chromium_mg_l');
    expect(device('oh-diandu', 'ws-chromium').values(MONDAY)).toHaveProperty('hexavalent_chromium_mg_l');
    expect(device('oh-diandu', 'ws-nickel').values(MONDAY)).toHaveProperty('total_nickel_mg_l');
    expect(device('lc-juguang', 'ww').values(MONDAY)).not.toHaveProperty('total_copper_mg_l');
  });

  it('read the same at the same instant with the same seed, and something else with another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SITES), anyTime, (one, ts) => {
        const read = (seed: number) => devicesOf(one, seed).map((model) => model.values(ts));
        expect(read(3)).toEqual(read(3));
        expect(read(3)).not.toEqual(read(4));
      }),
      { numRuns: 5 },
    );
  });

  it('read the same whether they ran through the past or not', () => {
    const fresh = devicesOf(site('oh-diandu'), 7);
    const travelled = devicesOf(site('oh-diandu'), 7);
    for (let ts = MONDAY - 40 * DAY; ts < MONDAY; ts += 7 * HOUR) for (const one of travelled) one.values(ts);
    expect(travelled.map((one) => one.values(MONDAY + HOUR))).toEqual(fresh.map((one) => one.values(MONDAY + HOUR)));
  });

  it('stay in the plausible range of the catalogue at any time', () => {
    fc.assert(
      fc.property(anyTime, (ts) => {
        for (const one of all) {
          for (const [key, value] of Object.entries(one.values(ts))) {
            const found = metric(one.domain, key);
            if (!found) throw new Error(`${one.id}: ${key} is not in the catalogue`);
            const [min, max] = found.range;
            if (!(Number(value) >= min && Number(value) <= max)) throw new Error(`${one.id}: ${key} is ${value}`);
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  it('meet no default alarm rule while nothing is wrong', () => {
    fc.assert(
      fc.property(anyTime, (ts) => {
        for (const one of all) {
          const values = one.values(ts);
          // Rules of the other signals need time: healthy.test.ts.
          for (const rule of DEFAULT_RULES.filter(({ signal }) => signal.kind === 'value')) {
            const applies = rule.limitProfile === null || rule.limitProfile === one.limitProfile;
            if (rule.domain !== one.domain || !applies || values[rule.metric] === undefined) continue;
            const value = number(values, rule.metric);
            if (levelMet(rule.comparison, value) > 0)
              throw new Error(`${one.id}: ${rule.id} at ${value}, ${new Date(ts)}`);
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  it('have counters that only rise, and that count in full, through past and live steps', () => {
    const steps = [
      ...Array.from({ length: 48 }, (_, i) => MONDAY + i * HOUR),
      ...Array.from({ length: 30 }, (_, i) => MONDAY + 48 * HOUR + i * 10_000),
    ];
    // A register that has only shown a night waits with its first morning until two more readings say the same.
    const expected = ['first', 'rise', 'rollover', 'glitch', 'recovered'];
    for (const one of all) {
      const counters = new Map<string, { counter: CounterIncrements; from: number; last: number; sum: number }>();
      for (const ts of steps) {
        for (const [key, given] of Object.entries(one.values(ts))) {
          const found = metric(one.domain, key);
          if (found?.kind !== 'counter') continue;
          const value = Number(given);
          const of = counters.get(key) ?? { counter: new CounterIncrements(found), from: value, last: value, sum: 0 };
          counters.set(key, of);
          const { verdict, increment } = of.counter.push(ts, value);
          if (!expected.includes(verdict) || (value < of.last && verdict !== 'rollover')) {
            throw new Error(`${one.id}: ${key} is a ${verdict} at ${new Date(ts).toISOString()}`);
          }
          if (verdict === 'rollover') of.from -= found.rollover ?? Number.NaN;
          of.last = value;
          of.sum += increment;
        }
      }
      for (const [key, { from, last, sum }] of counters) {
        expect(Math.abs(sum - (last - from)), `${one.id} ${key}`).toBeLessThanOrEqual(JITTER);
      }
    }
  });
});

describe('correlations', () => {
  it('power is the sum of V·I·PF over the phases', () => {
    const meter = device('lc-xiedu-1', 'em');
    fc.assert(
      fc.property(anyTime, (ts) => {
        const v = meter.values(ts);
        const phase = (p: string) => number(v, `voltage_${p}_v`) * number(v, `current_${p}_a`);
        const kw = ((phase('a') + phase('b') + phase('c')) * number(v, 'power_factor')) / 1000;
        expect(number(v, 'active_power_kw')).toBeCloseTo(kw, 2);
      }),
    );
  });

  it.each([
    ['energy integrates power', 'lc-xiedu-1', 'em', 'active_power_kw', 'import_energy_kwh', 1],
    ['exported energy integrates power', 'lc-xiedu-1', 'pv', 'active_power_kw', 'export_energy_kwh', -1],
    ['discharge integrates flow', 'oh-diandu', 'ww', 'flow_l_s', 'discharge_volume_m3', 3.6],
    ['gas volume integrates gas flow', 'lw-zhenan', 'gas', 'gas_flow_m3_h', 'gas_volume_m3', 1],
    ['water volume integrates water flow', 'lw-zhenan', 'water', 'water_flow_m3_h', 'water_volume_m3', 1],
  ])('%s', (_name, park, kind, rate, total, factor) => {
    const one = device(park, kind);
    const minutes = Array.from({ length: 24 * 60 }, (_, i) => MONDAY + i * 60_000);
    const integral = minutes.reduce((sum, ts) => sum + (number(one.values(ts), rate) * factor) / 60, 0);
    const risen = number(one.values(MONDAY + DAY), total) - number(one.values(MONDAY), total);
    expect(risen).toBeGreaterThan(0);
    expect(Math.abs(integral / risen - 1)).toBeLessThan(0.01);
  });

  it('people present are those who came less those who left, and all have left by midnight', () => {
    const counter = device('lc-xiedu-1', 'people');
    fc.assert(
      fc.property(anyTime, (ts) => {
        const v = counter.values(ts);
        expect(number(v, 'people_present')).toBe(number(v, 'people_in') - number(v, 'people_out'));
        expect(number(v, 'people_present')).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(counter.values(MONDAY)).toMatchObject({ people_present: 0 });
    expect(number(counter.values(MONDAY + 10 * HOUR), 'people_present')).toBeGreaterThan(5_000);
  });

  it('motor vehicles are the sum of their classes, and leave the fewer parking spaces', () => {
    const ts = MONDAY + 10 * HOUR;
    const v = device('lc-dezheng', 'gate').values(ts);
    const classes = ['small', 'medium', 'large'].map((name) => number(v, `vehicles_in_${name}`));
    expect(number(v, 'vehicles_in')).toBe(classes.reduce((a, b) => a + b));
    const parking = device('lc-dezheng', 'parking').values(ts);
    expect(number(parking, 'vehicles_present')).toBe(number(v, 'vehicles_in') - number(v, 'vehicles_out'));
    expect(number(parking, 'parking_spaces_free')).toBe(
      number(parking, 'parking_spaces_total') - number(parking, 'vehicles_present'),
    );
  });
});

describe('patterns', () => {
  const used = (from: number, hours: number) => {
    const one = device('lc-xiedu-1', 'em');
    const total = (ts: number) => number(one.values(ts), 'import_energy_kwh');
    return total(from + hours * HOUR) - total(from);
  };

  it('shifts 08–12 and 13–17 are busiest, noon and evening less, night least', () => {
    const [morning, noon, afternoon, evening, night] = [9, 12, 14, 19, 2].map((hour) => used(MONDAY + hour * HOUR, 1));
    expect(noon!).toBeLessThan(0.8 * morning!);
    expect(noon!).toBeLessThan(0.8 * afternoon!);
    expect(evening!).toBeLessThan(0.6 * morning!);
    expect(night!).toBeLessThan(0.5 * evening!);
  });

  it('a Sunday is well below a workday, a Saturday in between', () => {
    const [saturday, sunday] = [used(MONDAY - 2 * DAY, 24), used(MONDAY - DAY, 24)];
    expect(sunday).toBeLessThan(0.5 * saturday);
    expect(saturday).toBeLessThan(used(MONDAY, 24));
  });

  it('summer takes more electricity than winter, winter more gas', () => {
    const month = (kind: string, key: string, from: string) => {
      const one = device('lw-zhenan', kind);
      const start = at(from);
      return number(one.values(start + 28 * DAY), key) - number(one.values(start), key);
    };
    expect(month('em', 'import_energy_kwh', '2026-07-06T00:00')).toBeGreaterThan(
      1.1 * month('em', 'import_energy_kwh', '2026-01-05T00:00'),
    );
    expect(month('gas', 'gas_volume_m3', '2026-01-05T00:00')).toBeGreaterThan(
      1.1 * month('gas', 'gas_volume_m3', '2026-07-06T00:00'),
    );
  });

  it('has no model before 2020', () => {
    expect(() => device('lc-xiedu-1', 'em').values(at('2019-12-31T12:00'))).toThrow(RangeError);
  });
});
