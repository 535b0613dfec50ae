import { expect, it } from 'vitest';
import { PARK, SUBJECT, startService } from '../statistics/service.js';

const KWH = { 2024: 366_000, 2025: 365_000 } as const;
const GAS = { 2024: 36_600, 2025: 36_500 } as const;
const KGCE = { kWh: 0.1229, gas: 1.33 };
const YEARS = [2024, 2025] as const;

/** An enterprise with bills of two years: what there is of conversion shows through the API alone. */
async function billedFirm() {
  const service = await startService();
  const { put, get } = service;
  const must = async (json: object, path?: string) => {
    const answer = await put(json, path);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const settings = async (name: string, list: string, items: object[]) => {
    const { version } = (await get(`/statistics/${name}`)).body;
    return must({ source: 'x', version, [list]: items }, `/statistics/${name}`);
  };
  const { policy } = (await get('/statistics/policy')).body;
  await must(
    { source: 'x', version: 0, policy: { ...policy, baseYear: 2024, targetYear: 2028 } },
    '/statistics/policy',
  );
  const bill = (year: number, carrier: string, amount: number, unit: string) => ({
    ...{ owner: SUBJECT, carrier, amount, unit, from: `${year}-01-01`, through: `${year}-12-31` },
  });
  await must(
    {
      source: '账单',
      bills: YEARS.flatMap((year) => [
        bill(year, 'electricity', KWH[year], 'kWh'),
        bill(year, 'natural_gas', GAS[year], 'm³'),
        bill(year, 'compressed_air', 1e6, 'm³'),
        bill(year, 'water', 1e6, 't'),
      ]),
    },
    '/statistics/bills',
  );
  const level = { kind: 'level', price: 'comparable', baseYear: 2024, amount: 5_000 };
  const entries = YEARS.map((year) => ({ subject: SUBJECT, period: String(year), status: 'final', figure: level }));
  const sets = YEARS.map((year) => ({ scope: `park:${PARK}`, year, members: [SUBJECT] }));
  await must({ source: 'x', entries, sets });
  const ask = async (query = '', scope: string = SUBJECT) =>
    (await get(`/intensity?scope=${scope}&year=2025${query}`)).body;
  return { ...service, settings, ask };
}

const tce = (year: 2024 | 2025, gas = KGCE.gas) => (KWH[year] * KGCE.kWh + GAS[year] * gas) / 1000;

it('counts energy as standard coal, media not, and measured heat values before the standard', async () => {
  const { ask, settings } = await billedFirm();
  const plain = await ask();
  expect(plain.figure.quantity).toBeCloseTo(tce(2025), 9);
  expect(plain.figure.value).toBeCloseTo(tce(2025) / 5_000, 12);
  expect(plain.figure.billedShare).toBe(1);
  expect(plain.months[0].carriers.map((one: { carrier: string }) => one.carrier)).toEqual([
    'electricity',
    'natural_gas',
  ]);
  const heat = { carrier: 'natural_gas', owner: SUBJECT, kjPerUnit: 35_000, unit: 'm³', from: '2025-01', to: null };
  await settings('measured-heat', 'measured', [{ ...heat, source: '检测报告 7' }]);
  const measured = await ask();
  expect(measured.figure.quantity).toBeCloseTo(tce(2025, 35_000 / 29_307.6), 9);
  expect(measured.base.quantity).toBeCloseTo(tce(2024), 9);
  expect(measured.figure.coefficients).toContainEqual(
    expect.objectContaining({ carrier: 'natural_gas', mark: 'measured', source: '检测报告 7' }),
  );
  expect((await ask('', `park:${PARK}`)).figure.quantity).toBeCloseTo(measured.figure.quantity, 12);
});

it('takes green power off where that is asked for, never more than was used, and labels it', async () => {
  const { ask, settings } = await billedFirm();
  const before = await ask();
  const month = (one: string, kWh: number) => ({ owner: SUBJECT, month: one, kWh, source: '绿证 1' });
  await settings('green-power', 'greenPower', [month('2025-03', 10_000), month('2025-04', 100_000)]);
  expect((await ask()).figure.quantity).toBe(before.figure.quantity);
  const less = await ask('&electricity=calorific_less_green');
  // April has 30 of 365 days: 30,000 kWh were used in it.
  expect(less.figure.quantity).toBeCloseTo(tce(2025) - (40_000 * KGCE.kWh) / 1000, 9);
  expect(less.electricity).toBe('calorific_less_green');
  const green = less.months[2].carriers.find((one: { carrier: string }) => one.carrier === 'green_power');
  expect(green).toMatchObject({ metered: 10_000, unit: 'kWh', amount: expect.closeTo(-1.229, 9) });
  expect(less.months[2].carriers[0].metered).toBe(before.months[2].carriers[0].metered);
  expect(less.figure.coefficients.map((one: { labelZh: string }) => one.labelZh)).toContain(
    '绿电抵扣（电力（当量值））',
  );
  expect(less.co2.tCo2).toBeCloseTo(before.co2.tCo2, 9);
  expect((await ask('&electricity=equal_value_less_green')).figure.blocks.length).toBeGreaterThan(0);
  const refused = await ask('&electricity=calorific_less_green&asOf=version:1');
  expect(refused.status).toBe(422);
});

it('puts CO2 beside energy by year and region, with source, mark and the year that stands in', async () => {
  const { ask, settings } = await billedFirm();
  const { co2, months } = await ask();
  expect(co2.tCo2).toBeCloseTo((KWH[2025] * 0.55 + GAS[2025] * 2.162) / 1000, 6);
  expect(co2.missing).toEqual([]);
  expect(co2.parts).toMatchObject([
    { carrier: 'electricity', kgPerUnit: 0.55, unit: 'kgCO2/kWh', region: 'east_china', mark: 'S', carriedFrom: 2023 },
    { carrier: 'natural_gas', kgPerUnit: 2.162, region: 'china', mark: 'M', carriedFrom: null },
  ]);
  const sum = months.reduce((all: number, one: { co2: { tCo2: number } }) => all + one.co2.tCo2, 0);
  expect(sum).toBeCloseTo(co2.tCo2, 9);
  const own = {
    carrier: 'electricity',
    region: 'zhejiang',
    kgPerUnit: 0.5,
    unit: 'kWh',
    from: '2025-07',
    to: '2026-01',
  };
  const factor = { ...own, labelZh: '浙江', labelEn: 'Zhejiang', source: '公告', mark: 'V' };
  await settings('co2-factors', 'factors', [factor]);
  const later = await ask();
  expect(later.co2.parts.map((one: { region: string }) => one.region).sort()).toEqual([
    'china',
    'east_china',
    'zhejiang',
  ]);
  expect(later.months[6].co2.parts[0]).toMatchObject({ region: 'zhejiang', mark: 'V', source: '公告' });
  expect(later.co2.tCo2).toBeLessThan(co2.tCo2);
  expect((await ask('&carrier=wastewater')).co2).toBeNull();
});

it('counts water and compressed air where that is asked for, labels it, and leaves the policy figure as it is', async () => {
  const { ask, get } = await billedFirm();
  const plain = await ask();
  expect(plain.media).toBe(false);
  const all = await ask('&media=true');
  expect(all.media).toBe(true);
  expect(all.figure.quantity).toBeCloseTo(tce(2025) + (1e6 * 0.2571 + 1e6 * 0.04) / 1000, 6);
  expect(all.base.quantity).toBeCloseTo(tce(2024) + (1e6 * 0.2571 + 1e6 * 0.04) / 1000, 6);
  expect(all.months[0].carriers.map((one: { carrier: string }) => one.carrier)).toEqual([
    ...['electricity', 'natural_gas', 'compressed_air', 'water'],
  ]);
  expect(all.figure.coefficients).toContainEqual(
    expect.objectContaining({ carrier: 'compressed_air', kgcePerUnit: 0.04, mark: 'M' }),
  );
  expect(all.co2.missing).toEqual(['compressed_air', 'water']);
  expect([plain.bills.count, all.bills.count]).toEqual([4, 8]);
  // With either count of electricity, and for sums as well.
  expect((await ask('&media=true&electricity=calorific_less_green')).figure.quantity).toBe(all.figure.quantity);
  expect((await ask('&media=true', `park:${PARK}`)).figure.quantity).toBeCloseTo(all.figure.quantity, 9);
  expect((await ask()).figure).toEqual(plain.figure);
  const report = async (query: string) =>
    JSON.stringify(await get(`/intensity/report?scope=${SUBJECT}&year=2025&lang=zh${query}`));
  expect(await report('&media=true')).toContain('不是政策口径');
  expect(await report('')).not.toContain('不是政策口径');
  for (const query of ['&media=true&carrier=wastewater', '&media=true&asOf=version:1']) {
    expect(await ask(query)).toMatchObject({ status: 422, errors: [{ field: 'query.media' }] });
  }
});
