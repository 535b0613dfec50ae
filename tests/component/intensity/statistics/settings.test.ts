import { describe, expect, it } from 'vitest';
import { growth, level, OTHER_PARK, PARK, SUBJECT, startService } from './service.js';

const source = 'GB/T 2589-2020';
const electricity = {
  ...{ carrier: 'electricity', basis: 'calorific', kgcePerUnit: 0.1228, unit: 'kWh', from: '2024-01', to: null },
  ...{ medium: false, labelZh: '电力（当量值）', labelEn: 'electricity, calorific value', source, mark: 'V' },
};
const coefficients = (version: number, ...list: readonly object[]) => ({ source, version, coefficients: list });
const PATH = '/statistics/coefficients';

describe('coefficients', () => {
  it('are the defaults with their marks, until the site records its own for some months', async () => {
    const { get, put } = await startService();
    const of = (items: readonly { carrier: string; basis: string }[], carrier: string, basis = 'calorific') =>
      items.filter((one) => one.carrier === carrier && one.basis === basis);
    const before = (await get(PATH)).body;
    expect([before.version, of(before.items, 'electricity')]).toEqual([
      0,
      [
        {
          ...{
            carrier: 'electricity',
            basis: 'calorific',
            kgcePerUnit: 0.1229,
            unit: 'kWh',
            from: '2000-01',
            to: null,
          },
          ...{ medium: false, labelZh: '电力（当量值）', labelEn: 'electricity, calorific value' },
          ...{ source: 'GB/T 2589-2020, appendix A', mark: 'C', markZh: '取自程序代码', markEn: 'taken from code' },
          ...{ origin: 'default', recorded: null },
        },
      ],
    ]);
    const done = await put(
      {
        ...coefficients(0, electricity, { ...electricity, kgcePerUnit: 0.123, from: '2021-01', to: '2022-01' }),
        reason: '复核',
      },
      PATH,
    );
    expect(done.status).toBe(200);
    expect(of(done.body.items, 'electricity')).toMatchObject([
      { from: '2000-01', to: '2021-01', kgcePerUnit: 0.1229, origin: 'default' },
      { from: '2021-01', to: '2022-01', kgcePerUnit: 0.123, origin: 'recorded', mark: 'V' },
      { from: '2022-01', to: '2024-01', kgcePerUnit: 0.1229, origin: 'default' },
      { from: '2024-01', to: null, kgcePerUnit: 0.1228, recorded: { version: 1, source, reason: '复核' } },
    ]);
    // The equal value of electricity, and all else, stays as it was.
    expect(of(done.body.items, 'electricity', 'equal_value')).toEqual(of(before.items, 'electricity', 'equal_value'));
    const { items } = (await get('/audit?action=intensity_settings.coefficients')).body;
    expect(items).toMatchObject([{ detail: { version: 1, reason: '复核', items: 2 } }]);

    // The list is the whole: what it leaves out is withdrawn, and stays known.
    expect(of((await put(coefficients(1), PATH)).body.items, 'electricity')).toEqual(of(before.items, 'electricity'));
    expect((await get(`${PATH}?asOf=version:1`)).body).toEqual({ ...done.body, version: 1 });
    expect((await put(coefficients(1, electricity), PATH)).body.code).toBe('settings_changed');
    expect((await put(coefficients(2), PATH)).body.version).toBe(2);
  });

  it('that are wrong are named, and nothing is written', async () => {
    const { get, put } = await startService();
    const CASES: readonly (readonly [object, string])[] = [
      [coefficients(0, electricity, { ...electricity, from: '2025-01' }), 'coefficients.1.from'],
      [coefficients(0, { ...electricity, to: '2023-01' }), 'coefficients.0.to'],
      [coefficients(0, { ...electricity, from: '2024-13' }), 'coefficients.0.from'],
      [coefficients(0, { ...electricity, kgcePerUnit: -1 }), 'coefficients.0.kgcePerUnit'],
      [coefficients(0, { ...electricity, kgcePerUnit: 1e308 }), 'coefficients.0.kgcePerUnit'],
      [coefficients(0, { ...electricity, kgcePerUnit: '0.1229' }), 'coefficients.0.kgcePerUnit'],
      [coefficients(0, { ...electricity, unit: 'MWh' }), 'coefficients.0.unit'],
      [coefficients(0, { ...electricity, mark: 'X' }), 'coefficients.0.mark'],
      [coefficients(0, { ...electricity, carrier: 'two words' }), 'coefficients.0.carrier'],
      [{ version: 0, coefficients: [] }, 'source'],
      [{ source, coefficients: [] }, 'version'],
    ];
    for (const [body, field] of CASES) {
      const answer = await put(body, PATH);
      expect([field, answer.status]).toEqual([field, 422]);
      expect(answer.body.errors.map((one: { field: string }) => one.field)).toContain(`body.${field}`);
    }
    expect((await get(PATH)).body.version).toBe(0);
  });
});

