import { describe, expect, it } from 'vitest';
import { growth, level, OTHER_PARK, PARK, SUBJECT, startService } from './service.js';

const source = '增加值_2026-11.xlsx';
const set = (members: readonly string[] = [SUBJECT], extra: object = {}) => ({
  scope: `park:${PARK}`,
  year: 2025,
  members,
  ...extra,
});
const path = (parts: Record<string, string>) => new URLSearchParams(parts).toString();

describe('statistics that are put', () => {
  it('stand with who, when and where from, together with the counted set, and outlive a restart', async () => {
    const first = await startService();
    const done = await first.put({
      source,
      reason: '年报',
      entries: [level('2020', 5_000), growth('2021', 0.1)],
      sets: [set()],
    });
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({ dryRun: false, versions: { statistics: 1, countedSets: 1 }, unchanged: 0 });
    const { body } = await first.get('/statistics');
    expect(body.version).toBe(1);
    expect(body.items).toMatchObject([
      {
        ...{ subject: SUBJECT, period: '2020', kind: 'current', status: 'final', version: 1, source, reason: '年报' },
        figure: { kind: 'level', price: 'current', amount: 5_000, unit: '10⁴ CNY' },
      },
      { period: '2021', kind: 'growth', figure: { kind: 'growth', rate: 0.1, unit: 'fraction' } },
    ]);
    const { items } = (await first.get('/audit?action=statistics.put')).body;
    expect(items).toMatchObject([
      {
        who: body.items[0].by,
        target: source,
        detail: { entries: 2, revised: 0, reason: '年报', sets: [`park:${PARK} 2025`] },
      },
    ]);
    const before = await first.told();
    await first.app.close();
    const again = await startService(first.dir);
    expect(await again.told()).toEqual(before);
  });

  it('are revised without losing what was believed, and asOf answers as was known then', async () => {
    const { put, get, send } = await startService();
    await put({ source: 'a', entries: [level('2025', 100, { status: 'preliminary' }), level('2024', 90)] });
    await put({ source: 'b', reason: '普查修订', entries: [level('2025', 120), level('2024', 90)] });
    const gone = await send(
      'DELETE',
      `/statistics?${path({ subject: SUBJECT, period: '2025', kind: 'current', source: 'c', reason: '错报' })}`,
    );
    expect(gone).toMatchObject({
      status: 200,
      body: { version: 3, withdrawn: { figure: { amount: 120 }, version: 2 } },
    });
    await put({ source: 'd', entries: [level('2025', 120)] });

    const history = (await get(`/statistics/history?${path({ subject: SUBJECT, period: '2025' })}`)).body.items;
    // biome-ignore lint/suspicious/noExplicitAny: an answer
    const rowOf = (one: any) => [one.version, one.figure?.amount ?? null, one.status, one.source, one.reason];
    expect(history.map(rowOf)).toEqual([
      [1, 100, 'preliminary', 'a', null],
      [2, 120, 'final', 'b', '普查修订'],
      [3, null, null, 'c', '错报'],
      [4, 120, 'final', 'd', null],
    ]);
    const amounts = async (asOf: string) => {
      const { body } = await get(`/statistics?year=2025&asOf=${encodeURIComponent(asOf)}`);
      return [body.version, body.items.map((one: { figure: { amount: number } }) => one.figure.amount)];
    };
    const [first, second, third] = history.map((one: { recordedAt: string }) => one.recordedAt);
    const expected = [
      [1, [100]],
      [2, [120]],
      [3, []],
    ];
    expect([await amounts('version:1'), await amounts('version:2'), await amounts('version:3')]).toEqual(expected);
    expect([await amounts(first), await amounts(second), await amounts(third)]).toEqual(expected);
    expect(await amounts('2026-11-23T11:00:00+08:00')).toEqual([0, []]);
    // 2024 said the same twice: it was recorded once.
    expect((await get(`/statistics/history?${path({ subject: SUBJECT, period: '2024' })}`)).body.items).toHaveLength(1);
    for (const asOf of ['version:5', 'version:0', '2026-11-24T12:00:00+08:00', 'yesterday']) {
      const answer = await get(`/statistics?asOf=${encodeURIComponent(asOf)}`);
      expect([asOf, answer.status, answer.body.errors[0].field]).toEqual([asOf, 422, 'query.asOf']);
    }
  });

  it('that say nothing new make no version', async () => {
    const { put, told } = await startService();
    const upload = { source, entries: [level('2025', 100)], sets: [set([SUBJECT, `enterprise:${PARK}/e-2`])] };
    await put(upload);
    const before = await told();
    const turned = { ...upload, sets: [set([`enterprise:${PARK}/e-2`, SUBJECT])] };
    expect((await put(turned)).body).toMatchObject({ entries: [], sets: [], unchanged: 2 });
    expect(await told()).toEqual(before);
  });

  it('of a firm that left the registry may still be revised', async () => {
    const { put, send } = await startService();
    await put({ source, entries: [level('2024', 100)], sets: [set()] });
    expect((await send('DELETE', `/enterprises/e-1?park=${PARK}`)).status).toBe(204);
    const later = await put({
      source: 'b',
      entries: [level('2024', 101)],
      sets: [set([SUBJECT, `enterprise:${PARK}/e-2`])],
    });
    expect(later).toMatchObject({ status: 200, body: { versions: { statistics: 2, countedSets: 2 } } });
  });
});

