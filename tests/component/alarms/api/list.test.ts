import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { cod, eventually, PARK, smoke, T0 } from '../helpers.js';
import { type AlarmApi, fieldsOf, idsOf, OTHER, S, startAlarmApi, withAlarms } from './helpers.js';

const ALL = ['cod-high:outlet-1', 'smoke-alarm:d', 'smoke-alarm:c', 'smoke-alarm:b', 'smoke-alarm:a'];
const acknowledge = (api: AlarmApi, id: string) => api.post(`/alarms/${id}/acknowledge`);
const shelve = (api: AlarmApi, id: string) => api.post(`/alarms/${id}/shelve`, { forS: 600, comment: '校准' });

describe('GET /alarms', () => {
  it('lists what asks for attention, the one raised last first, and counts it', async () => {
    const api = await withAlarms();
    await acknowledge(api, 'smoke-alarm:a');
    const { status, body } = await api.get('/alarms');
    expect(status).toBe(200);
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(ALL);
    expect(body).toMatchObject({ seq: 6, nextCursor: null });
    expect(body.summary).toEqual({
      total: 5,
      unacknowledged: 4,
      byState: { normal: 0, unack_active: 4, acked_active: 1, rtn_unack: 0, latched_rtn: 0 },
      byPriority: { low: 0, medium: 0, high: 1, critical: 4 },
      suppressed: { shelved: 0, suppressed_by_design: 0, out_of_service: 0 },
    });
    expect(body.items[0]).toMatchObject({ level: 'alarm', raisedAt: '2026-11-23T08:00:04+08:00', value: 600 });
  });

  it('shows what is kept from attention only when asked, and counts it always', async () => {
    const api = await withAlarms();
    await shelve(api, 'cod-high:outlet-1');
    await api.post('/alarms/smoke-alarm:a/out-of-service', { comment: '更换探测器' });
    const open = await api.get('/alarms');
    expect(idsOf(open)).toEqual(['smoke-alarm:d', 'smoke-alarm:c', 'smoke-alarm:b']);
    const suppressed = { shelved: 1, suppressed_by_design: 0, out_of_service: 1 };
    expect(open.body.summary).toMatchObject({ total: 3, suppressed });
    const shelved = await api.get('/alarms?suppression=shelved');
    expect(shelved.body.items).toMatchObject([
      { id: 'cod-high:outlet-1', suppression: 'shelved', shelved: { why: '校准', until: '2026-11-23T08:10:10+08:00' } },
    ]);
    expect(shelved.body.summary).toMatchObject({ total: 1, suppressed });
    expect(idsOf(await api.get('/alarms?suppression=shelved,out_of_service'))).toEqual([ALL[0], ALL[4]]);
    expect(idsOf(await api.get('/alarms?suppression=none&suppression=shelved'))).toEqual(ALL.slice(0, 4));
    expect((await api.get('/alarms?domain=fire')).body.summary.suppressed).toEqual({ ...suppressed, shelved: 0 });
  });

  it('shows an alarm that is shelved while it is normal, behind those that stand', async () => {
    const api = await withAlarms({}, [{ id: 'outlet-2', park: PARK, domain: 'wastewater' }]);
    await shelve(api, 'cod-high:outlet-2');
    const all = await api.get('/alarms?suppression=none,shelved&limit=5');
    expect(idsOf(all)).toEqual(ALL);
    const { items } = (await api.get(`/alarms?suppression=none,shelved&cursor=${all.body.nextCursor}`)).body;
    expect(items).toMatchObject([{ id: 'cod-high:outlet-2', state: 'normal', raisedAt: null, suppression: 'shelved' }]);
  });

  const FILTERS: readonly (readonly [query: string, ids: readonly string[]])[] = [
    [`park=${OTHER}`, ['smoke-alarm:d']],
    [`park=${OTHER},${PARK}&domain=fire`, ALL.slice(1)],
    ['district=lucheng', ['smoke-alarm:d']],
    [`district=lucheng&park=${PARK}`, []],
    ['domain=wastewater', ['cod-high:outlet-1']],
    ['domain=wastewater,fire', ALL],
    ['domain=energy', []],
    ['priority=high', ['cod-high:outlet-1']],
    ['priority=low,critical', ALL.slice(1)],
    ['minPriority=critical', ALL.slice(1)],
    ['minPriority=high&priority=high', ['cod-high:outlet-1']],
    ['state=acked_active', ['smoke-alarm:b']],
    ['state=latched_rtn', ['smoke-alarm:c']],
    ['state=acked_active,latched_rtn', ['smoke-alarm:c', 'smoke-alarm:b']],
    ['device=a', ['smoke-alarm:a']],
    ['device=nobody', []],
    ['from=2026-11-23T08:00:03%2B08:00', ['cod-high:outlet-1', 'smoke-alarm:d']],
    [`from=${T0 + S}&to=${T0 + 3 * S}`, ['smoke-alarm:c', 'smoke-alarm:b']],
    ['to=2026-11-23T08:00:00Z', ALL],
    [`text=${encodeURIComponent('化学需氧量')}`, ['cod-high:outlet-1']],
    [`text=${encodeURIComponent('火警')}&park=${PARK}`, ['smoke-alarm:c', 'smoke-alarm:b', 'smoke-alarm:a']],
    [`text=${encodeURIComponent('３号楼')}`, []],
    [`text=${encodeURIComponent(' 3号楼 ')}`, ['smoke-alarm:a']],
    ['text=LIMIT', ['cod-high:outlet-1']],
    ['text=HONGDA', ['smoke-alarm:a']],
    ['text=alarm:d', ['smoke-alarm:d']],
    [`text=${encodeURIComponent("%' OR 1=1 --")}`, []],
  ];

  it('filters by what is asked', async () => {
    const api = await startAlarmApi();
    api.registry.putEnterprise({ id: 'hongda', park: PARK, nameZh: '宏达', nameEn: 'Hongda' }, 'system');
    api.registry.putDevice({ id: 'a', park: PARK, domain: 'fire', place: '3号楼2层', enterprise: 'hongda' }, 'system');
    await api.send(smoke(T0, true, 'a'));
    await api.send(smoke(T0 + S, true, 'b'));
    await api.send(smoke(T0 + 2 * S, true, 'c'));
    await api.send({ ...smoke(T0 + 3 * S, true, 'd'), park: OTHER });
    await api.send(cod(T0 + 4 * S, 600));
    await acknowledge(api, 'smoke-alarm:b');
    await acknowledge(api, 'smoke-alarm:c');
    await api.send(smoke(T0 + 5 * S, false, 'c'));
    const found = [];
    for (const [query] of FILTERS) {
      const answer = await api.get(`/alarms?${query}`);
      expect(answer.body.summary.total, query).toBe(answer.body.items.length);
      found.push([query, idsOf(answer)]);
    }
    expect(found).toEqual(FILTERS);
  });

  const WRONG: readonly (readonly [query: string, field: string])[] = [
    ['state=active', 'query.state'],
    ['state=', 'query.state'],
    ['suppression=hidden', 'query.suppression'],
    ['priority=urgent', 'query.priority'],
    ['domain=air', 'query.domain'],
    ['limit=0', 'query.limit'],
    ['limit=1001', 'query.limit'],
    ['cursor=x', 'query.cursor'],
    [`cursor=${Buffer.from('[1,2]').toString('base64url')}`, 'query.cursor'],
    [`cursor=${'A'.repeat(301)}`, 'query.cursor'],
    [`text=${'x'.repeat(101)}`, 'query.text'],
    [`device=${'x'.repeat(81)}`, 'query.device'],
    [`park=${Array.from({ length: 101 }, (_, n) => `p${n}`).join()}`, 'query.park'],
    ['from=yesterday', 'query.from'],
    ['from=2&to=1', 'query.from'],
    ['since=1', 'query.since'],
  ];

  it('answers what it does not understand with 422 that names the field', async () => {
    const api = await startAlarmApi();
    const answers = [];
    for (const [query] of WRONG) answers.push([query, ...fieldsOf(await api.get(`/alarms?${query}`))]);
    expect(answers).toEqual(WRONG);
  });

  it('answers 404 for parks and districts that are none', async () => {
    const api = await startAlarmApi();
    expect((await api.get('/alarms?park=atlantis')).body).toMatchObject({ status: 404, code: 'unknown_park' });
    expect((await api.get('/alarms?district=atlantis')).body).toMatchObject({ status: 404, code: 'unknown_district' });
  });

  it('keeps to the scope of the token, whatever is asked', async () => {
    const api = await withAlarms();
    api.alarms.observe('journal_fill_pct', 75, T0 + 9 * S);
    const { secret } = api.token('viewer', { parks: [OTHER] });
    for (const query of ['', '?domain=fire,system', '?district=lucheng', `?park=${OTHER}`]) {
      const answer = await api.get(`/alarms${query}`, secret);
      expect([idsOf(answer), answer.body.summary.total]).toEqual([['smoke-alarm:d'], 1]);
    }
    expect(idsOf(await api.get('/alarms?domain=system', secret))).toEqual([]);
    expect((await api.get(`/alarms?park=${OTHER},${PARK}`, secret)).body.code).toBe('unknown_park');
    const { secret: inspector } = api.token('inspector', { districts: ['lucheng'] });
    expect(idsOf(await api.get('/alarms', inspector))).toEqual(['smoke-alarm:d']);
    expect(idsOf(await api.get('/alarms'))[0]).toBe('journal-filling:journal');
  });

  it('neither skips nor repeats what stands throughout while alarms change between pages', async () => {
    const api = await startAlarmApi();
    const many = Array.from({ length: 40 }, (_, n) => `s-${String(n).padStart(2, '0')}`);
    for (const [n, id] of many.entries()) await api.send(smoke(T0 + Math.floor(n / 4) * S, true, id));
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 8; page += 1) {
      const answer = await api.get(`/alarms?limit=5${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(answer));
      cursor = answer.body.nextCursor;
      // Already seen and not yet seen ones alike: acknowledged, ended; new ones come in front.
      await acknowledge(api, `smoke-alarm:${many[page]}`);
      await acknowledge(api, `smoke-alarm:${many[39 - page]}`);
      await api.send(smoke(T0 + 20 * S, false, many[page + 10]));
      await api.send(smoke(T0 + 30 * S, true, `new-${page}`));
    }
    expect(cursor).toBeNull();
    expect(seen.toSorted()).toEqual(many.map((id) => `smoke-alarm:${id}`));
  });
});

describe('GET /alarms as CSV', () => {
  it('writes every alarm in RFC 4180, text that a spreadsheet would run with an apostrophe', async () => {
    const devices = [{ id: 'outlet-1', park: PARK, domain: 'wastewater' as const, place: '=cmd|"/c calc"!A1, 1层' }];
    const api = await withAlarms({}, devices);
    await api.post('/alarms/cod-high:outlet-1/acknowledge', { comment: '已派人, "尽快"' });
    const { status, headers, text } = await api.csv(`/alarms?park=${PARK}&domain=wastewater`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="alarms-2026-11-23.csv"',
      vary: 'accept',
    });
    expect(text).toBe(
      'id,state,suppression,priority,level,park,domain,device,metric,place,enterprise,messageZh,messageEn,value,setpoint,' +
        'since,raisedAt,clearedAt,acknowledgedAt,acknowledgedBy,comment,shelvedUntil,outOfServiceSince,cause,rule,ruleVersion,' +
        'alarmClass,seq\r\n' +
        'cod-high:outlet-1,acked_active,,high,alarm,oh-diandu,wastewater,outlet-1,cod_mg_l,' +
        `"'=cmd|""/c calc""!A1, 1层",,化学需氧量超标,COD above the limit,600,500,` +
        '2026-11-23T08:00:04+08:00,2026-11-23T08:00:04+08:00,,2026-11-23T08:00:10+08:00,' +
        `${api.registry.tokens()[0]!.id},"已派人, ""尽快""",,,,cod-high,2,environment,6\r\n`,
    );
  });

  it('holds all without a limit, pages with one, and a byte order mark when asked', async () => {
    const api = await startAlarmApi();
    await api.send(...Array.from({ length: 450 }, (_, n) => smoke(T0, true, `s-${n}`)));
    const rows = ({ text }: { text: string }) => parse(text, { columns: true, bom: true }) as { id: string }[];
    expect(new Set(rows(await api.csv('/alarms')).map(({ id }) => id)).size).toBe(450);
    const page = await api.csv('/alarms?limit=300&bom=true');
    expect(page.text.startsWith('\ufeffid,')).toBe(true);
    const next = /<\/api\/v1([^>]+)>; rel="next"/.exec(page.headers.link ?? '')![1]!;
    const rest = await api.csv(next);
    expect(rest.headers.link).toBeUndefined();
    expect(new Set([...rows(page), ...rows(rest)].map(({ id }) => id)).size).toBe(450);
    await eventually(() => expect(api.queries.stats).toEqual({ running: 0, turnedAway: 0, aborted: 0 }));
  });

  it('answers 406 for what it cannot write', async () => {
    const api = await startAlarmApi();
    expect((await api.call('GET', '/alarms', { accept: 'application/pdf' })).status).toBe(406);
  });
});
