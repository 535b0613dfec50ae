import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metric } from '../../../../src/model/catalogue/index.js';
import type { DischargeLimit } from '../../../../src/model/limits/discharge/limit.js';
import { OTHER_POLLUTANTS } from '../../../../src/model/limits/discharge/pollutants.js';
import {
  type LimitOverride,
  limitOn,
  limitSteps,
  REGIMES,
  withOverrides,
} from '../../../../src/model/limits/discharge/regime.js';
import { DISCHARGE_LIMITS } from '../../../../src/model/limits/discharge/standards.js';
import { ELECTROPLATING, SEWER } from '../../../../src/model/limits/wastewater.js';

const regime = (id: string) => REGIMES.find((one) => one.id === id)!;
const column = (id: string) => DISCHARGE_LIMITS.filter((cell) => cell.column.id === id);
const maxima = (id: string) => column(id).map(({ pollutant, max }) => [pollutant.replace(/_mg_l$/, ''), max]);
const named = (limit: DischargeLimit | null) => limit && `${limit.column.standard} ${limit.column.table} ${limit.max}`;

describe('the limits that the service ships', () => {
  it('are those of GB 21900-2008 tables 2 and 3, as printed', () => {
    const rows = [
      ...['total_chromium 1.0 0.5', 'hexavalent_chromium 0.2 0.1', 'total_nickel 0.5 0.1', 'total_cadmium 0.05 0.01'],
      ...['total_silver 0.3 0.1', 'total_lead 0.2 0.1', 'total_mercury 0.01 0.005', 'total_copper 0.5 0.3'],
      ...['total_zinc 1.5 1.0', 'total_iron 3.0 2.0', 'total_aluminium 3.0 2.0', 'ss 50 30', 'cod 80 50', 'nh3n 15 8'],
      ...['tn 20 15', 'tp 1.0 0.5', 'petroleum 3.0 2.0', 'fluoride 10 10', 'total_cyanide 0.3 0.2', 'ph 9 9'],
    ].map((row) => row.split(' '));
    expect(maxima('gb21900-2008/2')).toEqual(rows.map(([key, two]) => [key, two]));
    expect(maxima('gb21900-2008/3')).toEqual(rows.map(([key, , three]) => [key, three]));
  });

  it('are those of GB 8978-1996 table 4 and of its first-class pollutants', () => {
    expect(Object.fromEntries(maxima('gb8978-1996/4-3'))).toEqual({
      ...{ ss: '400', bod5: '300', cod: '500', petroleum: '20', animal_vegetable_oil: '100', volatile_phenol: '2.0' },
      ...{ total_cyanide: '1.0', sulphide: '1.0', fluoride: '20', las: '20', total_copper: '2.0', total_zinc: '5.0' },
      ...{ total_manganese: '5.0', ph: '9' },
    });
    expect(Object.fromEntries(maxima('gb8978-1996/4-1'))).toMatchObject({ cod: '100', nh3n: '15', phosphate: '0.5' });
    expect(Object.fromEntries(maxima('gb8978-1996/4-2'))).toMatchObject({ cod: '150', nh3n: '25', ss: '150' });
    expect(maxima('gb8978-1996/1')).toHaveLength(9);
  });

  it('are judged at the workshop where the pollutant is a toxic metal', () => {
    const atWorkshop = DISCHARGE_LIMITS.filter(({ point }) => point === 'workshop').map(({ pollutant }) => pollutant);
    const metals = ['chromium', 'nickel', 'cadmium', 'silver', 'lead', 'mercury', 'arsenic', 'beryllium'];
    expect(new Set(atWorkshop.map((key) => key.split('_')[1]))).toEqual(new Set(metals));
    expect(column('gb21900-2008/2').filter(({ point }) => point === 'workshop')).toHaveLength(7);
  });

  it('keep how certain each is', () => {
    const marks = (id: string) => [...new Set(column(id).map(({ mark }) => mark))].sort();
    expect(marks('gb21900-2008/3')).toEqual(['V']);
    expect(marks('gbt31962-2015/B')).toEqual(['C', 'M']);
    const uncertain = column('db33-2260-2020/direct').filter(({ mark }) => mark === 'M');
    expect(uncertain.map(({ pollutant }) => pollutant)).toEqual(['total_nickel_mg_l', 'total_cadmium_mg_l']);
  });

  it('name each cell once, with a unit and a number', () => {
    expect(new Set(DISCHARGE_LIMITS.map(({ id }) => id)).size).toBe(DISCHARGE_LIMITS.length);
    for (const { pollutant, unit, max } of DISCHARGE_LIMITS) {
      const known = metric('wastewater', pollutant) ?? OTHER_POLLUTANTS.find(({ key }) => key === pollutant);
      expect(known?.unit).toBe(unit);
      expect(Number(max)).toBeGreaterThan(0);
    }
  });

  it('give the alarm rules the numbers that they always had', () => {
    const numbers = (limits: typeof SEWER) => limits.map(({ metric: key, values, source }) => [key, ...values, source]);
    const t4 = { standard: 'GB 8978-1996', clause: '表4 三级', certainty: 'verified' };
    const t1 = { ...t4, clause: '表1' };
    const confirm = { clause: 'limit to be confirmed by the site', certainty: 'site' };
    expect(numbers(SEWER)).toEqual([
      ...[
        ['cod_mg_l', 500, t4],
        ['ss_mg_l', 400, t4],
        ['petroleum_mg_l', 20, t4],
        ['total_cyanide_mg_l', 1, t4],
      ],
      ...[
        ['fluoride_mg_l', 20, t4],
        ['total_copper_mg_l', 2, t4],
        ['total_zinc_mg_l', 5, t4],
      ],
      ...[
        ['total_chromium_mg_l', 1.5, t1],
        ['hexavalent_chromium_mg_l', 0.5, t1],
        ['total_nickel_mg_l', 1, t1],
      ],
      ...[
        ['total_cadmium_mg_l', 0.1, t1],
        ['total_silver_mg_l', 0.5, t1],
        ['total_lead_mg_l', 1, t1],
      ],
      ['total_mercury_mg_l', 0.05, t1],
      ['nh3n_mg_l', 35, { standard: 'DB33/ 887-2013', ...confirm }],
      ['tp_mg_l', 8, { standard: 'DB33/ 887-2013', ...confirm }],
      ...[
        ['tn_mg_l', 70],
        ['total_iron_mg_l', 10],
      ].map(([key, value]) => [
        ...[key, value, { standard: 'GB/T 31962-2015', ...confirm, clause: `grade B; ${confirm.clause}` }],
      ]),
    ]);
    expect(ELECTROPLATING.map(({ values: [value] }) => value)).toEqual([
      ...[0.5, 0.1, 0.3, 0.05, 0.1, 0.1, 0.005, 0.3, 1, 2, 2, 30, 80, 15, 20, 0.5, 2, 10, 0.2],
    ]);
    const direct = { clause: 'direct discharge outside the Taihu basin', certainty: 'secondary' };
    expect(ELECTROPLATING.map(({ source }) => source)).toEqual(
      ELECTROPLATING.map(({ metric: key }) => ({
        standard: 'DB33/ 2260-2020',
        ...(/nickel|cadmium/.test(key) ? confirm : direct),
      })),
    );
  });
});

