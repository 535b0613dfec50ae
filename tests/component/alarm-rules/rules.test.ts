import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../src/alarms/model/rule/rule.js';
import { migrations } from '../../../src/alarms/schema.js';
import Sqlite from '../../../src/sqlite.js';
import { COD } from '../../unit/alarms/model/rules/helpers.js';
import { cod, MINUTE, PARK, S, type Service, smoke, startService, T0 } from './service.js';

const rulePath = (id: string) => `/alarm-rules/${id}`;
const read = async (service: Service, id: string) => (await service.request('GET', rulePath(id))).body;
const events = ({ alarms }: Service) =>
  alarms.events({ afterSeq: 0, limit: 100 }).map(({ event, cause, alarm }) => `${event} ${alarm.id} ${cause}`);
const own = ({ id: _, version: __, ...more }: AlarmRule = COD) => more;

describe('editing alarm rules', () => {
  it('takes effect on the next reading, without a restart', async () => {
    const service = await startService();
    await service.send(cod(T0, 300), cod(T0 + 2 * MINUTE, 300));
    expect(events(service)).toEqual([]);
    const rule = await read(service, 'cod-high');
    const levels = [{ ...rule.comparison.levels[1], setpoint: 200, deadband: 10 }];
    const edited = { ...rule, comparison: { ...rule.comparison, levels }, onDelayS: 0 };
    service.at(T0 + 3 * MINUTE);
    const put = await service.request('PUT', `${rulePath('cod-high')}?comment=works%20agreed`, { body: edited });
    expect(put.status).toBe(200);
    expect(put.body).toMatchObject({ version: rule.version + 1, origin: 'edited', comment: 'works agreed' });
    expect(put.headers.etag).toBe(`"${rule.version + 1}"`);
    await service.send(cod(T0 + 4 * MINUTE, 300));
    expect(events(service)).toEqual(['raised cod-high:outlet-1 reading']);
    expect(service.alarms.get('cod-high:outlet-1')).toMatchObject({ setpoint: 200, ruleVersion: rule.version + 1 });
    const [row] = service.registry.audit.list({ action: 'alarm_rule.put' }, { limit: 1 });
    expect(row).toMatchObject({
      target: 'cod-high',
      outcome: 'done',
      detail: { version: 3, before: 2, comment: 'works agreed' },
    });
  });

  it('ends the alarms of a rule that is disabled, and of one that is removed', async () => {
    const service = await startService();
    await service.request('PUT', rulePath('own-cod'), { body: own() });
    await service.send(smoke(T0, true), cod(T0, 120));
    const disabled = await service.request('DELETE', rulePath('smoke-alarm'));
    expect(disabled.body).toMatchObject({ deleted: false, rule: { enabled: false }, origin: 'edited' });
    const removed = await service.request('DELETE', rulePath('own-cod'));
    expect(removed.body).toMatchObject({ deleted: true, version: 2 });
    expect(events(service)).toEqual([
      'raised smoke-alarm:smoke-1 reading',
      'raised own-cod:outlet-1 reading',
      'cleared smoke-alarm:smoke-1 rule_withdrawn',
      'reset smoke-alarm:smoke-1 rule_withdrawn',
      'cleared own-cod:outlet-1 rule_withdrawn',
    ]);
    await service.send(smoke(T0 + S, true), cod(T0 + S, 120));
    expect(events(service)).toHaveLength(5);
    expect((await service.request('GET', rulePath('own-cod'))).status).toBe(404);
    expect((await read(service, 'smoke-alarm')).enabled).toBe(false);
  });

  it('refuses to overwrite what somebody else changed meanwhile', async () => {
    const service = await startService();
    const rule = await read(service, 'ph-high');
    const first = await service.request('PUT', rulePath('ph-high'), { body: { ...rule, onDelayS: 90 } });
    expect(first.status).toBe(200);
    const second = await service.request('PUT', rulePath('ph-high'), { body: { ...rule, onDelayS: 30 } });
    expect(second).toMatchObject({ status: 409, body: { code: 'rule_changed', current: 3 } });
    const headers = { 'if-match': '"2"' };
    const { version: _, ...unversioned } = rule;
    const third = await service.request('PUT', rulePath('ph-high'), {
      body: { ...unversioned, onDelayS: 30 },
      headers,
    });
    expect(third.status).toBe(409);
    expect((await service.request('DELETE', `${rulePath('ph-high')}?version=2`)).status).toBe(409);
    expect(
      (await service.request('POST', `${rulePath('ph-high')}/restore`, { body: { version: 2, base: 2 } })).status,
    ).toBe(409);
    expect((await read(service, 'ph-high')).onDelayS).toBe(90);
    const unsaid = await service.request('PUT', rulePath('ph-high'), { body: { ...unversioned, onDelayS: 30 } });
    expect(unsaid).toMatchObject({ status: 422, body: { errors: [{ field: 'body.version' }] } });
  });

  it('keeps every version, with who made it and when, and goes back to any', async () => {
    const service = await startService();
    const rule = await read(service, 'ph-high');
    service.at(T0 + MINUTE);
    await service.request('PUT', rulePath('ph-high'), { body: { ...rule, onDelayS: 90 } });
    await service.request('PUT', rulePath('ph-high'), { body: { ...rule, version: 3, onDelayS: 120 } });
    const back = await service.request('POST', `${rulePath('ph-high')}/restore`, {
      body: { version: 3, comment: 'undo' },
    });
    expect(back.body).toMatchObject({ version: 5, onDelayS: 90, comment: 'undo', origin: 'edited' });
    const shipped = await service.request('POST', `${rulePath('ph-high')}/restore`, { body: { version: 'default' } });
    expect(shipped.body).toMatchObject({ version: 6, onDelayS: 60, origin: 'default' });
    const page = await service.request('GET', `${rulePath('ph-high')}/versions?limit=3`);
    const rest = await service.request('GET', `${rulePath('ph-high')}/versions?cursor=${page.body.nextCursor}`);
    const told = [...page.body.items, ...rest.body.items];
    expect(told.map(({ version, rule: { onDelayS } }) => [version, onDelayS])).toEqual([
      [6, 60],
      [5, 90],
      [4, 120],
      [3, 90],
      [2, 60],
    ]);
    expect(told[3]).toMatchObject({ at: '2026-11-23T08:01:00+08:00', by: expect.any(String) });
    expect(told[4]).toMatchObject({ at: '2026-11-23T08:00:00+08:00', by: null, origin: 'default' });
    expect((await service.request('POST', `${rulePath('ph-high')}/restore`, { body: { version: 99 } })).status).toBe(
      404,
    );
  });

  it('brings a removed rule back', async () => {
    const service = await startService();
    await service.request('PUT', rulePath('own-cod'), { body: own() });
    await service.request('DELETE', rulePath('own-cod'));
    const back = await service.request('POST', `${rulePath('own-cod')}/restore`, { body: { version: 1 } });
    expect(back).toMatchObject({ status: 200, body: { version: 3, metric: 'cod_mg_l' } });
    await service.send(cod(T0, 120));
    expect(events(service)).toEqual(['raised own-cod:outlet-1 reading']);
  });

  it('does not write a version that says the same', async () => {
    const service = await startService();
    const rule = await read(service, 'ph-high');
    const put = await service.request('PUT', rulePath('ph-high'), { body: rule });
    expect(put).toMatchObject({ status: 200, body: { version: rule.version, origin: 'default' } });
    expect((await service.request('GET', `${rulePath('ph-high')}/versions`)).body.items).toHaveLength(1);
  });

  it('names each wrong field, and changes nothing', async () => {
    const service = await startService();
    const rule = await read(service, 'smoke-alarm');
    const levels = [{ ...rule.comparison.levels[0], priority: 'low' }];
    const body = { ...rule, comparison: { ...rule.comparison, levels }, parks: ['nowhere'], onDelayS: -1 };
    const put = await service.request('PUT', rulePath('smoke-alarm'), { body });
    expect(put.status).toBe(422);
    expect(put.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      ...['body.onDelayS', 'body.comparison.levels.0.priority', 'body.parks.0'],
    ]);
    expect((await read(service, 'smoke-alarm')).version).toBe(rule.version);
    const other = await service.request('PUT', rulePath('heat-alarm'), { body: rule });
    expect(other.body.errors).toMatchObject([{ field: 'body.id' }]);
    const cause = { ...own(), suppressedBy: [{ rule: 'own-ph', scope: 'device' }] };
    expect((await service.request('PUT', rulePath('own-cod'), { body: cause })).status).toBe(422);
  });

  it('does not hollow out a rule that lives depend on, by whatever way', async () => {
    const service = await startService();
    const rule = await read(service, 'smoke-alarm');
    const schedule = { mode: 'inside', spans: [{ days: [1], from: '03:00', to: '03:01' }] };
    const levels = [{ ...rule.comparison.levels[0], setpoint: 0 }];
    const edits = [
      [{ onDelayS: 86_400 }, 'body.onDelayS'],
      [{ schedule }, 'body.schedule'],
      [{ comparison: { ...rule.comparison, levels } }, 'body.comparison.levels.0.setpoint'],
      [{ devices: ['smoke-1'] }, 'body.devices'],
    ] as const;
    for (const [edit, field] of edits) {
      const put = await service.request('PUT', rulePath('smoke-alarm'), { body: { ...rule, ...edit } });
      expect(put).toMatchObject({ status: 422, body: { errors: [{ field }] } });
    }
    const { id: _, version: __, ...body } = { ...rule, limitProfile: 'works', onDelayS: 86_400 };
    expect(await service.request('PUT', rulePath('my-smoke'), { body })).toMatchObject({ status: 422 });
    await service.send(smoke(T0, true));
    expect(events(service)).toEqual(['raised smoke-alarm:smoke-1 reading']);
  });

  it('keeps a rule that silences others', async () => {
    const service = await startService();
    await service.request('PUT', rulePath('cause'), { body: { ...own(), family: 'cause' } });
    const effect = { ...own(), family: 'effect', suppressedBy: [{ rule: 'cause', scope: 'device' }] };
    await service.request('PUT', rulePath('effect'), { body: effect });
    expect(await service.request('DELETE', rulePath('cause'))).toMatchObject({
      status: 409,
      body: { code: 'rule_in_use' },
    });
  });

  it('is for administrators; others read', async () => {
    const service = await startService();
    const operator = service.token('operator');
    const asked = { token: operator, body: own() };
    expect((await service.request('PUT', rulePath('own-cod'), asked)).status).toBe(403);
    expect((await service.request('DELETE', rulePath('ph-high'), { token: operator })).status).toBe(403);
    const restore = { token: operator, body: { version: 'default' } };
    expect((await service.request('POST', `${rulePath('ph-high')}/restore`, restore)).status).toBe(403);
    const viewer = service.token('viewer', [PARK]);
    const list = await service.request('GET', '/alarm-rules?domain=wastewater&metric=cod_mg_l', { token: viewer });
    const expected = DEFAULT_RULES.filter(({ domain, metric }) => domain === 'wastewater' && metric === 'cod_mg_l');
    expect(list.body.items.map(({ id }: AlarmRule) => id)).toEqual(expected.map(({ id }) => id).sort());
    expect(expected.map(({ id }) => id)).toContain('cod-high-electroplating');
    expect((await service.request('GET', rulePath('nothing'))).body.code).toBe('unknown_rule');
    expect((await service.request('GET', `${rulePath('nothing')}/versions`)).status).toBe(404);
  });
});

