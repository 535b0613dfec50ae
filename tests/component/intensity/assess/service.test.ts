import { describe, expect, it, vi } from 'vitest';
import { GOOD, OTHER, SLOW, startCity } from './city.js';
import { pathsOfPage, unanswered } from './page.js';
import { addedValueOf, type Firm, statisticsOf, used, worth } from './world.js';

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
        // The verdict may come before the last day is in.
        expect(answer.through).toBe('2026-11-26');
        return answer;
      },
      { timeout: 60_000, interval: 250 },
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
        const version = (await ask('scope=park:oh-diandu')).published?.version;
        const answer = await ask(`scope=park:oh-diandu&asOf=version:${version}`);
        expect(answer.asKnown).toBe('published');
        expect(answer.published.historyCompleteThrough).toBeNull();
        return answer;
      },
      { timeout: 30_000, interval: 250 },
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
      { timeout: 60_000, interval: 250 },
    );
    expect(await ask(`scope=park:oh-diandu&asOf=version:${published.published.version}`)).toEqual(published);

    // Every figure, mark and sentence of the page has an answer, each with its parts.
    const used = { park: 'oh-diandu', device: 'meter-good', register: 'import_energy_kwh' };
    const voided = { ...used, ts: '2026-06-10T00:00:00+08:00', reason: '倒走' };
    expect(await must('POST', '/meters/voids', voided)).toMatchObject({ readings: 1 });
    const park = await vi.waitFor(
      async () => {
        const answer = await ask('scope=park:oh-diandu&memberVerdicts=true');
        expect(answer.months[5].voidedReadings).toBe(1);
        return answer;
      },
      { timeout: 30_000, interval: 500 },
    );
    expect(park.months[5].corrections).toMatchObject([
      { what: 'void', device: 'meter-good', readings: 1, hasEffect: true, why: '倒走', from: voided.ts },
    ]);
    expect(park.months[6].corrections).toEqual([]);
    expect(park.months.map((row: { meters: number }) => row.meters)).toEqual(Array(11).fill(2));
    const own = await ask('scope=enterprise:oh-diandu/slow');
    expect(park.members.find((one: { member: string }) => one.member === SLOW.member).own).toEqual({
      ...{ verdict: 'off_track', decline: own.verdict.decline, achievedAnnual: own.achieved.achievedAnnual },
      ...{ baseIntensity: own.base.value, reasons: own.verdict.reasons },
      interval: { low: expect.any(Number), high: expect.any(Number) },
    });
    expect((await ask('scope=park:oh-diandu')).members[0].own).toBeNull();
    const told = await ask(`scope=park:oh-diandu&asOf=${encodeURIComponent(new Date(time.now).toISOString())}`);
    expect(told.restatements[0].told).toMatchObject([{ of: 'statistics', source: '更正.xlsx', reason: '更正' }]);
    const ofSlow = statisticsOf(SLOW).find(({ period }) => period === '2026-09')!;
    const csv = `Park id,Enterprise id,Period,"Added value, comparable prices (10⁴ CNY)",Price base year,Status\r\noh-diandu,slow,2026-09,${addedValueOf(SLOW, 2026, 9) + 50},2023,final\r\n`;
    const dryRun = await (
      await service.api('/api/v1/statistics/upload?dryRun=true&source=f.csv', {
        ...{ method: 'POST', headers: { 'content-type': 'text/csv' }, body: csv },
      })
    ).json();
    expect(dryRun).toMatchObject({ wrongCount: 0, figures: { revised: 1 }, effects: { computed: true } });
    const [effect] = (dryRun as { effects: { items: Record<string, { expected: number }>[] } }).effects.items;
    expect(effect).toMatchObject({ scope: 'park:oh-diandu', carrier: 'energy', verdictChanges: false });
    expect(effect!.after!.expected).toBeLessThan(effect!.before!.expected);
    const consumed = await send(
      'GET',
      '/consumption?park=oh-diandu&carrier=electricity&from=2026-06-01T00:00:00%2B08:00&to=2026-07-01T00:00:00%2B08:00',
    );
    const whole = await ask('scope=city');
    const ranks = await send('GET', '/intensity/ranking');
    expect(pathsOfPage().length).toBeGreaterThan(100);
    expect(unanswered({})).toEqual(pathsOfPage());
    expect(unanswered({ I: [park, whole, told], R: [ranks], U: [dryRun], C: [consumed] })).toEqual([]);
    // Who writes of one park reads of no sum that others are part of.
    const figure = { ...ofSlow.figure, amount: addedValueOf(SLOW, 2026, 9) + 50 };
    const writer = await must('POST', '/tokens', { name: 'o', role: 'operator', parks: ['oh-diandu'] });
    const body = { source: 'f.csv', entries: [{ ...ofSlow, figure }] };
    const scopesOf = async (token?: string) =>
      (await send('PUT', '/statistics?dryRun=true', body, token)).effects.items.map(
        (one: { scope: string }) => one.scope,
      );
    expect(new Set(await scopesOf(writer.token))).toEqual(new Set(['park:oh-diandu']));
    expect(new Set(await scopesOf())).toEqual(new Set(['park:oh-diandu', 'district:ouhai', 'city']));
    // What a dry run says of verdicts is what follows once it is recorded.
    await must('PUT', '/statistics', body);
    expect((await ask('scope=park:oh-diandu')).verdict.expected.value).toBeCloseTo(effect!.after!.expected, 9);

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