describe('the limit in force', () => {
  it.each([
    ['electroplating', 'total_chromium_mg_l', '2010-06-30', null],
    ['electroplating', 'total_chromium_mg_l', '2021-06-30', 'GB 21900-2008 表2 1.0'],
    ['electroplating', 'total_chromium_mg_l', '2021-07-01', 'DB33/ 2260-2020 表1 0.5'],
    ['electroplating-new', 'total_chromium_mg_l', '2020-07-01', 'DB33/ 2260-2020 表1 0.5'],
    ['electroplating-listed', 'total_chromium_mg_l', '2021-12-31', 'GB 21900-2008 表2 1.0'],
    ['electroplating-special', 'total_nickel_mg_l', '2026-01-01', 'GB 21900-2008 表3 0.1'],
    // No cross application: GB 8978 limits BOD5, the standard of the industry does not.
    ['electroplating', 'bod5_mg_l', '2026-01-01', null],
    ['sewer', 'nh3n_mg_l', '2013-04-18', null],
    ['sewer', 'nh3n_mg_l', '2013-04-19', 'DB33/ 887-2013 表1 35'],
    // GB/T 31962 also has 45: DB33/ 887 comes before it.
    ['sewer', 'nh3n_mg_l', '2026-01-01', 'DB33/ 887-2013 表1 35'],
    ['sewer', 'tn_mg_l', '2016-07-31', null],
    ['sewer', 'tn_mg_l', '2016-08-01', 'GB/T 31962-2015 表1 70'],
    ['sewer', 'total_mercury_mg_l', '2026-01-01', 'GB 8978-1996 表1 0.05'],
    ['direct-class-1', 'cod_mg_l', '2026-01-01', 'GB 8978-1996 表4 100'],
  ])('of %s for %s on %s', (id, pollutant, day, expected) => {
    expect(named(limitOn(regime(id), pollutant, day))).toBe(expected);
  });

  it('is a step in time', () => {
    const steps = limitSteps(regime('electroplating'), 'cod_mg_l', { from: '2010-01-01', to: '2026-12-01' });
    // COD is 80 in both, yet under another standard since 2021: a verdict names which.
    expect(steps.map(({ from, to, limit }) => [from, to, named(limit)])).toEqual([
      ['2010-01-01', '2010-07-01', null],
      ['2010-07-01', '2021-07-01', 'GB 21900-2008 表2 80'],
      ['2021-07-01', '2026-12-01', 'DB33/ 2260-2020 表1 80'],
    ]);
  });

  const override = (from: string, max: string, more: Partial<LimitOverride> = {}): LimitOverride => ({
    ...{ column: 'db33-2260-2020/direct', pollutant: 'total_nickel_mg_l', min: null, max, from, mark: 'V' },
    ...{ source: '瓯环函 12', ...more },
  });

  it('may be put right where it was uncertain, from a day on', () => {
    const cells = withOverrides([override('2024-01-01', '0.25'), override('2022-01-01', '0.2')]);
    const steps = limitSteps(
      regime('electroplating'),
      'total_nickel_mg_l',
      { from: '2021-01-01', to: '2025-01-01' },
      cells,
    );
    expect(steps.map(({ from, limit }) => [from, limit!.max, limit!.mark, limit!.override?.source])).toEqual([
      ['2021-01-01', '0.5', 'V', undefined],
      ['2021-07-01', '0.3', 'M', undefined],
      ['2022-01-01', '0.2', 'V', '瓯环函 12'],
      ['2024-01-01', '0.25', 'V', '瓯环函 12'],
    ]);
    expect(steps.map(({ limit }) => limit!.id.split('@')[1])).toEqual([
      ...['2008-08-01', '2020-07-01', '2022-01-01', '2024-01-01'],
    ]);
  });

  it('replaces the cell as shipped where the override begins before it', () => {
    const cells = withOverrides([override('2019-01-01', '0.2')]);
    expect(limitOn(regime('electroplating'), 'total_nickel_mg_l', '2021-07-01', cells)).toMatchObject({
      ...{ max: '0.2', from: '2020-07-01' },
    });
    expect(cells).toHaveLength(DISCHARGE_LIMITS.length);
  });

  it('stays what the official text says', () => {
    const cells = withOverrides([override('2022-01-01', '9', { column: 'gb21900-2008/2' })]);
    expect(cells).toEqual(DISCHARGE_LIMITS);
  });

  it('is the same day by day and as steps', () => {
    const day = fc
      .date({ min: new Date('2008-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const cell = fc.constantFrom(...DISCHARGE_LIMITS);
    const overrides = fc.array(
      fc
        .record({ cell, day, max: fc.constantFrom('0.01', '7') })
        .map(({ cell: one, day: from, max }) =>
          override(from, max, { column: one.column.id, pollutant: one.pollutant }),
        ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...REGIMES), cell, overrides, day, (one, { pollutant }, laid, asked) => {
        const cells = withOverrides(laid);
        const steps = limitSteps(one, pollutant, { from: '2008-01-01', to: '2027-01-02' }, cells);
        const within = steps.filter(({ from, to }) => from <= asked && asked < to!);
        expect(within).toHaveLength(1);
        expect(within[0]!.limit?.id).toBe(limitOn(one, pollutant, asked, cells)?.id);
      }),
    );
  });
});
