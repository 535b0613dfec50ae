import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, it, vi } from 'vitest';
import { shownFigure } from '../../../../src/api/intensity/report/html.js';
import { tempDir } from '../../../helpers/temp.js';
import { GOOD, SLOW, startCity } from './city.js';
import { statistic } from './world.js';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const PARK = 'scope=park:oh-diandu';
/** What files and the report say of its enterprises when nothing else is asked for. */
const WHOLE = `${PARK}&memberVerdicts=true`;
const HOSTILE = '=1+1<script>alert("厂")</script>';

const found = (name: string) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((dir) => join(dir, name))
    .find((path) => existsSync(path));
const chromium = ['chromium', 'chromium-browser', 'google-chrome'].map(found).find(Boolean);
const pdftotext = found('pdftotext');

type City = Awaited<ReturnType<typeof startCity>>;

/** The city once the park can be judged, with a firm whose name would run in a page or a spreadsheet. */
async function judgedCity(): Promise<City> {
  const city = await startCity();
  // A firm of the base year that had no meter: utilities billed it, and it has left since.
  await city.must('PUT', '/enterprises/paper', { park: 'oh-diandu', nameZh: '纸厂', nameEn: 'Paper' });
  const member = 'enterprise:oh-diandu/paper';
  const months = Array.from({ length: 12 }, (_, i) => `2023-${String(i + 1).padStart(2, '0')}`);
  const sets = [{ scope: 'park:oh-diandu', year: 2023, members: [GOOD.member, SLOW.member, member] }];
  const entries = months.map((month) => statistic(member, month, 100));
  await city.must('PUT', '/statistics', { source: '增加值.xlsx', entries, sets });
  const bill = { owner: member, carrier: 'electricity', account: '户号-1', unit: 'kWh' };
  await city.must('PUT', '/statistics/bills', {
    source: '账单.xlsx',
    bills: [{ ...bill, from: '2023-01-01', through: '2023-12-31', amount: (240 / 0.1229) * 1000 }],
  });
  await city.must('PUT', '/enterprises/good', { park: 'oh-diandu', nameZh: HOSTILE, nameEn: HOSTILE });
  await vi.waitFor(
    async () => {
      city.time.now += 61_000;
      expect((await city.send('GET', `/intensity?${PARK}`)).verdict?.verdict).toBe('on_track');
    },
    { timeout: 60_000, interval: 250 },
  );
  // The running month is read again in the background; from then on all answers are of the moment that the clock shows.
  let before: unknown;
  await vi.waitFor(
    async () => {
      const earlier = before;
      before = await city.send('GET', `/intensity?${WHOLE}`);
      expect(before).toEqual(earlier);
    },
    { timeout: 60_000, interval: 500 },
  );
  return city;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the test
const valueAt = (answer: any, path: string) => path.split('.').reduce((at, key) => at?.[key], answer);
const unescaped = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** The figures of a report: where each stands in the answer, its number and what is printed. */
const figuresIn = (page: string) =>
  [...page.matchAll(/<data data-of="([^"]*)" value="([^"]*)">([^<]*)<\/data>/g)].map(([, of, value, text]) => ({
    ...{ of: of!, value: Number(value), text: text! },
  }));

/** The reports that the first test got, by language. */
const pages = new Map<string, string>();

describe('exports and the annual report', () => {
  it('say the same as the answer, figure by figure, in both languages', async () => {
    const { service, send } = await judgedCity();
    const get = (path: string, headers: Record<string, string> = {}) => service.api(`/api/v1${path}`, { headers });
    const { status: _, ...answer } = await send('GET', `/intensity?${WHOLE}`);
    expect(answer.base.billedShare).toBeGreaterThan(0.1);
    expect(answer.bills).toMatchObject({ count: 1, items: [{ days: 365, billedDays: 365, source: '账单.xlsx' }] });
    const [grid] = answer.co2.parts;
    expect(grid).toMatchObject({ region: 'east_china', from: '2023-01', to: '2024-01', mark: 'S', carriedFrom: 2023 });
    expect(answer.co2.tCo2).toBeCloseTo(
      (answer.months
        .flatMap((row: { carriers: { metered: number }[] }) => row.carriers)
        .reduce((sum: number, one: { metered: number }) => sum + one.metered, 0) *
        0.55) /
        1000,
      6,
    );

    // The report: each figure is the answer's to the last digit, and printed as its rounding.
    for (const [lang, word] of [
      ['zh', '达标'],
      ['en', 'On track'],
    ] as const) {
      const reply = await get(`/intensity/report?${PARK}`, { 'accept-language': `${lang}-XX,de;q=0.5` });
      const page = await reply.text();
      expect([reply.status, reply.headers.get('content-language')], page.slice(0, 300)).toEqual([200, lang]);
      pages.set(lang, page);
      const policy = reply.headers.get('content-security-policy')!;
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
      expect(policy).not.toContain('unsafe');
      expect(page).not.toMatch(/<script|<link|<img| on\w+=|javascript:| style="/);
      expect(page).toContain(word);
      expect(unescaped(page)).toContain(HOSTILE);
      for (const { zh, en } of answer.verdict.reasons) expect(unescaped(page)).toContain(lang === 'zh' ? zh : en);
      const figures = figuresIn(page);
      for (const { of, value, text } of figures) {
        expect([of, value]).toEqual([of, valueAt(answer, of)]);
        const printed = (['amount', 'intensity', 'share', 'change'] as const).map((as) => shownFigure(value, as));
        expect(printed, of).toContain(text);
      }
      const told = new Set(figures.map(({ of }) => of));
      const months = answer.months.flatMap((row: { quantity: number | null }, i: number) =>
        row.quantity === null ? [] : [`months.${i}.quantity`],
      );
      const path = answer.path.map((_row: unknown, i: number) => `path.${i}.allowed`);
      const beside = [
        'co2.tCo2',
        'co2.parts.0.tCo2',
        'co2.parts.0.kgPerUnit',
        'months.3.co2.tCo2',
        'bills.items.0.amount',
      ];
      expect([...told]).toEqual(
        expect.arrayContaining([...beside, 'base.billedShare', 'members.0.own.decline', 'projection.0.value']),
      );
      for (const word of ['east_china', '2023-01 – 2024-01', '户号-1', '账单.xlsx']) expect(page).toContain(word);
      const must = ['verdict.decline', 'forecast.low', 'budget.perDay', 'achieved.neededAnnual', 'members.1.intensity'];
      for (const one of [...must, ...months, ...path, 'drivers.quantity.effects.efficiency'])
        expect(told).toContain(one);
      expect(page.match(/<svg /g)).toHaveLength(4);
    }

    // The workbook: all tables, numbers as numbers, and a sheet that says what it is.
    const file = await get(`/intensity?${PARK}&lang=en`, { accept: XLSX });
    expect(file.headers.get('content-type')).toBe(XLSX);
    const { sheets } = await readXlsx(new Uint8Array(await file.arrayBuffer()));
    const rowsOf = (name: string) => {
      const [heads, ...rows] = sheets.find((one) => one.name === name)!.rows;
      return rows.map((row) => Object.fromEntries(heads!.map((head, i) => [String(head), row[i] ?? null])));
    };
    const about = new Map(rowsOf('About').map((row) => [row.Item, row.Value]));
    expect(about.get('Scope')).toBe('park:oh-diandu');
    expect(about.get('Statistics, version')).toBe(answer.basis.statistics);
    expect(about.get('Time zone')).toBe('Asia/Shanghai');
    expect(about.get('Made by')).toMatch(/\S/);
    const path = rowsOf('Path');
    expect(path.map((row) => [row.Year, row.Allowed, row.Actual, row.Comparable, row.Change])).toEqual(
      answer.path.map((row: Record<string, unknown>) => [row.year, row.allowed, row.value, row.comparable, row.change]),
    );
    expect(
      rowsOf('Months').map((row) => [row.Month, row.Quantity, row['Added value'], row.Intensity, row.Completeness]),
    ).toEqual(
      answer.months.map((row: Record<string, unknown>) => [
        row.first,
        row.quantity,
        row.addedValue,
        row.intensity,
        row.completeness,
      ]),
    );
    const figures = rowsOf('Figures');
    for (const row of figures)
      expect([row.Code, row.Value]).toEqual([row.Code, valueAt(answer, String(row.Code)) ?? null]);
    expect(figures.filter((row) => row.Value !== null).length).toBeGreaterThan(20);
    expect(rowsOf('Members').map((row) => [row['Name (en)'], row.Quantity])).toContainEqual([
      HOSTILE,
      expect.any(Number),
    ]);
    expect(rowsOf('Members').map((row) => row.Quantity)).toEqual(
      answer.members.map((one: { quantity: number }) => one.quantity),
    );
    expect(rowsOf('Statistics').length).toBeGreaterThan(10);
    const co2Rows = rowsOf('Carbon dioxide').map((row) => [row['CO2, t'], row.Factor, row.Region, row.From, row.Mark]);
    const co2 = answer.co2.parts.map((one: Record<string, unknown>) => [
      ...[one.tCo2, one.kgPerUnit, one.region, one.from, one.mark],
    ]);
    expect(co2Rows).toEqual(co2);
    const billRows = rowsOf('Bills').map((row) => [row.Owner, row.Account, row.Amount, row['Days that count']]);
    const bills = answer.bills.items.map((one: Record<string, unknown>) => [
      ...[one.owner, one.account, one.amount, one.billedDays],
    ]);
    expect(billRows).toEqual(bills);
    expect(rowsOf('Members').map((row) => [row['Annual decline'], row.Verdict])).toEqual(
      answer.members.map((one: { own: { decline: number; verdict: string } }) => [one.own.decline, one.own.verdict]),
    );

    // CSV: a BOM, titles of the language, the same numbers, and nothing that a spreadsheet runs.
    const csv = async (query: string, headers: Record<string, string> = {}) => {
      const reply = await get(query, { accept: 'text/csv', ...headers });
      const text = Buffer.from(await reply.arrayBuffer()).toString('utf8');
      expect([reply.status, text.charCodeAt(0)], text.slice(0, 300)).toEqual([200, 0xfeff]);
      return parse(text, { bom: true, columns: true }) as Record<string, string>[];
    };
    const number = (text: string | undefined) => (text === '' || text === undefined ? null : Number(text));
    expect((await csv(`/intensity?${PARK}`)).map((row) => number(row.允许))).toEqual(
      answer.path.map((row: { allowed: number }) => row.allowed),
    );
    expect((await csv(`/intensity?${PARK}&table=months&lang=en`)).map((row) => number(row.Quantity))).toEqual(
      answer.months.map((row: { quantity: number | null }) => row.quantity),
    );
    expect((await csv(`/intensity?${PARK}&table=members&lang=en`)).map((row) => row['Name (en)'])).toContain(
      `'${HOSTILE}`,
    );

    expect((await csv(`/intensity?${PARK}&table=co2&lang=en`)).map((row) => number(row['CO2, t']))).toEqual(
      answer.co2.parts.map((one: { tCo2: number }) => one.tCo2),
    );
    expect((await csv(`/intensity?${PARK}&table=bills&lang=en`)).map((row) => number(row.Amount))).toEqual(
      answer.bills.items.map((one: { amount: number }) => one.amount),
    );

    const ranking = await send('GET', '/intensity/ranking');
    expect((await csv('/intensity/ranking?lang=en')).map((row) => [row.Scope, number(row['Annual decline'])])).toEqual(
      ranking.items.map((one: { scope: string; decline: number | null }) => [one.scope, one.decline]),
    );
    const card = await send('GET', `/intensity/scorecard?${PARK}`);
    expect((await csv(`/intensity/scorecard?${PARK}&lang=en`)).map((row) => [row.Item, number(row.Value)])).toEqual(
      card.lines.map((one: { item: string; value: number | null }) => [one.item, one.value]),
    );

    // What the figures come from is exported alike.
    const used =
      '/consumption?park=oh-diandu&carrier=electricity&from=2026-01-01T00:00:00%2B08:00&to=2026-11-01T00:00:00%2B08:00';
    const consumed = await send('GET', used);
    expect((await csv(used)).map((row) => number(row.amount))).toEqual(
      consumed.rows.map((row: { amount: number }) => row.amount),
    );
    const { items } = await send('GET', '/statistics?scope=park:oh-diandu&limit=1000');
    for (const [query, name, count] of [
      [used, '用量', consumed.rows.length],
      ['/statistics?scope=park:oh-diandu', '增加值', items.length],
    ] as const) {
      const reply = await get(`${query}&lang=zh`, { accept: XLSX });
      const book = await readXlsx(new Uint8Array(await reply.arrayBuffer()));
      expect(book.sheets.map((one) => one.name)).toEqual(expect.arrayContaining(['说明', name]));
      const rows = book.sheets.find((one) => one.name === name)!.rows;
      expect(rows.length - 1, name).toBe(count);
    }
    expect((await get(`/intensity?${PARK}`, { accept: 'image/png' })).status).toBe(406);

    // What was published is reported as it was published; what was never published is not.
    expect((await get(`/intensity/report?${PARK}&asOf=version:99`)).status).toBe(422);
    const district = await (await get('/intensity/report?scope=district:ouhai&lang=en')).text();
    expect(figuresIn(district).map(({ of }) => of)).toContain('parts.0.completeness');
    expect(district).toContain('Not assessable');
  });

  it.skipIf(chromium === undefined || pdftotext === undefined)(
    'print to PDF with Chromium, figures and Chinese included (needs chromium and pdftotext)',
    () => {
      expect(pages.size).toBe(2);
      const dir = tempDir();
      for (const [lang, page] of pages) {
        const [source, pdf] = [join(dir, `${lang}.html`), join(dir, `${lang}.pdf`)];
        writeFileSync(source, page);
        const quiet = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(dir, 'profile')}`];
        const args = [...quiet, '--no-pdf-header-footer', `--print-to-pdf=${pdf}`, pathToFileURL(source).href];
        execFileSync(chromium!, args, { stdio: 'ignore', timeout: 120_000 });
        const text = execFileSync(pdftotext!, ['-layout', pdf, '-'], { encoding: 'utf8' }).replaceAll(/\s/g, '');
        const figures = figuresIn(page);
        expect(figures.length).toBeGreaterThan(60);
        for (const { of, text: printed } of figures) expect(text, of).toContain(printed.replaceAll(/\s/g, ''));
        expect(text).toContain(lang === 'zh' ? '单位工业增加值能耗' : 'Energyperunitofindustrialaddedvalue');
        if (process.env.KEEP_REPORT) execFileSync('cp', [pdf, process.env.KEEP_REPORT]);
      }
    },
  );
});
