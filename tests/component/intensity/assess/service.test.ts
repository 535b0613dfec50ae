import { describe, expect, it, vi } from 'vitest';
import { testApp } from '../../../helpers/app.js';
import { addedValueOf, at, type Firm, POLICY, registersOf, statisticsOf, used, worth } from './world.js';

const NOW = at('2026-11-27T00:00:00');
const REGISTER = 'import_energy_kwh';
const GOOD: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const SLOW: Firm = { member: 'enterprise:oh-diandu/slow', size: 1, decline: 0.02 };
const OTHER: Firm = { member: 'enterprise:lc-xiedu-1/other', size: 2, decline: 0.055 };
const placeOf = ({ member }: Firm) => /^enterprise:(.+)\/(.+)$/.exec(member)!.slice(1) as [park: string, id: string];

/** Two parks with three enterprises: meters, daily registers over MQTT, monthly statistics by API. */
async function startCity() {
  const time = { now: NOW };
  const service = await testApp({ PARK_RAW_DAYS: '2000' }, undefined, { clock: () => time.now });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the test
  const send = async (method: string, path: string, json?: object, token?: string): Promise<any> => {
    const answer = await service.api(`/api/v1${path}`, { method, ...(json && { json }), ...(token && { token }) });
    const text = await answer.text();
    return { status: answer.status, ...(text === '' ? {} : JSON.parse(text)) };
  };
  const must = async (method: string, path: string, json?: object) => {
    const answer = await send(method, path, json);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  for (const firm of [GOOD, SLOW, OTHER]) {
    const [park, id] = placeOf(firm);
    const device = `meter-${id}`;
    await must('PUT', `/enterprises/${id}`, { park, nameZh: `企业 ${id}`, nameEn: `Firm ${id}` });
    await must('PUT', `/devices/${device}`, { park, domain: 'energy', enterprise: id });
    const version = {
      device,
      register: REGISTER,
      carrier: 'electricity',
      role: 'main',
      from: '2023-01-01T00:00:00+08:00',
    };
    const owner = { kind: 'enterprise', id };
    await must('PUT', `/meters/${park}`, { versions: [{ ...version, owner }], reason: '登记' });
    const rules = [{ from: '2023-01-01T00:00:00+08:00', longerThanS: 26 * 3600, method: 'none' }];
    await must('PUT', '/meters/gap-rules', { park, device, register: REGISTER, rules, reason: '每日抄表' });
    const login = await service.gateway(`gw-${id}`, park);
    const client = await service.mqtt(login);
    const readings = registersOf(firm, NOW).map(({ ts, value }) => ({ ts, values: { [REGISTER]: value } }));
    for (let i = 0; i < readings.length; i += 500) {
      const payload = JSON.stringify(readings.slice(i, i + 500));
      await client.publishAsync(`parks/${park}/energy/${device}/readings`, payload, { qos: 1 });
    }
    await must('PUT', '/statistics', { source: '增加值.xlsx', entries: statisticsOf(firm) });
  }
  const sets = [2023, 2024, 2025, 2026].flatMap((year) => [
    { scope: 'park:oh-diandu', year, members: [GOOD.member, SLOW.member] },
    { scope: 'park:lc-xiedu-1', year, members: [OTHER.member] },
  ]);
  await must('PUT', '/statistics/counted-sets', { source: '规上名单.xlsx', sets });
  await must('PUT', '/statistics/policy', { source: '方案', version: 0, policy: POLICY });
  return { service, time, send, must };
}

const over = (firms: readonly Firm[], year: number, months = 12) =>
  firms.reduce((sum, firm) => sum + used(firm, year, months), 0) /
  firms.reduce((sum, firm) => sum + worth(firm, year, months), 0);

describe('the 5 % over the real service', () => {
  it('goes from registers and statistics to path, verdict, forecast, budget, drivers and members', async () => {
    const { service, time, send, must } = await startCity();
    const ask = (query: string, token?: string) => send('GET', `/intensity?${query}`, undefined, token);
    const diandu = await vi.waitFor(
      async () => {
        time.now += 61_000;
        const answer = await ask('scope=park:oh-diandu');
        expect(answer.verdict?.verdict, JSON.stringify(answer).slice(0, 1000)).toBe('on_track');
        return answer;
      },
      { timeout: 60_000, interval: 500 },
    );
    expect(diandu.year).toBe(2026);
    expect(diandu.units).toEqual({
      quantity: 'tce',
      addedValue: '10⁴ CNY at prices of 2023',
      intensity: 'tce per 10⁴ CNY at prices of 2023',
    });
    const row = (year: number) => diandu.path.find((one: { year: number }) => one.year === year);
    for (const year of [2023, 2024, 2025]) expect(row(year).value).toBeCloseTo(over([GOOD, SLOW], year), 5);
    expect(row(2026).allowed).toBeCloseTo(row(2023).value * 0.95 ** 3, 12);
    expect(diandu.achieved.achievedAnnual).toBeCloseTo(1 - (row(2025).value / row(2023).value) ** 0.5, 12);
    expect(diandu.yearToDate.change).toBeCloseTo(over([GOOD, SLOW], 2026, 10) / over([GOOD, SLOW], 2025, 10) - 1, 5);
    expect(diandu.forecast.calendar).toBe('official');
    expect(diandu.forecast.low).toBeLessThan(over([GOOD, SLOW], 2026));
    expect(diandu.forecast.high).toBeGreaterThan(over([GOOD, SLOW], 2026));
    expect(diandu.budget.daysLeft).toBe(35);
    expect(diandu.budget.perDay).toBeCloseTo(diandu.budget.left / 35, 9);
    expect(diandu.figure.coverage).toMatchObject({ total: 2, counted: 2, share: 1 });
    expect(diandu.figure.completeness).toBeGreaterThan(0.99);
    expect(diandu.figure.coefficients).toMatchObject([{ carrier: 'electricity', kgcePerUnit: 0.1229, mark: 'C' }]);
    expect(diandu.members.map((one: { nameEn: string }) => one.nameEn).sort()).toEqual(['Firm good', 'Firm slow']);
    const effects = Object.values(diandu.drivers.quantity.effects as Record<string, number>).reduce((a, b) => a + b, 0);
    expect(effects).toBeCloseTo(diandu.drivers.quantity.after - diandu.drivers.quantity.before, 9);
    expect(diandu.verdict.reasons[0]).toMatchObject({ code: 'expected_within_path', en: expect.any(String) });
    expect(diandu.months[0].parts).toHaveLength(2);

    const slow = await ask('scope=enterprise:oh-diandu/slow');
    expect(slow.verdict.verdict).toBe('off_track');
    expect((await ask('scope=park:oh-diandu&electricity=equal_value')).figure.blocks).not.toEqual([]);
    expect((await ask('scope=park:oh-diandu&carrier=wastewater')).verdict.verdict).toBe('not_assessable');
    // The other parks of the district have no statistics: it says so, and its sum is still Σ ÷ Σ of what there is.
    const ouhai = await ask('scope=district:ouhai');
    expect(ouhai.verdict.verdict).toBe('not_assessable');
    expect(ouhai.figure.value).toBeCloseTo(diandu.figure.value, 12);
    const city = await ask('scope=city');
    expect(city.figure.value).toBeCloseTo(over([GOOD, SLOW, OTHER], 2026, 10), 5);
    expect(city.parts).toHaveLength(3);

    const ranked = await send('GET', '/intensity/ranking');
    expect(ranked.items).toHaveLength(17);
    expect(
      ranked.items
        .filter((one: { place: number | null }) => one.place !== null)
        .map((one: { scope: string }) => one.scope),
    ).toEqual(['park:oh-diandu', 'park:lc-xiedu-1']);
    const card = await send('GET', '/intensity/scorecard?scope=park:oh-diandu');
    expect(card.lines.map((one: { item: string; verdict: string }) => [one.item, one.verdict])).toContainEqual([
      'tax_per_mu',
      'unknown',
    ]);
    expect(card.lines.find((one: { item: string }) => one.item === 'digital_coverage').value).toBeCloseTo(0.25, 12);

    // Publications: what was told stays, and a correction of one month makes a new version of what it touches.
    const published = await vi.waitFor(
      async () => {
        const answer = await ask('scope=park:oh-diandu&asOf=version:1');
        expect(answer.asKnown).toBe('published');
        return answer;
      },
      { timeout: 30_000, interval: 500 },
    );
    const entry = statisticsOf(GOOD).find(({ period }) => period === '2025-06')!;
    const amount = addedValueOf(GOOD, 2025, 6) + 500;
    await must('PUT', '/statistics', {
      ...{ source: '更正.xlsx', reason: '更正' },
      entries: [{ ...entry, figure: { ...entry.figure, amount } }],
    });
    const again = await ask('scope=park:oh-diandu');
    const changed = again.path.filter((one: { value: number }, i: number) => one.value !== diandu.path[i].value);
    expect(changed.map((one: { year: number }) => one.year)).toEqual([2025]);
    await vi.waitFor(
      async () => {
        time.now += 4_000;
        const told = await ask(`scope=park:oh-diandu&asOf=${encodeURIComponent(new Date(time.now).toISOString())}`);
        expect(told.restatements).toMatchObject([{ year: 2025, because: ['statistics'] }]);
      },
      { timeout: 60_000, interval: 1_000 },
    );
    expect(await ask('scope=park:oh-diandu&asOf=version:1')).toEqual(published);

    // Who sees one park sees it, its enterprises and its ranking, and no sum that others are part of.
    const { token } = await must('POST', '/tokens', { name: 'v', role: 'viewer', parks: ['oh-diandu'] });
    expect((await ask('scope=park:oh-diandu', token)).status).toBe(200);
    expect((await ask('scope=enterprise:oh-diandu/good', token)).status).toBe(200);
    for (const scope of ['city', 'district:ouhai', 'park:lc-xiedu-1', 'enterprise:lc-xiedu-1/other']) {
      expect([scope, (await ask(`scope=${scope}`, token)).status]).toEqual([scope, 404]);
    }
    expect((await send('GET', '/intensity/ranking', undefined, token)).items).toHaveLength(1);
    expect((await ask('scope=park:nowhere/else')).status).toBe(422);
    expect((await ask('scope=park:oh-diandu&asOf=version:99')).status).toBe(422);
    expect((await ask('scope=park:oh-diandu&year=2099')).verdict.verdict).toBe('not_assessable');
    expect(service.dir).toBeTruthy();
  });
});