describe('a dry run', () => {
  it('says what would change and all that is wrong, and writes nothing', async () => {
    const { put, told } = await startService();
    await put({ source, entries: [level('2025', 100), level('2024', 90)] });
    const before = await told();
    const upload = {
      source: 'b',
      entries: [level('2025', 110), level('2024', 90), level('2023', -1), level('2027', 5)],
      sets: [set(['enterprise:oh-diandu/nobody'])],
    };
    const { status, body } = await put(upload, '/statistics?dryRun=true');
    expect(status).toBe(200);
    expect(body).toMatchObject({ dryRun: true, unchanged: 1, versions: { statistics: 1, countedSets: 0 } });
    expect(body.entries[0]).toMatchObject({
      before: { figure: { amount: 100 }, version: 1, source },
      after: { period: '2025', figure: { amount: 110 } },
    });
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'body.entries.2.figure.amount',
      'body.entries.3.period',
      'body.sets.0.members.0',
    ]);
    expect(await told()).toEqual(before);
    const refused = await put(upload);
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_request', errors: body.errors } });
    expect(await told()).toEqual(before);
  });
});

describe('bad input', () => {
  const other = `enterprise:${OTHER_PARK}/e-9`;
  const entries = (...all: readonly object[]) => ({ source, entries: all });
  const figure = (value: object) => ({ figure: { kind: 'level', price: 'current', amount: 1, ...value } });
  const CASES: readonly (readonly [what: string, body: object, field: string])[] = [
    ['a negative value', entries(level('2025', -5)), 'entries.0.figure.amount'],
    ['zero', entries(level('2025', 100), level('2024', 0)), 'entries.1.figure.amount'],
    ['1e308', entries(level('2025', 1e308)), 'entries.0.figure.amount'],
    ['text for a number', entries(level('2025', 1, figure({ amount: '12' }))), 'entries.0.figure.amount'],
    ['null for a number', entries(level('2025', 1, figure({ amount: null }))), 'entries.0.figure.amount'],
    ['another unit', entries(level('2025', 1, figure({ unit: 'CNY' }))), 'entries.0.figure.unit'],
    ['a month twice', entries(level('2025-03', 1), level('2025-03', 2)), 'entries.1.period'],
    ['the running month', entries(level('2026-11', 1)), 'entries.0.period'],
    ['the year that runs', entries(level('2026', 1)), 'entries.0.period'],
    ['a period that is none', entries(level('2025-13', 1)), 'entries.0.period'],
    ['February as January and February', entries(level('2025-02/02', 1)), 'entries.0.period'],
    [
      'an enterprise that nobody knows',
      entries(level('2025', 1, { subject: `enterprise:${PARK}/e-9` })),
      'entries.0.subject',
    ],
    ['a park that nobody knows', entries(level('2025', 1, { subject: 'park:nowhere' })), 'entries.0.subject'],
    ['a subject that is none', entries(level('2025', 1, { subject: 'e-1' })), 'entries.0.subject'],
    ['a percentage for a fraction', entries(growth('2025', 5.2)), 'entries.0.figure.rate'],
    ['no prices left', entries(growth('2025', -1)), 'entries.0.figure.rate'],
    [
      'comparable prices of no year',
      entries(level('2025', 1, figure({ price: 'comparable' }))),
      'entries.0.figure.baseYear',
    ],
    [
      'a level and a growth',
      entries(growth('2025', 0.1), level('2025', 1, figure({ price: 'comparable', baseYear: 2020 }))),
      'entries.0.figure.kind',
    ],
    ['January beside January and February', entries(level('2025-01', 1), level('2025-01/02', 2)), 'entries.0.period'],
    ['a status that is none', entries(level('2025', 1, { status: 'draft' })), 'entries.0.status'],
    ['a field that is none', entries(level('2025', 1, { value: 3 })), 'entries.0.value'],
    ['no source', { entries: [level('2025', 1)] }, 'source'],
    ['nothing at all', { source }, 'entries'],
    ['a set with a firm of another park', { source, sets: [set([SUBJECT, other])] }, 'sets.0.members.1'],
    ['a set with a firm twice', { source, sets: [set([SUBJECT, SUBJECT])] }, 'sets.0.members.1'],
    ['an empty set', { source, sets: [set([])] }, 'sets.0.members'],
    ['a set twice', { source, sets: [set(), set()] }, 'sets.1.year'],
    [
      'a set of a scope that is none',
      { source, sets: [set([SUBJECT], { scope: 'district:nowhere' })] },
      'sets.0.scope',
    ],
    ['a set of the year after next', { source, sets: [set([SUBJECT], { year: 2028 })] }, 'sets.0.year'],
    [
      'a right set beside a wrong entry',
      { source, entries: [level('2025', -1)], sets: [set()] },
      'entries.0.figure.amount',
    ],
  ];

  it('is named by field, whatever else is right, and nothing is written', async () => {
    const { put, told } = await startService();
    const before = await told();
    for (const [what, body, field] of CASES) {
      const answer = await put(body);
      expect([what, answer.status]).toEqual([what, 422]);
      const fields = answer.body.errors.map((one: { field: string }) => one.field);
      expect(fields, `${what}: ${answer.body.detail}`).toContain(`body.${field}`);
    }
    expect(await told()).toEqual(before);
  });

  it('contradicts what is recorded as it does what comes with it', async () => {
    const { put, told } = await startService();
    await put(entries(level('2025-01/02', 10), growth('2024', 0.1)));
    const before = await told();
    const { body } = await put(
      entries(level('2025-02', 5), level('2024', 1, figure({ price: 'comparable', baseYear: 2020 }))),
    );
    expect(body.errors).toMatchObject([
      { field: 'body.entries.0.period', expected: expect.stringContaining('withdraw 2025-01/02') },
      { field: 'body.entries.1.figure.kind' },
    ]);
    expect(await told()).toEqual(before);
  });

  it('of more than a request may hold, or no JSON, is refused whole', async () => {
    const { put, api, told } = await startService();
    const before = await told();
    const many = Array.from({ length: 5_001 }, () => ({
      subject: 'x',
      period: '2025',
      figure: { kind: 'growth', rate: 0 },
      status: 'final',
    }));
    expect((await put(entries(...many))).body.errors[0].field).toBe('body.entries');
    const init = { method: 'PUT', headers: { 'content-type': 'application/json' } };
    const huge = await api('/api/v1/statistics', { ...init, body: `{"source":"${'x'.repeat(1 << 20)}"}` });
    expect(huge.status).toBe(413);
    // Beyond what a number holds, JSON reads Infinity.
    const text = JSON.stringify(entries(level('2025', 77))).replace('77', '1e999');
    const infinite = await api('/api/v1/statistics', { ...init, body: text });
    expect([infinite.status, ((await infinite.json()) as { detail: string }).detail]).toEqual([
      422,
      expect.stringContaining('body.entries.0.figure.amount'),
    ]);
    expect(await told()).toEqual(before);
  });

  it('withdraws nothing that is not there', async () => {
    const { put, send, told } = await startService();
    await put(entries(level('2025', 10)));
    const before = await told();
    const ask = (parts: object) =>
      send(
        'DELETE',
        `/statistics?${path({ subject: SUBJECT, period: '2025', kind: 'current', source, reason: 'x', ...parts })}`,
      );
    expect(await ask({ period: '2024' })).toMatchObject({ status: 404, body: { code: 'unknown_entry' } });
    expect(await ask({ kind: 'growth' })).toMatchObject({ status: 404 });
    expect(await ask({ period: 'x' })).toMatchObject({ status: 422, body: { errors: [{ field: 'query.period' }] } });
    expect(
      (await send('DELETE', `/statistics?${path({ subject: SUBJECT, period: '2025', kind: 'current', source })}`)).body
        .errors,
    ).toMatchObject([{ field: 'query.reason' }]);
    expect(await told()).toEqual(before);
  });
});

