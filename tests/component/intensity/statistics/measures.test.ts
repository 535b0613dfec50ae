import { describe, expect, it } from 'vitest';
import { CSV, csv, uploadService, XLSX } from '../upload-service.js';
import { OTHER_PARK, PARK, SUBJECT, startService } from './service.js';

const measure = (subject: string, period: string, kind: string, amount: number, extra: object = {}) => ({
  ...{ subject, period, status: 'final', figure: { kind, amount } },
  ...extra,
});
const current = (subject: string, period: string, amount: number) => ({
  ...{ subject, period, status: 'final', figure: { kind: 'level', price: 'current', amount } },
});
const park = `park:${PARK}`;
const lineOf = (card: { lines: { item: string }[] }, item: string) => card.lines.find((one) => one.item === item);

describe('output, tax, leading industry and land', () => {
  it('are versioned figures of a subject and period, with their unit, revised without losing what was', async () => {
    const { put, get, send } = await startService();
    const entries = [
      measure(SUBJECT, '2025', 'output', 12_000),
      measure(SUBJECT, '2025', 'tax', 0),
      measure(SUBJECT, '2025', 'leading_added_value', 300, {
        figure: { kind: 'leading_added_value', amount: 300, unit: '10⁴ CNY' },
      }),
      measure(SUBJECT, '2025', 'land_area', 42.5),
    ];
    expect((await put({ source: 'a.xlsx', entries })).status).toBe(200);
    const revised = await put({ source: 'b.xlsx', reason: '更正', entries: [measure(SUBJECT, '2025', 'tax', 88)] });
    expect(revised.body.entries[0].before.figure).toEqual({ kind: 'tax', amount: 0, unit: '10⁴ CNY' });
    const { body } = await get(`/statistics?scope=${park}&year=2025`);
    expect(body.items.map((one: { kind: string; figure: object }) => [one.kind, one.figure])).toEqual([
      ['land_area', { kind: 'land_area', amount: 42.5, unit: 'mu' }],
      ['leading_added_value', { kind: 'leading_added_value', amount: 300, unit: '10⁴ CNY' }],
      ['output', { kind: 'output', amount: 12_000, unit: '10⁴ CNY' }],
      ['tax', { kind: 'tax', amount: 88, unit: '10⁴ CNY' }],
    ]);
    const then = (await get(`/statistics?scope=${park}&year=2025&asOf=version:1`)).body.items;
    expect(then.find((one: { kind: string }) => one.kind === 'tax').figure.amount).toBe(0);
    const history = (await get(`/statistics/history?subject=${SUBJECT}&period=2025`)).body.items;
    expect(history.filter((one: { kind: string }) => one.kind === 'tax')).toHaveLength(2);
    const gone = await send('DELETE', `/statistics?subject=${SUBJECT}&period=2025&kind=output&source=x&reason=y`);
    expect([gone.status, gone.body.withdrawn.figure.amount]).toEqual([200, 12_000]);
  });

  it('that cannot be are named by field, and nothing is written', async () => {
    const { put, told } = await startService();
    const before = await told();
    const wrong = [
      measure(SUBJECT, '2025', 'tax', -1),
      measure(SUBJECT, '2025', 'output', 1e308),
      measure(SUBJECT, '2025-06', 'land_area', 10),
      measure(SUBJECT, '2024', 'land_area', 0),
      measure(SUBJECT, '2027', 'tax', 1),
      measure(`enterprise:${PARK}/e-9`, '2025', 'tax', 1),
    ];
    const answer = await put({ source: 'a', entries: [...wrong, measure(SUBJECT, '2023', 'tax', 1)] });
    expect([answer.status, answer.body.errors.map((one: { field: string }) => one.field)]).toEqual([
      422,
      ['figure.amount', 'figure.amount', 'period', 'figure.amount', 'period', 'subject'].map(
        (field, at) => `body.entries.${at}.${field}`,
      ),
    ]);
    const unit = measure(SUBJECT, '2025', 'tax', 1, { figure: { kind: 'tax', amount: 1, unit: 'mu' } });
    const named = await put({ source: 'a', entries: [unit] });
    expect([named.status, named.body.errors[0].field]).toEqual([422, 'body.entries.0.figure.unit']);
    expect(await told()).toEqual(before);
  });

  it('come from a file with their columns, as the template has them; a wrong cell is named', async () => {
    const { upload, recorded, api } = await uploadService();
    const header =
      'Park id,Enterprise id,Period,工业总产值（万元）,税收（万元）,主导产业增加值（现价，万元）,Land area (mu),Status';
    const rows = `${PARK},e-1,2025,1200,60.5,300,12,final\n${PARK},e-1,2025-06,100,,,3,final\n`;
    const dry = await upload(`${header}\n${rows}`, { dryRun: true });
    expect(dry.body.wrong).toMatchObject([{ cell: 'C3', found: '2025-06' }]);
    expect(dry.body.figures).toMatchObject({ read: 6, new: 4 });
    expect((await upload(`${header}\n${rows}`)).status).toBe(422);
    expect(await recorded()).toEqual([]);
    const text = await upload(`${header}\n${PARK},e-1,2025,viel,1,1,1,final\n`, { dryRun: true });
    expect(text.body.wrong).toMatchObject([{ cell: 'D2', found: 'viel', wrong: 'not a number' }]);
    expect((await upload(`${header}\n${rows.split('\n')[0]}\n`)).status).toBe(200);
    expect((await recorded()).map((one: { kind: string }) => one.kind)).toEqual([
      'land_area',
      'leading_added_value',
      'output',
      'tax',
    ]);
    for (const [lang, named] of [
      ['zh', ['工业总产值（万元）', '税收（万元）', '用地面积（亩）']],
      ['en', ['Output (10⁴ CNY)', 'Tax (10⁴ CNY)', 'Land area (mu)']],
    ] as const) {
      const template = await api(`/api/v1/statistics/template.csv?lang=${lang}`);
      const [first] = (await template.text()).split('\r\n');
      for (const one of named) expect(first).toContain(one);
      const book = await api(`/api/v1/statistics/template.xlsx?lang=${lang}`);
      const filled = await upload(new Uint8Array(await book.arrayBuffer()), { type: XLSX, dryRun: true });
      expect([filled.status, filled.body.wrong]).toEqual([200, []]);
    }
    // Files with the columns of before are read as before.
    expect((await upload(csv(`${PARK},e-2,,2025-06,100,,,,final`), { type: CSV })).status).toBe(200);
  });
});

