import { describe, expect, it } from 'vitest';
import { T0 } from '../helpers.js';
import { type AlarmApi, fieldsOf, OTHER, S, startAlarmApi, withAlarms } from './helpers.js';

const COD = '/alarms/cod-high:outlet-1';
const A = '/alarms/smoke-alarm:a';
const ACTIONS = ['acknowledge', 'reset', 'shelve', 'unshelve', 'out-of-service', 'return-to-service'] as const;

const operator = (api: AlarmApi, parks: string[] = []) => api.token('operator', { parks });

describe('actions on alarms', () => {
  const body = (action: string) => ({
    ...(action === 'shelve' && { forS: 60 }),
    comment: 'x',
  });

  it('are in the audit with who and why, each once', async () => {
    const api = await withAlarms();
    const { id, secret } = operator(api);
    for (const action of ['shelve', 'unshelve', 'out-of-service', 'return-to-service', 'acknowledge']) {
      expect([action, (await api.post(`${COD}/${action}`, body(action), secret)).status]).toEqual([action, 200]);
    }
    for (const [kind, detail] of [
      ['shelve', { comment: 'x', forS: 60, oneShot: false }],
      ['unshelve', { comment: 'x' }],
      ['remove_from_service', { comment: 'x' }],
      ['return_to_service', { comment: 'x' }],
      ['acknowledge', { comment: 'x' }],
    ] as const) {
      expect(await api.audited(`alarm.${kind}`)).toEqual([
        expect.objectContaining({ who: id, target: 'cod-high:outlet-1', outcome: 'done', detail }),
      ]);
    }
  });

  it.each(['inspector', 'viewer'] as const)('are not for the role %s', async (role) => {
    const api = await withAlarms();
    const { id, secret } = api.token(role);
    for (const action of ACTIONS) {
      expect((await api.post(`${COD}/${action}`, body(action), secret)).body).toMatchObject({
        status: 403,
        code: 'role_not_allowed',
        role,
        allowed: ['admin', 'operator'],
      });
    }
    expect(api.alarms.headSeq()).toBe(5);
    expect(await api.audited('POST /api/v1/alarms/:id/reset')).toMatchObject([{ who: id, outcome: 'refused' }]);
  });

  it('keep to the scope of the token', async () => {
    const api = await withAlarms();
    api.alarms.observe('journal_fill_pct', 75, T0 + 9 * S);
    const { secret } = operator(api, [OTHER]);
    for (const action of ACTIONS) {
      for (const path of [A, '/alarms/journal-filling:journal']) {
        const answer = await api.post(`${path}/${action}`, body(action), secret);
        expect([path, action, answer.status, answer.body.code]).toEqual([path, action, 404, 'unknown_alarm']);
      }
    }
    expect((await api.post('/alarms/smoke-alarm:d/acknowledge', {}, secret)).status).toBe(200);
    expect((await api.post('/alarms/journal-filling:journal/acknowledge', {}, operator(api).secret)).status).toBe(200);
  });

  const STRANGE: readonly (readonly [id: string, status: number, code: string])[] = [
    ['nobody:nowhere', 404, 'unknown_alarm'],
    ['smoke-alarm:nowhere', 404, 'unknown_alarm'],
    ['nobody:a', 404, 'unknown_alarm'],
    ['smoke-alarm', 404, 'unknown_alarm'],
    ['smoke-alarm:a:b', 404, 'unknown_alarm'],
    ['__proto__', 404, 'unknown_alarm'],
    ['x'.repeat(144), 404, 'unknown_alarm'],
    ['x'.repeat(145), 422, 'invalid_request'],
    ['x'.repeat(5_000), 414, 'path_too_long'],
    [encodeURIComponent("a' OR '1'='1"), 404, 'unknown_alarm'],
    ['%E0%A4%A', 400, 'bad_request'],
  ];

  it('answer an id that nothing bears with what is wrong about it', async () => {
    const api = await withAlarms();
    for (const action of ACTIONS) {
      const answers = [];
      for (const [id] of STRANGE) {
        const answer = await api.post(`/alarms/${id}/${action}`, body(action));
        answers.push([id, answer.status, answer.body.code]);
      }
      expect(answers, action).toEqual(STRANGE);
    }
    expect(api.alarms.headSeq()).toBe(5);
  });

  const WRONG: readonly (readonly [action: string, body: object, field: string])[] = [
    ['acknowledge', { comment: 'x'.repeat(501) }, 'body.comment'],
    ['acknowledge', { comment: '   ' }, 'body.comment'],
    ['acknowledge', { comment: 'a\u0000b' }, 'body.comment'],
    ['acknowledge', { comment: 7 }, 'body.comment'],
    ['acknowledge', { seq: -1 }, 'body.seq'],
    ['acknowledge', { who: 'me' }, 'body.who'],
    ['acknowledge', [], 'body'],
    ['unshelve', { seq: 1 }, 'body.seq'],
    ['out-of-service', {}, 'body.comment'],
    ['out-of-service', { comment: ' ' }, 'body.comment'],
    ['shelve', { forS: 60 }, 'body.comment'],
    ['shelve', { comment: 'x' }, 'body.forS'],
    ['shelve', { comment: 'x', forS: 60, until: '2026-11-23T09:00:00+08:00' }, 'body.forS'],
    ['shelve', { comment: 'x', forS: 0 }, 'body.forS'],
    ['shelve', { comment: 'x', forS: 1.5 }, 'body.forS'],
    ['shelve', { comment: 'x', forS: 1e12 }, 'body.forS'],
    ['shelve', { comment: 'x', until: 'tomorrow' }, 'body.until'],
    ['shelve', { comment: 'x', until: '2026-11-23T08:00:10+08:00' }, 'body.until'],
    ['shelve', { comment: 'x', forS: 60, oneShot: 'yes' }, 'body.oneShot'],
  ];

  it('answer a body that they do not understand with 422 that names the field', async () => {
    const api = await withAlarms();
    const answers = [];
    for (const [action, given] of WRONG) {
      answers.push([action, given, ...fieldsOf(await api.post(`${COD}/${action}`, given))]);
    }
    expect(answers).toEqual(WRONG);
    expect(api.alarms.headSeq()).toBe(5);
  });

  it('answer a body that is too large, or none of JSON', async () => {
    const api = await withAlarms();
    const huge = JSON.stringify({ comment: 'x'.repeat(1_100_000) });
    expect((await api.post(`${COD}/acknowledge`, huge)).body).toMatchObject({ status: 413, code: 'body_too_large' });
    expect((await api.post(`${COD}/acknowledge`, '{"comment":')).body).toMatchObject({ status: 400 });
  });

  it('answer 503 and change nothing when nothing can be stored', async () => {
    const api = await withAlarms();
    api.state.db.pragma('query_only = on');
    expect((await api.post(`${COD}/acknowledge`)).body).toMatchObject({ status: 503, code: 'storage_unavailable' });
    api.state.db.pragma('query_only = off');
    expect((await api.get(COD)).body.state).toBe('unack_active');
    expect((await api.post(`${COD}/acknowledge`)).body).toMatchObject({ state: 'acked_active', seq: 6 });
  });

  it('need a token', async () => {
    const api = await startAlarmApi();
    expect((await api.post(`${COD}/acknowledge`, {}, 'x')).status).toBe(401);
  });
});
