import { get as httpGet, type IncomingMessage } from 'node:http';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { eventsBehind, firstOf } from '../../../../src/api/alarms/events.js';
import { cod, eventually, PARK, smoke, T0 } from '../helpers.js';
import { ADMIN, type AlarmApi, type Answer, fieldsOf, OTHER, S, startAlarmApi, withAlarms } from './helpers.js';

const seqs = ({ body }: Answer): number[] => body.items.map(({ seq }: { seq: number }) => seq);

/** Smoke that comes and goes until there are `count` events. */
async function flicker(api: AlarmApi, count: number, device = 'f') {
  const messages = Array.from({ length: count }, (_, n) => smoke(T0 + n * S, n % 2 === 0, device));
  for (let n = 0; n < count; n += 500) await api.send(...messages.slice(n, n + 500));
}

describe('GET /alarm-events', () => {
  it('tells everything that happened, the oldest first', async () => {
    const api = await withAlarms();
    const { id, secret } = api.token('operator');
    await api.post('/alarms/cod-high:outlet-1/acknowledge', { comment: '已处理' }, secret);
    const { body } = await api.get('/alarm-events');
    expect(body).toMatchObject({ completeFrom: null, nextCursor: null });
    expect(body.items.map(({ seq }: { seq: number }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(body.items[3]).toMatchObject({
      event: 'raised',
      cause: 'reading',
      at: '2026-11-23T08:00:03+08:00',
      by: null,
      alarm: { id: 'smoke-alarm:d', park: OTHER },
    });
    expect(body.items[5]).toMatchObject({
      event: 'acknowledged',
      cause: 'operator',
      at: '2026-11-23T08:00:10+08:00',
      by: id,
      comment: '已处理',
      alarm: { state: 'acked_active' },
    });
  });

  const FILTERS: readonly (readonly [query: string, seqs: readonly number[]])[] = [
    [`park=${OTHER}`, [4]],
    [`park=${OTHER},${PARK}`, [1, 2, 3, 4, 5, 6]],
    ['district=lucheng', [4]],
    [`district=lucheng&park=${PARK}`, []],
    ['domain=wastewater', [5, 6]],
    ['domain=system', [7]],
    ['rule=cod-high', [5, 6]],
    ['rule=none', []],
    ['device=a', [1]],
    ['event=acknowledged', [6]],
    ['event=raised,acknowledged&device=outlet-1', [5, 6]],
    ['priority=high', [5, 6, 7]],
    ['minPriority=critical', [1, 2, 3, 4]],
    ['minPriority=critical&priority=high', []],
    [`from=${T0 + 3 * S}`, [4, 5, 6, 7]],
    ['from=2026-11-23T08:00:01%2B08:00&to=2026-11-23T08:00:03%2B08:00', [2, 3]],
  ];

  it('filters by what is asked', async () => {
    const api = await withAlarms();
    await api.post('/alarms/cod-high:outlet-1/acknowledge');
    api.alarms.observe('journal_fill_pct', 75, T0 + 20 * S);
    const found = [];
    for (const [query] of FILTERS) found.push([query, seqs(await api.get(`/alarm-events?${query}`))]);
    expect(found).toEqual(FILTERS);
  });

  it('goes on page by page, with what happens meanwhile at the end', async () => {
    const api = await withAlarms();
    const first = await api.get('/alarm-events?limit=2&domain=fire');
    expect(seqs(first)).toEqual([1, 2]);
    await api.send(smoke(T0 + 5 * S, false, 'a'));
    const second = await api.get(`/alarm-events?limit=2&domain=fire&cursor=${first.body.nextCursor}`);
    expect(seqs(second)).toEqual([3, 4]);
    const third = await api.get(`/alarm-events?limit=2&domain=fire&cursor=${second.body.nextCursor}`);
    expect([seqs(third), third.body.nextCursor]).toEqual([[6], null]);
    expect((await api.get('/alarm-events?cursor=999999999999999')).body).toMatchObject({ items: [], nextCursor: null });
  });

  it('says from when on nothing is missing', async () => {
    const api = await withAlarms({ keepEvents: 3 });
    const answer = await api.get('/alarm-events');
    expect([seqs(answer), answer.body.completeFrom]).toEqual([[3, 4, 5], '2026-11-23T08:00:02+08:00']);
    expect((await api.csv('/alarm-events')).headers['alarm-events-complete-from']).toBe('2026-11-23T08:00:02+08:00');
    const ofOne = await api.get('/alarms/smoke-alarm:d/events');
    expect([seqs(ofOne), ofOne.body.completeFrom]).toEqual([[4], '2026-11-23T08:00:02+08:00']);
    expect((await api.get('/alarms/smoke-alarm:a/events')).status).toBe(200);
  });

  it('keeps to the scope of the token', async () => {
    const api = await withAlarms();
    api.alarms.observe('journal_fill_pct', 75, T0 + 9 * S);
    const { secret } = api.token('viewer', { parks: [OTHER] });
    expect(seqs(await api.get('/alarm-events', secret))).toEqual([4]);
    expect(seqs(await api.get('/alarm-events?domain=system', secret))).toEqual([]);
    expect(seqs(await api.get('/alarm-events?device=a', secret))).toEqual([]);
    expect((await api.get(`/alarm-events?park=${PARK}`, secret)).body.code).toBe('unknown_park');
    expect((await api.csv('/alarm-events', secret)).text.split('\r\n')).toHaveLength(3);
    expect(seqs(await api.get('/alarm-events'))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  const WRONG: readonly (readonly [query: string, field: string])[] = [
    ['event=gone', 'query.event'],
    ['cursor=-1', 'query.cursor'],
    ['cursor=1e3', 'query.cursor'],
    [`cursor=${'9'.repeat(16)}`, 'query.cursor'],
    ['limit=1001', 'query.limit'],
    ['from=2&to=2', 'query.from'],
    [`rule=${'x'.repeat(64)}`, 'query.rule'],
    ['alarm=x', 'query.alarm'],
    ['bom=maybe', 'query.bom'],
  ];

  it('answers what it does not understand with 422 that names the field', async () => {
    const api = await startAlarmApi();
    const answers = [];
    for (const [query] of WRONG) answers.push([query, ...fieldsOf(await api.get(`/alarm-events?${query}`))]);
    expect(answers).toEqual(WRONG);
  });
});

describe('GET /alarm-events as CSV', () => {
  it('writes a row for each event', async () => {
    const api = await withAlarms();
    const { id, secret } = api.token('operator');
    await api.post('/alarms/cod-high:outlet-1/acknowledge', { comment: '-5, "说明"' }, secret);
    const { headers, text } = await api.csv('/alarm-events?domain=wastewater');
    expect(headers['content-disposition']).toBe('attachment; filename="alarm-events-2026-11-23.csv"');
    const alarm = 'high,alarm,oh-diandu,wastewater,outlet-1,cod_mg_l,,,化学需氧量超标,COD above the limit,600,500';
    const rule = 'cod-high,2,environment';
    expect(text).toBe(
      'seq,event,cause,at,receivedAt,by,comment,alarm,state,suppression,priority,level,park,domain,device,metric,place,' +
        'enterprise,messageZh,messageEn,value,setpoint,rule,ruleVersion,alarmClass\r\n' +
        '5,raised,reading,2026-11-23T08:00:04+08:00,2026-11-23T08:00:04+08:00,,,' +
        `cod-high:outlet-1,unack_active,,${alarm},${rule}\r\n` +
        `6,acknowledged,operator,2026-11-23T08:00:10+08:00,2026-11-23T08:00:10+08:00,${id},"'-5, ""说明""",` +
        `cod-high:outlet-1,acked_active,,${alarm},${rule}\r\n`,
    );
  });

  it('streams the whole record, and pages with a limit', async () => {
    const api = await startAlarmApi();
    await flicker(api, 2_500);
    const rows = ({ text }: Answer) =>
      (parse(text, { columns: true }) as { seq: string }[]).map(({ seq }) => Number(seq));
    const all = Array.from({ length: 2_500 }, (_, n) => n + 1);
    expect(rows(await api.csv('/alarm-events'))).toEqual(all);
    const page = await api.csv('/alarm-events?limit=900&cursor=1200');
    expect(rows(page)).toEqual(all.slice(1_200, 2_100));
    const next = /<\/api\/v1([^>]+)>; rel="next"/.exec(page.headers.link ?? '')![1]!;
    const rest = await api.csv(next);
    expect([rows(rest), rest.headers.link]).toEqual([all.slice(2_100), undefined]);
  });

  it('ends with the events of now, and reads no further once the client has left', async () => {
    const api = await startAlarmApi();
    await flicker(api, 12_000);
    let asked = 0;
    const { events } = api.alarms;
    api.alarms.events = (query) => {
      asked += 1;
      return events(query);
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${ADMIN}`, accept: 'text/csv' };
      httpGet(`${api.url}/api/v1/alarm-events`, { headers }, resolve).on('error', reject);
    });
    await new Promise((resolve) => answer.once('readable', resolve));
    answer.destroy();
    await eventually(() => expect(api.queries.stats).toMatchObject({ running: 0, aborted: 1 }));
    const atLeave = asked;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBeLessThanOrEqual(atLeave + 1);
    expect(asked).toBeLessThan(60);
  });

  it('is turned away when too many are being written', async () => {
    const api = await startAlarmApi();
    const leave = Array.from({ length: api.queries.limit }, (_, i) => api.queries.enter(`t-${i}`));
    expect((await api.csv('/alarm-events')).body).toMatchObject({ status: 503, code: 'too_many_queries' });
    for (const one of leave) one(true);
    expect((await api.csv('/alarm-events')).status).toBe(200);
  });
});

describe('reading the record', () => {
  it('looks at no more than a thousand events in a turn, and stops when nobody wants it', async () => {
    const api = await startAlarmApi();
    await flicker(api, 2_500);
    await api.send(cod(T0, 600));
    const spans: number[] = [];
    const record = {
      headSeq: () => api.alarms.headSeq(),
      oldestSeq: () => api.alarms.oldestSeq(),
      events: (query: Parameters<AlarmApi['alarms']['events']>[0]) => {
        spans.push(query.uptoSeq! - query.afterSeq!);
        return api.alarms.events(query);
      },
    };
    const rare = () => eventsBehind(record, { domain: 'wastewater' }, 0, 10, () => false);
    expect(await firstOf(rare(), 10)).toMatchObject([{ seq: 2_501, alarm: { domain: 'wastewater' } }]);
    expect(spans).toEqual([1_000, 1_000, 501]);
    spans.length = 0;
    const gone = eventsBehind(record, { domain: 'wastewater' }, 0, 10, () => spans.length > 0);
    expect(await firstOf(gone, 10)).toEqual([]);
    expect(spans).toHaveLength(1);
  });
});