describe('alarm rules over a restart', () => {
  const [a, b] = [DEFAULT_RULES[0]!, DEFAULT_RULES[1]!];

  it('stay edited, also when the service ships a newer default', async () => {
    const first = await startService({ defaults: [a, b] });
    const put = await first.request('PUT', rulePath(b.id), { body: { ...b, onDelayS: 7 } });
    expect(put.body.version).toBe(3);
    await first.request('PUT', rulePath('own-cod'), { body: own() });
    await first.stop();
    const newer = [a, b].map((rule) => ({ ...rule, version: 9, offDelayS: 5 }));
    const second = await startService({ folder: first.folder, defaults: newer });
    expect(
      second.alarms.rules().map(({ id, version, onDelayS, offDelayS }) => [id, version, onDelayS, offDelayS]),
    ).toEqual([
      [b.id, 3, 7, 0],
      ['own-cod', 1, 0, 30],
      [a.id, 9, 0, 5],
    ]);
    const back = await second.request('POST', `${rulePath(b.id)}/restore`, { body: { version: 'default' } });
    expect(back.body).toMatchObject({ version: 4, onDelayS: 0, offDelayS: 5, origin: 'default' });
    await second.stop();
    const newest = newer.map((rule) => ({ ...rule, version: 10, offDelayS: 6 }));
    const third = await startService({ folder: first.folder, defaults: newest });
    expect(third.alarms.rules().map(({ version, offDelayS }) => [version, offDelayS])).toEqual([
      [10, 6],
      [1, 30],
      [10, 6],
    ]);
  });

  it('are those of this release also where it says something else under the same version', async () => {
    const [a] = DEFAULT_RULES as [AlarmRule];
    const first = await startService({ defaults: [a] });
    await first.stop();
    const changed = { ...a, message: { zh: '烟', en: 'Smoke, in other words' } };
    const second = await startService({ folder: first.folder, defaults: [changed] });
    expect(await read(second, a.id)).toMatchObject({
      version: a.version + 1,
      message: changed.message,
      origin: 'default',
    });
    await second.stop();
    const third = await startService({ folder: first.folder, defaults: [changed] });
    expect((await read(third, a.id)).version).toBe(a.version + 1);
  });

  it('end when the service ships them no longer, unless edited, and come back with it', async () => {
    const first = await startService({ defaults: [a, b] });
    await first.request('PUT', rulePath(b.id), { body: { ...b, onDelayS: 7 } });
    await first.stop();
    const second = await startService({ folder: first.folder, defaults: [] });
    expect(second.alarms.rules().map(({ id }) => id)).toEqual([b.id]);
    expect((await second.request('GET', `${rulePath(a.id)}/versions`)).body.items).toMatchObject([
      { version: 3, deleted: true, by: null },
      { version: 2, deleted: false },
    ]);
    await second.stop();
    const third = await startService({ folder: first.folder, defaults: [a, b] });
    expect(third.alarms.rules().map(({ id }) => id)).toEqual([b.id, a.id].toSorted());
  });

  it('stay as they were when the audit cannot be written', async () => {
    const service = await startService();
    service.state.db.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no room'); END");
    const rule = await read(service, 'ph-high');
    const put = await service.request('PUT', rulePath('ph-high'), { body: { ...rule, onDelayS: 90 } });
    expect(put.status).toBe(500);
    expect((await read(service, 'ph-high')).version).toBe(2);
    expect(service.alarms.ruleBook.versions('ph-high')).toHaveLength(1);
  });
});

describe('the tables of rules', () => {
  it('take over which version of a default each rule equals, and that none is deleted', () => {
    const db = new Sqlite(':memory:');
    const place = migrations.findIndex(({ name }) => name === 'history of alarm rules');
    for (const { sql } of migrations.slice(0, place)) db.exec(sql);
    const insert = db.prepare("INSERT INTO alarm_rules (rule, version, origin, body) VALUES (?, 3, ?, '{}')");
    insert.run('a', 'default');
    insert.run('b', 'edited');
    db.exec(migrations[place]!.sql);
    const rows = db.prepare('SELECT rule, shipped, deleted, by FROM alarm_rules ORDER BY rule').all();
    expect(rows).toEqual([
      { rule: 'a', shipped: 3, deleted: 0, by: null },
      { rule: 'b', shipped: null, deleted: 0, by: null },
    ]);
  });
});