describe('a counted set', () => {
  it('that was recorded by mistake is withdrawn with its reason, by who may write it', async () => {
    const { put, get, send, token } = await startService();
    await put({ source, sets: [set(), set([SUBJECT], { scope: 'city' })] });
    const ask = (scope: string, who?: string, more: Record<string, string> = {}) =>
      send(
        'DELETE',
        `/statistics/counted-sets?${path({ scope, year: '2025', source: 'b', reason: '误报', ...more })}`,
        undefined,
        who,
      );
    const mine = await token('operator', { parks: [PARK] });
    const all = await token('operator');
    expect((await ask('city', mine)).body.code).toBe('unknown_scope');
    expect((await ask('city', all)).body.code).toBe('unknown_entry');
    expect((await ask(`park:${PARK}`, mine, { basedOn: '0' })).body.code).toBe('statistics_changed');
    const gone = await ask(`park:${PARK}`, mine);
    expect(gone).toMatchObject({ status: 200, body: { version: 2, withdrawn: { members: [SUBJECT], version: 1 } } });
    expect((await ask(`park:${PARK}`, mine)).status).toBe(404);
    const scopes = async (asOf: string) =>
      (await get(`/statistics/counted-sets${asOf}`)).body.items.map((one: { scope: string }) => one.scope);
    expect([await scopes(''), await scopes('?asOf=version:1')]).toEqual([['city'], ['city', `park:${PARK}`]]);
    const { items } = (await get('/audit?action=statistics.withdraw')).body;
    expect(items).toMatchObject([
      { target: `park:${PARK} 2025`, detail: { reason: '误报', was: { members: [SUBJECT] } } },
    ]);
  });
});