describe('the scorecard', () => {
  it('divides by the land that was told, and says what is met, missed by how much, or waits for whom', async () => {
    const { put, get } = await startService();
    const entries = [
      current(park, '2025', 20_000),
      measure(park, '2025', 'output', 90_000),
      measure(park, '2025', 'tax', 3_000),
      measure(park, '2025', 'leading_added_value', 15_000),
      measure(park, '2024', 'land_area', 100),
    ];
    const before = (await get(`/intensity/scorecard?scope=${park}&year=2025`)).body;
    expect(lineOf(before, 'output_per_mu')).toMatchObject({ verdict: 'unknown', why: 'not_reported', parks: [PARK] });
    expect(before.areas).toMatchObject([{ park: PARK, of: 'plan', year: null }]);
    expect((await put({ source: 'a', entries })).status).toBe(200);
    const card = (await get(`/intensity/scorecard?scope=${park}&year=2025`)).body;
    expect(card.areas).toEqual([{ park: PARK, mu: 100, of: 'statistics', year: 2024 }]);
    expect(lineOf(card, 'added_value_per_mu')).toMatchObject({ verdict: 'met', value: 2_000_000, atLeast: 2_000_000 });
    expect(lineOf(card, 'output_per_mu')).toMatchObject({ verdict: 'no_target', value: 9_000_000, atLeast: null });
    expect(lineOf(card, 'tax_per_mu')).toMatchObject({ verdict: 'missed', value: 300_000, by: 100_000, byShare: 0.25 });
    expect(lineOf(card, 'leading_industry_share')).toMatchObject({ verdict: 'met', value: 0.75 });
    expect(lineOf(card, 'digital_coverage')).toMatchObject({ verdict: 'missed', value: 0, by: 1, months: null });
    expect(card.coverage.silent).toHaveLength(4);
    const city = (await get('/intensity/scorecard?scope=city&year=2025')).body;
    expect(lineOf(city, 'output')).toMatchObject({
      verdict: 'unknown',
      why: 'not_reported',
      known: 9e8,
      atLeast: 1e11,
    });
    expect(lineOf(city, 'tax')).toMatchObject({ atLeast: 6e9, known: 3e7 });
    expect(lineOf(city, 'added_value')).toMatchObject({ atLeast: 2e10, known: 2e8 });
    expect((lineOf(city, 'tax') as unknown as { parks: string[] }).parks).toHaveLength(16);
  });

  it('sums all 17 parks, and judges a year that is not whole only where it is met', async () => {
    const { put, get } = await startService();
    const { items } = (await get('/parks?limit=100')).body;
    const entries = items.flatMap(({ id }: { id: string }) => [
      current(`park:${id}`, '2025', 110_000),
      measure(`park:${id}`, '2025', 'output', 600_000),
      measure(`park:${id}`, '2025-Q1', 'tax', 10_000),
    ]);
    expect((await put({ source: 'a', entries })).status).toBe(200);
    const city = (await get('/intensity/scorecard?scope=city&year=2025')).body;
    expect(lineOf(city, 'output')).toMatchObject({ verdict: 'met', value: 102e9, months: 12 });
    expect(lineOf(city, 'added_value')).toMatchObject({ verdict: 'missed', value: 18.7e9, by: 1.3e9 });
    expect(lineOf(city, 'tax')).toMatchObject({
      verdict: 'unknown',
      why: 'year_not_complete',
      known: 1.7e9,
      months: 3,
    });
    expect(city.months).toBe(3);
  });

  it('sums the counted firms of a park where the park itself is not told, and takes no part of other months', async () => {
    const { put, get } = await startService();
    const members = [`enterprise:${PARK}/e-1`, `enterprise:${PARK}/e-2`];
    const entries = members.flatMap((member, at) => [
      current(member, '2025', 1_000),
      measure(member, '2025', 'tax', 50),
      measure(member, '2025', 'land_area', 10 + at),
      measure(member, '2025-Q1', 'leading_added_value', 500),
    ]);
    const sets = [{ scope: park, year: 2025, members }];
    expect((await put({ source: 'a', entries, sets })).status).toBe(200);
    const card = (await get(`/intensity/scorecard?scope=${park}&year=2025`)).body;
    expect(card.areas).toEqual([{ park: PARK, mu: 21, of: 'statistics', year: 2025 }]);
    expect(lineOf(card, 'tax_per_mu')).toMatchObject({ value: 1_000_000 / 21 });
    expect(lineOf(card, 'leading_industry_share')).toMatchObject({ verdict: 'unknown', why: 'not_reported' });
    expect((await get(`/intensity/scorecard?scope=park:${OTHER_PARK}&year=2025`)).body.areas[0].of).toBe('plan');
  });

  it('says as was believed then, by time or version, and that live domains are known of the present alone', async () => {
    const { put, get, time } = await startService();
    const members = [`enterprise:${PARK}/e-1`, `enterprise:${PARK}/e-2`];
    const taxes = (one: number) => members.map((member) => measure(member, '2025', 'tax', one));
    const setOf = (count: number) => [{ scope: park, year: 2025, members: members.slice(0, count) }];
    const first = (
      await put({ source: 'a', entries: [...taxes(50), measure(park, '2025', 'land_area', 10)], sets: setOf(2) })
    ).body;
    expect(first.versions.statistics).toBe(1);
    const ask = async (query = '') => (await get(`/intensity/scorecard?scope=${park}&year=2025${query}`)).body;
    const before = await ask();
    expect([before.version, before.asKnown]).toEqual([1, 'now']);
    expect(lineOf(before, 'tax_per_mu')).toMatchObject({ value: 100_000 });
    const moment = new Date(time.now).toISOString();
    expect((await put({ source: 'b', entries: taxes(80), sets: setOf(1) })).status).toBe(200);
    expect(lineOf(await ask(), 'tax_per_mu')).toMatchObject({ value: 80_000 });
    for (const asOf of ['version:1', moment]) {
      const then = await ask(`&asOf=${encodeURIComponent(asOf)}`);
      expect([then.version, then.asKnown]).toEqual([1, 'then']);
      const known = ({ item }: { item: string }) => item !== 'digital_coverage';
      expect(then.lines.filter(known)).toEqual(before.lines.filter(known));
      expect(lineOf(then, 'digital_coverage')).toMatchObject({
        verdict: 'unknown',
        why: 'known_now_only',
        value: null,
      });
      expect(then.coverage.silent).toEqual([]);
    }
    for (const asOf of ['version:3', '2040-01-01T00:00:00Z']) {
      expect(await ask(`&asOf=${asOf}`)).toMatchObject({ status: 422, errors: [{ field: 'query.asOf' }] });
    }
  });

  it('and what is told beside added value touches no verdict of the 5 %', async () => {
    const { put, get } = await startService();
    expect((await put({ source: 'a', entries: [measure(park, '2025', 'tax', 1)] })).status).toBe(200);
    const answer = (await get(`/intensity?scope=${park}&year=2025`)).body;
    expect(answer.figure?.set ?? []).toEqual([]);
    expect(answer.members).toEqual([]);
  });
});
