import { describe, expect, it } from 'vitest';
import { cod, PARK, smoke, T0 } from '../helpers.js';
import { type AlarmApi, type Answer, fieldsOf, OTHER, S, startAlarmApi, withAlarms } from './helpers.js';

const COD = 'cod-high:outlet-1';
const fire = (...devices: string[]) => devices.map((device) => `smoke-alarm:${device}`);
const codes = ({ body }: Answer): Record<string, string | null> =>
  Object.fromEntries(body.results.map(({ id, done, code }: Record<string, never>) => [id, done ? 'done' : code]));
const seqOf = async (api: AlarmApi) => (await api.get('/alarms')).body.seq as number;

describe('POST /alarms/acknowledge', () => {
  it('does each by itself and says what became of it', async () => {
    const api = await withAlarms();
    await api.post(`/alarms/smoke-alarm:b/acknowledge`);
    const { id: by, secret } = api.token('operator');
    const ids = [...fire('a', 'b', 'c'), 'smoke-alarm:nowhere', COD, 'smoke-alarm:a'];
    const answer = await api.post('/alarms/acknowledge', { ids, comment: '交接班' }, secret);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      seq: 9,
      done: 3,
      refused: 2,
      remaining: 0,
      results: [
        { id: 'smoke-alarm:a', done: true, code: null, detail: null },
        {
          id: 'smoke-alarm:b',
          done: false,
          code: 'not_unacknowledged',
          detail: 'alarm smoke-alarm:b: there is nothing to acknowledge',
        },
        { id: 'smoke-alarm:c', done: true, code: null, detail: null },
        {
          id: 'smoke-alarm:nowhere',
          done: false,
          code: 'unknown_alarm',
          detail: 'there is no rule and device for alarm smoke-alarm:nowhere',
        },
        { id: COD, done: true, code: null, detail: null },
      ],
    });
    expect((await api.get('/alarms/smoke-alarm:c')).body).toMatchObject({ acknowledgedBy: by, comment: '交接班' });
    expect(
      (await api.audited('alarm.acknowledge')).filter(({ who }) => who === by).map(({ target }) => target),
    ).toEqual(['smoke-alarm:a', 'smoke-alarm:c', COD]);
  });

  it('tells nothing of what is out of scope, not even that it is there', async () => {
    const api = await withAlarms();
    api.alarms.observe('journal_fill_pct', 75, T0 + 9 * S);
    const { secret } = api.token('operator', { parks: [OTHER] });
    const ids = [...fire('a', 'd', 'nowhere'), 'journal-filling:journal'];
    const { body } = await api.post('/alarms/acknowledge', { ids }, secret);
    const detail = (id: string) => `there is no rule and device for alarm ${id}`;
    const unknown = (id: string) => ({ id, done: false, code: 'unknown_alarm', detail: detail(id) });
    expect(body.results).toEqual([
      unknown('smoke-alarm:a'),
      { id: 'smoke-alarm:d', done: true, code: null, detail: null },
      unknown('smoke-alarm:nowhere'),
      unknown('journal-filling:journal'),
    ]);
    expect((await api.get('/alarms/smoke-alarm:a')).body.unacknowledged).toBe(true);
  });

  it('with a filter takes what passes it, within the scope', async () => {
    const api = await withAlarms();
    const seq = await seqOf(api);
    const inPark = { filter: { park: PARK, domain: ['fire'], text: '火警' }, seq };
    const { secret } = api.token('operator', { parks: [OTHER] });
    expect((await api.post('/alarms/acknowledge', inPark, secret)).body.code).toBe('unknown_park');
    expect(codes(await api.post('/alarms/acknowledge', { filter: {}, seq }, secret))).toEqual({
      'smoke-alarm:d': 'done',
    });
    expect(codes(await api.post('/alarms/acknowledge', inPark))).toEqual(
      Object.fromEntries(fire('a', 'b', 'c').map((id) => [id, 'done'])),
    );
    expect(codes(await api.post('/alarms/acknowledge', { filter: { district: 'lucheng' }, seq }))).toEqual({});
    expect((await api.get('/alarms')).body.summary).toMatchObject({ total: 5, unacknowledged: 1 });
  });

  it('leaves alone what came or changed after the list was seen, and says so', async () => {
    const api = await withAlarms();
    await api.send(cod(T0 + 5 * S, 470, 'outlet-2'));
    const seq = await seqOf(api);
    await api.send(cod(T0 + 6 * S, 600, 'outlet-2'), smoke(T0 + 6 * S, true, 'e'));
    const answer = await api.post('/alarms/acknowledge', { filter: {}, seq });
    expect(codes(answer)).toEqual({
      ...Object.fromEntries([COD, ...fire('a', 'b', 'c', 'd')].map((id) => [id, 'done'])),
      'cod-high:outlet-2': 'changed_since',
      'smoke-alarm:e': 'changed_since',
    });
    const left = await api.get('/alarms?state=unack_active');
    expect(left.body.items.map(({ id }: { id: string }) => id)).toEqual(['smoke-alarm:e', 'cod-high:outlet-2']);
    const byIds = { ids: ['smoke-alarm:e'], seq };
    expect(codes(await api.post('/alarms/acknowledge', byIds))).toEqual({ 'smoke-alarm:e': 'changed_since' });
  });

  it('does not touch what is shelved unless the filter names it', async () => {
    const api = await withAlarms();
    await api.post(`/alarms/${COD}/shelve`, { forS: 60, comment: 'x' });
    const seq = await seqOf(api);
    const domain = 'wastewater';
    expect((await api.post('/alarms/acknowledge', { filter: { domain }, seq })).body.results).toEqual([]);
    const named = { filter: { domain, suppression: ['shelved'] }, seq };
    expect(codes(await api.post('/alarms/acknowledge', named))).toEqual({ [COD]: 'done' });
  });

  it('takes a thousand at once, and with a filter says how many are left', async () => {
    const api = await startAlarmApi();
    const devices = Array.from({ length: 1_100 }, (_, n) => `s-${n}`);
    await api.send(...devices.map((id) => smoke(T0, true, id)));
    const seq = await seqOf(api);
    const first = await api.post('/alarms/acknowledge', { filter: {}, seq });
    expect(first.body).toMatchObject({ done: 1_000, refused: 0, remaining: 100, seq: 2_100 });
    const second = await api.post('/alarms/acknowledge', { filter: {}, seq });
    expect(second.body).toMatchObject({ done: 100, refused: 0, remaining: 0 });
    expect((await api.post('/alarms/acknowledge', { filter: {}, seq })).body).toMatchObject({ done: 0, results: [] });
    const ids = fire(...devices);
    const errors = [{ field: 'body.ids' }];
    expect((await api.post('/alarms/acknowledge', { ids })).body).toMatchObject({ status: 422, errors });
    const refused = await api.post('/alarms/acknowledge', { ids: ids.slice(0, 1_000) });
    expect(refused.body).toMatchObject({ done: 0, refused: 1_000, remaining: 0 });
    expect(api.alarms.headSeq()).toBe(2_200);
  });

  it('answers 503 when nothing could be stored, and tells what was done when the disk fails on the way', async () => {
    const api = await startAlarmApi();
    const ids = fire(...Array.from({ length: 120 }, (_, n) => `s-${n}`));
    await api.send(...ids.map((id) => smoke(T0, true, id.slice('smoke-alarm:'.length))));
    api.state.db.pragma('query_only = on');
    expect((await api.post('/alarms/acknowledge', { ids })).body).toMatchObject({ code: 'storage_unavailable' });
    api.state.db.pragma('query_only = off');
    let acknowledged = 0;
    api.alarms.onEvent(() => {
      acknowledged += 1;
      if (acknowledged === 50) api.state.db.pragma('query_only = on');
    });
    const { status, body } = await api.post('/alarms/acknowledge', { ids });
    api.state.db.pragma('query_only = off');
    expect([status, body.done, body.refused]).toEqual([200, 50, 70]);
    expect(body.results[50]).toMatchObject({ id: ids[50], done: false, code: 'storage_unavailable' });
    expect((await api.get('/alarms')).body.summary).toMatchObject({ unacknowledged: 70 });
  });

  const WRONG: readonly (readonly [body: object, field: string])[] = [
    [{}, 'body.ids'],
    [{ ids: [] }, 'body.ids'],
    [{ ids: ['a:b'], filter: {}, seq: 1 }, 'body.ids'],
    [{ ids: ['x'.repeat(145)] }, 'body.ids.0'],
    [{ ids: [1] }, 'body.ids.0'],
    [{ ids: 'smoke-alarm:a' }, 'body.ids'],
    [{ filter: {} }, 'body.seq'],
    [{ filter: {}, seq: 1.5 }, 'body.seq'],
    [{ filter: { state: 'loud' }, seq: 1 }, 'body.filter.state'],
    [{ filter: { cursor: 'x' }, seq: 1 }, 'body.filter.cursor'],
    [{ filter: { from: '2', to: '1' }, seq: 1 }, 'body.filter.from'],
    [{ ids: ['a:b'], comment: 'x'.repeat(501) }, 'body.comment'],
  ];

  it('answers what it does not understand with 422 that names the field', async () => {
    const api = await startAlarmApi();
    const answers = [];
    for (const [body] of WRONG) answers.push([body, ...fieldsOf(await api.post('/alarms/acknowledge', body))]);
    expect(answers).toEqual(WRONG);
  });

  it.each(['inspector', 'viewer'] as const)('is not for the role %s', async (role) => {
    const api = await withAlarms();
    const { secret } = api.token(role);
    for (const action of ['acknowledge', 'reset']) {
      const { body } = await api.post(`/alarms/${action}`, { ids: [COD] }, secret);
      expect(body).toMatchObject({ status: 403, code: 'role_not_allowed', allowed: ['admin', 'operator'] });
    }
    expect(api.alarms.headSeq()).toBe(5);
  });

  it('answers a huge body with 413', async () => {
    const api = await startAlarmApi();
    const huge = JSON.stringify({ ids: Array.from({ length: 100_000 }, (_, n) => `smoke-alarm:${n}`) });
    expect((await api.post('/alarms/acknowledge', huge)).status).toBe(413);
  });
});

describe('POST /alarms/reset', () => {
  it('resets what has ended and is acknowledged, and of a filter nothing else', async () => {
    const api = await withAlarms();
    await api.send(smoke(T0 + 5 * S, false, 'a'), smoke(T0 + 5 * S, false, 'b'), smoke(T0 + 5 * S, false, 'c'));
    await api.post('/alarms/acknowledge', { ids: fire('a', 'b', 'd') });
    expect(codes(await api.post('/alarms/reset', { ids: [...fire('a', 'c', 'd'), COD] }))).toEqual({
      'smoke-alarm:a': 'done',
      'smoke-alarm:c': 'acknowledge_first',
      'smoke-alarm:d': 'still_active',
      [COD]: 'not_latched',
    });
    const seq = await seqOf(api);
    expect(codes(await api.post('/alarms/reset', { filter: {}, seq }))).toEqual({ 'smoke-alarm:b': 'done' });
    expect((await api.get('/alarms/smoke-alarm:b')).body).toMatchObject({ state: 'normal', latched: false });
  });
});