describe('factors, heat values and green power', () => {
  it('are recorded with their owners, checked, and shown to whom they belong', async () => {
    const { get, put, token } = await startService();
    const other = `enterprise:${OTHER_PARK}/e-9`;
    const heat = (owner: string) => ({
      carrier: 'natural_gas',
      owner,
      kjPerUnit: 36_000,
      unit: 'm³',
      from: '2024-01',
      to: null,
      source: 'lab',
    });
    const green = (owner: string, kWh = 5_000) => ({ owner, month: '2026-10', kWh, source: 'GEC 1' });
    const send = (path: string, body: object) => put({ source, version: 0, ...body }, `/statistics/${path}`);
    expect((await send('measured-heat', { measured: [heat(SUBJECT), heat(other)] })).body.items).toHaveLength(2);
    expect((await send('green-power', { greenPower: [green(SUBJECT), green(other)] })).body.items).toHaveLength(2);
    const mine = await token('viewer', { parks: [PARK] });
    for (const path of ['measured-heat', 'green-power']) {
      const { items } = (await get(`/statistics/${path}`, mine)).body;
      expect(items).toMatchObject([{ owner: SUBJECT, origin: 'recorded', recorded: { version: 1 } }]);
    }
    const factor = {
      carrier: 'electricity',
      region: 'east_china',
      kgPerUnit: 0.54,
      unit: 'kWh',
      from: '2024-01',
      to: '2025-01',
      labelZh: '华东',
      labelEn: 'East China',
      source,
      mark: 'S',
    };
    const { body } = await send('co2-factors', { factors: [factor] });
    expect(body.items.filter((one: { region: string }) => one.region === 'east_china')).toMatchObject([
      { from: '2023-01', kgPerUnit: 0.55, origin: 'default', markEn: 'quoted elsewhere' },
      { from: '2024-01', kgPerUnit: 0.54, origin: 'recorded' },
    ]);

    const CASES: readonly (readonly [string, object, string])[] = [
      ['measured-heat', { measured: [heat('enterprise:oh-diandu/nobody')] }, 'measured.0.owner'],
      ['measured-heat', { measured: [heat(SUBJECT), heat(SUBJECT)] }, 'measured.1.from'],
      ['green-power', { greenPower: [green(SUBJECT), green(SUBJECT)] }, 'greenPower.1.month'],
      ['green-power', { greenPower: [green(SUBJECT, 0)] }, 'greenPower.0.kWh'],
      ['green-power', { greenPower: [green('x')] }, 'greenPower.0.owner'],
      ['co2-factors', { factors: [factor, { ...factor, from: '2024-06' }] }, 'factors.1.from'],
      ['co2-factors', { factors: [{ ...factor, kgPerUnit: 1e308 }] }, 'factors.0.kgPerUnit'],
    ];
    for (const [path, wrong, field] of CASES) {
      const answer = await put({ source, version: 1, ...wrong }, `/statistics/${path}`);
      expect([field, answer.status]).toEqual([field, 422]);
      expect(answer.body.errors.map((one: { field: string }) => one.field)).toContain(`body.${field}`);
      expect((await get(`/statistics/${path}`)).body.version).toBe(1);
    }
  });
});