describe('two who write at once', () => {
  it('are both recorded one after the other, unless what one read has changed', async () => {
    const { put, get, send } = await startService();
    await put({ source: 'a', entries: [level('2025', 100), level('2024', 90)] });
    const both = await Promise.all(
      [110, 120].map((amount) =>
        put({ source: `${amount}`, basedOn: { statistics: 1 }, entries: [level('2025', amount)] }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(both.find(({ status }) => status === 409)?.body.code).toBe('statistics_changed');
    // What nobody else touched is no conflict.
    expect((await put({ source: 'c', basedOn: { statistics: 1 }, entries: [level('2024', 91)] })).status).toBe(200);
    const ask = { subject: SUBJECT, period: '2024', kind: 'current', source: 'd', reason: 'x' };
    expect((await send('DELETE', `/statistics?${path({ ...ask, basedOn: '2' })}`)).body.code).toBe(
      'statistics_changed',
    );
    expect((await send('DELETE', `/statistics?${path({ ...ask, basedOn: '3' })}`)).status).toBe(200);
    // Withdrawn meanwhile: that is a change too.
    expect((await put({ source: 'e', basedOn: { statistics: 3 }, entries: [level('2024', 92)] })).status).toBe(409);
    await Promise.all(Array.from({ length: 10 }, (_, n) => put({ source: `s${n}`, entries: [level('2023', n + 1)] })));
    const { items } = (await get(`/statistics/history?${path({ subject: SUBJECT, period: '2023' })}`)).body;
    expect(items.map(({ version }: { version: number }) => version)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });
});

describe('roles and scopes', () => {
  it('let operators write of their own parks alone, and the others read within theirs', async () => {
    const { put, get, send, token, told } = await startService();
    const other = `enterprise:${OTHER_PARK}/e-9`;
    const mine = await token('operator', { parks: [PARK] });
    const district = await token('inspector', { districts: ['ouhai'] });
    expect((await put({ source, entries: [level('2025', 10)], sets: [set()] }, '/statistics', mine)).status).toBe(200);
    await put({
      source,
      entries: [level('2025', 70, { subject: other })],
      sets: [set([SUBJECT], { scope: 'city' }), set([SUBJECT], { scope: 'district:ouhai' })],
    });
    const before = await told();

    const foreign = { source, entries: [level('2025', 80, { subject: other })] };
    expect((await put(foreign, '/statistics', mine)).body.errors[0].field).toBe('body.entries.0.subject');
    const dry = await put(foreign, '/statistics?dryRun=true', mine);
    expect([dry.status, dry.body.entries, dry.body.errors.length]).toEqual([200, [], 1]);
    for (const scope of ['city', 'district:ouhai', `park:${OTHER_PARK}`]) {
      const answer = await put(
        { source, sets: [set([SUBJECT], { scope, year: 2024 })] },
        '/statistics/counted-sets',
        mine,
      );
      expect([scope, answer.status, answer.body.errors?.[0].field]).toEqual([scope, 422, 'body.sets.0.scope']);
    }
    const ask = path({ subject: other, period: '2025', kind: 'current', source, reason: 'x' });
    expect(await send('DELETE', `/statistics?${ask}`, undefined, mine)).toMatchObject({
      status: 404,
      body: { code: 'unknown_entry' },
    });
    expect((await put({ source, entries: [level('2024', 1)] }, '/statistics', district)).status).toBe(403);
    for (const name of ['coefficients', 'policy', 'co2-factors', 'measured-heat', 'green-power']) {
      expect([name, (await put({}, `/statistics/${name}`, mine)).status]).toEqual([name, 403]);
    }
    expect(await told()).toEqual(before);

    const subjects = async (query: string, who: string) =>
      (await get(`/statistics${query}`, who)).body.items?.map((one: { subject: string }) => one.subject);
    expect([await subjects('', mine), await subjects('', district)]).toEqual([[SUBJECT], [SUBJECT]]);
    expect(await subjects('?scope=district:ouhai', district)).toEqual([SUBJECT]);
    for (const [query, who] of [
      [`?scope=park:${OTHER_PARK}`, mine],
      ['?scope=city', district],
      ['?scope=district:ouhai', mine],
      [`/history?${path({ subject: other, period: '2025' })}`, district],
      [`/added-value?${path({ subject: other, year: '2025' })}`, mine],
      ['/counted-sets?scope=city', mine],
    ] as const) {
      expect([query, (await get(`/statistics${query}`, who)).status]).toEqual([query, 404]);
    }
    const scopes = async (who?: string) =>
      (await get('/statistics/counted-sets', who)).body.items.map((one: { scope: string }) => one.scope);
    expect([await scopes(mine), await scopes(district), await scopes()]).toEqual([
      [`park:${PARK}`],
      ['district:ouhai', `park:${PARK}`],
      ['city', 'district:ouhai', `park:${PARK}`],
    ]);
  });
});

describe('the list', () => {
  it('comes in pages, by scope and year, and whole as CSV that no spreadsheet runs', async () => {
    const { put, get, api } = await startService();
    const months = Array.from({ length: 12 }, (_, month) =>
      level(`2025-${String(month + 1).padStart(2, '0')}`, month + 1),
    );
    await put({
      source: '=HYPERLINK("x")',
      entries: [...months, level('2024', 70, { subject: `park:${OTHER_PARK}` }), growth('2024', -0.05)],
    });
    const first = (await get('/statistics?limit=5&year=2025')).body;
    const second = (await get(`/statistics?limit=5&year=2025&cursor=${first.nextCursor}`)).body;
    const third = (await get(`/statistics?limit=5&year=2025&cursor=${second.nextCursor}`)).body;
    const periods = [first, second, third].flatMap(({ items }) => items.map((one: { period: string }) => one.period));
    expect(periods).toEqual(months.map(({ period }) => period));
    expect(third.nextCursor).toBeNull();
    expect((await get(`/statistics?scope=park:${OTHER_PARK}`)).body.items).toHaveLength(1);

    const answer = await api('/api/v1/statistics?bom=true&year=2024', { headers: { accept: 'text/csv' } });
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head, grown, park] = bytes.toString().slice(1).split('\r\n');
    expect(head).toBe(
      'subject,period,kind,baseYear,amount10kCny,growthRate,status,version,recordedAt,by,source,reason,areaMu',
    );
    expect(grown).toMatch(/^enterprise:oh-diandu\/e-1,2024,growth,,,-0\.05,final,1,2026-11-23T.*,"'=HYPERLINK/);
    expect(park).toMatch(/^park:lc-xiedu-1,2024,current,,70,,final,1,/);
  });
});

describe('large uploads at the same time', () => {
  it('are recorded whole, one after the other, with the rest of the service going on', async () => {
    const { put, get } = await startService();
    const months = Array.from({ length: 12 * 40 }, (_, n) => {
      const month = String((n % 12) + 1).padStart(2, '0');
      return `${1985 + Math.floor(n / 12)}-${month}`;
    });
    const uploads = ['a', 'b'].map((source, n) => ({
      ...{ source },
      entries: [SUBJECT, `park:${PARK}`].flatMap((subject) => months.map((month) => level(month, n + 1, { subject }))),
    }));
    let answered = 0;
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        const { body } = await get('/statistics?limit=1000');
        // Nobody sees the half of one: what is there is of its version, and all of it.
        for (const { version, source } of body.items) {
          expect([version, source]).toEqual([body.version, body.items[0].source]);
        }
        if (body.version > 0) expect(body.items).toHaveLength(2 * months.length);
        answered += 1;
      }
    })();
    const done = await Promise.all(uploads.map((one) => put(one)));
    isOver = true;
    await asking;
    expect(done.map(({ status }) => status)).toEqual([200, 200]);
    expect(done.map(({ body }) => body.versions.statistics).sort()).toEqual([1, 2]);
    expect(done.every(({ body }) => body.entries.length === 2 * months.length)).toBe(true);
    expect(answered).toBeGreaterThan(1);
  });
});