describe('the policy and the value at comparable prices', () => {
  it('follow what is recorded, and answer as was known then', async () => {
    const { get, put } = await startService();
    expect((await get('/statistics/policy')).body).toEqual({
      ...{ version: 0, origin: 'default', recorded: null },
      policy: {
        ...{ baseYear: 2020, rate: 0.05, targetYear: 2027, riskRate: 0.04 },
        ...{ minCompleteness: 0.9, minCoverage: 0.9, comparison: 'levels' },
      },
    });
    const january = (amount: number) => level('2020-01/02', amount);
    await put({
      source: 'a',
      entries: [
        january(200),
        level('2020-03', 110),
        growth('2021-01/02', 0.1, { status: 'preliminary' }),
        growth('2021-Q2', 0.05),
      ],
    });
    const value = async (asOf = '') =>
      (await get(`/statistics/added-value?subject=${encodeURIComponent(SUBJECT)}&year=2021${asOf}`)).body;
    const first = await value();
    expect(first).toMatchObject({ subject: SUBJECT, year: 2021, version: 1, priceBase: 2020, unit: '10⁴ CNY' });
    expect(first.januaryFebruary).toMatchObject({
      ...{ period: '2021-01/02', amount: expect.closeTo(220, 9), preliminary: true, gaps: [] },
      parts: [
        {
          basis: 'growth',
          restsOn: [
            { period: '2021-01/02', version: 1, source: 'a' },
            { period: '2020-01/02', version: 1, source: 'a' },
          ],
        },
      ],
    });
    expect(first.whole).toMatchObject({ amount: null, known: expect.closeTo(220, 9), openChain: true });
    expect(first.months[0].gaps).toMatchObject([{ reason: 'only_with_january_february', zh: '只有 1–2 月合计' }]);
    expect(first.quarters[1].gaps).toMatchObject([{ period: '2021-Q2', reason: 'growth_without_base' }]);

    await put({ source: 'b', entries: [january(300)] });
    expect((await value()).januaryFebruary.amount).toBeCloseTo(330, 9);
    expect(await value('&asOf=version:1')).toEqual(first);

    const { policy } = (await get('/statistics/policy')).body;
    const wrong = await put({ source, version: 0, policy: { ...policy, rate: 5 } }, '/statistics/policy');
    expect(wrong.body.errors[0].field).toBe('body.policy.rate');
    const changed = await put({ source, version: 0, policy: { ...policy, baseYear: 2021 } }, '/statistics/policy');
    expect(changed.body).toMatchObject({
      version: 1,
      origin: 'recorded',
      policy: { baseYear: 2021 },
      recorded: { source },
    });
    // The levels of 2020 are at prices of another year than the policy has now.
    expect(await value()).toMatchObject({ priceBase: 2021, januaryFebruary: { amount: null } });
    expect(await value('&asOf=version:1')).toEqual(first);
    expect((await get('/statistics/policy?asOf=version:1')).body.policy.baseYear).toBe(2021);
    const stale = await put({ source, version: 0, policy }, '/statistics/policy');
    expect([stale.status, stale.body.code]).toEqual([409, 'settings_changed']);
  });

  it('is asked of subjects that there are', async () => {
    const { get } = await startService();
    const ask = async (query: string) => {
      const { status, body } = await get(`/statistics/added-value?${query}`);
      return [status, body.code, body.errors?.[0].field];
    };
    expect(await ask(`subject=park:${PARK}&year=2021`)).toEqual([200, undefined, undefined]);
    expect(await ask('subject=park:nowhere&year=2021')).toEqual([404, 'unknown_subject', undefined]);
    expect(await ask(`subject=enterprise:${PARK}/e-9&year=2021`)).toEqual([404, 'unknown_subject', undefined]);
    expect(await ask('subject=city&year=2021')).toEqual([422, 'invalid_request', 'query.subject']);
    expect(await ask(`subject=park:${PARK}&year=99999`)).toEqual([422, 'invalid_request', 'query.year']);
  });
});
