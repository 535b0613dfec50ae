import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../../src/registry/port.js';
import { cod, PARK, Run, smoke, T0, withDir } from '../helpers.js';
import { type AlarmApi, S, withAlarms } from './helpers.js';

const COD = '/alarms/cod-high:outlet-1';
const A = '/alarms/smoke-alarm:a';
const OUTLET_2: DeviceInput = { id: 'outlet-2', park: PARK, domain: 'wastewater' };

const operator = (api: AlarmApi) => api.token('operator');

describe('POST /alarms/{id}/acknowledge', () => {
  it('answers the alarm after it, and keeps who said what', async () => {
    const api = await withAlarms();
    const { id, secret } = operator(api);
    const { status, body } = await api.post(`${COD}/acknowledge`, { comment: '  已派人检查  ' }, secret);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'cod-high:outlet-1',
      state: 'acked_active',
      acknowledgedAt: '2026-11-23T08:00:10+08:00',
      acknowledgedBy: id,
      comment: '已派人检查',
      seq: 6,
    });
    expect((await api.get(COD)).body).toEqual(body);
    expect((await api.get(`${COD}/events`)).body.items.at(-1)).toMatchObject({
      event: 'acknowledged',
      cause: 'operator',
      by: id,
      comment: '已派人检查',
    });
  });

  it('needs no body, and refuses a second time without recording anything', async () => {
    const api = await withAlarms();
    expect((await api.post(`${COD}/acknowledge`)).status).toBe(200);
    expect((await api.post(`${COD}/acknowledge`, {})).body).toMatchObject({
      status: 409,
      code: 'not_unacknowledged',
      detail: 'alarm cod-high:outlet-1: there is nothing to acknowledge',
      state: 'acked_active',
    });
    expect(api.alarms.headSeq()).toBe(6);
    expect(await api.audited('alarm.acknowledge')).toHaveLength(1);
  });

  it('leaves alone what has changed since it was seen', async () => {
    const api = await withAlarms();
    await api.send(cod(T0 + 20 * S, 470, 'outlet-3'));
    const { seq } = (await api.get('/alarms/cod-high:outlet-3')).body;
    await api.send(cod(T0 + 21 * S, 600, 'outlet-3'));
    const path = '/alarms/cod-high:outlet-3/acknowledge';
    expect((await api.post(path, { seq })).body).toMatchObject({ status: 409, code: 'changed_since', seq: seq + 1 });
    expect((await api.post(path, { seq: seq + 1 })).body).toMatchObject({ state: 'acked_active', level: 'alarm' });
  });

  it('ends an alarm whose condition has ended', async () => {
    const api = await withAlarms();
    await api.send(cod(T0 + 9 * S, 100));
    expect((await api.get(COD)).body.state).toBe('rtn_unack');
    expect((await api.post(`${COD}/acknowledge`)).body).toMatchObject({ state: 'normal', active: false });
    expect((await api.get('/alarms?domain=wastewater')).body.items).toEqual([]);
    expect((await api.get(COD)).body.state).toBe('normal');
  });
});

describe('POST /alarms/{id}/reset', () => {
  it('is refused until the condition has ended and somebody has acknowledged', async () => {
    const api = await withAlarms();
    const code = async () => (await api.post(`${A}/reset`)).body.code;
    expect(await code()).toBe('still_active');
    await api.send(smoke(T0 + 9 * S, false, 'a'));
    expect(await code()).toBe('acknowledge_first');
    await api.post(`${A}/acknowledge`);
    expect((await api.post(`${A}/reset`, { comment: '现场已核实' })).body).toMatchObject({ state: 'normal' });
    expect(await code()).toBe('not_latched');
    expect((await api.post(`${COD}/reset`)).body).toMatchObject({ status: 409, code: 'not_latched' });
  });
});

describe('POST /alarms/{id}/shelve', () => {
  it('puts an alarm aside for a time, or until one, and takes it back', async () => {
    const api = await withAlarms();
    const { id, secret } = operator(api);
    const shelved = await api.post(`${COD}/shelve`, { forS: 1_800, oneShot: true, comment: '仪表校准' }, secret);
    expect(shelved.body).toMatchObject({
      suppression: 'shelved',
      shelved: {
        by: id,
        why: '仪表校准',
        at: '2026-11-23T08:00:10+08:00',
        until: '2026-11-23T08:30:10+08:00',
        oneShot: true,
      },
    });
    expect((await api.post(`${COD}/shelve`, { forS: 60, comment: 'x' })).body.code).toBe('already_shelved');
    expect((await api.post(`${COD}/unshelve`, { comment: '校准完' })).body).toMatchObject({
      suppression: null,
      state: 'unack_active',
    });
    expect((await api.post(`${COD}/unshelve`)).body).toMatchObject({ status: 409, code: 'not_shelved' });
    for (const until of ['2026-11-23T09:00:00.123+08:00', Date.parse('2026-11-23T09:00:00.123+08:00')]) {
      const { body } = await api.post(`${COD}/shelve`, { until, comment: 'x' });
      expect(body.shelved).toMatchObject({ until: '2026-11-23T09:00:00.123+08:00', oneShot: false });
      await api.post(`${COD}/unshelve`);
    }
  });

  it('ends by itself at its time', async () => {
    const api = await withAlarms();
    await api.post(`${COD}/shelve`, { forS: 60, comment: 'x' });
    api.alarms.tick(T0 + 69 * S);
    expect((await api.get(COD)).body.suppression).toBe('shelved');
    api.alarms.tick(T0 + 70 * S);
    expect((await api.get(COD)).body).toMatchObject({ suppression: null, state: 'unack_active' });
  });

  it('shelves an alarm that never stood, and no other rule or device is made of it', async () => {
    const api = await withAlarms({}, [OUTLET_2]);
    const path = '/alarms/cod-high:outlet-2';
    expect((await api.get(path)).status).toBe(404);
    expect((await api.post(`${path}/shelve`, { forS: 60, comment: '停产' })).body).toMatchObject({
      state: 'normal',
      suppression: 'shelved',
      raisedAt: null,
      since: null,
    });
    expect((await api.post('/alarms/smoke-alarm:outlet-2/out-of-service', { comment: 'x' })).status).toBe(404);
    expect((await api.post('/alarms/journal-filling:outlet-2/shelve', { forS: 1, comment: 'x' })).status).toBe(404);
    await api.send(cod(T0 + 5 * S, 600, 'outlet-2'));
    expect((await api.get(path)).body).toMatchObject({ active: true, suppression: 'shelved' });
    expect((await api.post(`${path}/unshelve`)).body).toMatchObject({ state: 'unack_active', suppression: null });
  });

  it('of an alarm that never stood outlives a restart', async () => {
    await withDir(async (dir) => {
      const known = { ...OUTLET_2, gateway: null, name: 'x', place: null, enterprise: null, limitProfile: null };
      const device = { ...known, expectedIntervalS: null, origin: 'registered', createdAt: T0 } as const;
      const first = await Run.start(dir, {}, [device]);
      const action = { kind: 'shelve', forS: 60, oneShot: false, comment: 'x' } as const;
      expect(first.alarms.act(['cod-high:outlet-2'], action, 'me')).toMatchObject([{ refused: null }]);
      await first.stop();
      const second = await Run.start(dir, {}, [device]);
      expect(second.alarms.standing()).toMatchObject([{ id: 'cod-high:outlet-2', suppression: 'shelved' }]);
      await second.send(cod(T0, 1_000, 'outlet-2'));
      await second.send(cod(T0 + 60 * S, 1_000, 'outlet-2'));
      expect(second.alarms.standing()).toMatchObject([{ active: true, suppression: 'shelved' }]);
      await second.stop();
    });
  });

  it('is bounded by the class, and never for fire', async () => {
    const api = await withAlarms();
    expect((await api.post(`${COD}/shelve`, { forS: 12 * 3_600 + 1, comment: 'x' })).body).toMatchObject({
      status: 422,
      code: 'shelved_too_long',
      limit: 43_200,
      errors: [{ field: 'body.forS', expected: 'at most 43200 s from now for alarms of class environment' }],
    });
    const until = T0 + 10 * S + 12 * 3_600 * S;
    expect((await api.post(`${COD}/shelve`, { until: until + 1, comment: 'x' })).body).toMatchObject({
      code: 'shelved_too_long',
      errors: [{ field: 'body.until' }],
    });
    expect((await api.post(`${COD}/shelve`, { until, comment: 'x' })).status).toBe(200);
    expect((await api.post(`${A}/shelve`, { forS: 1, comment: 'x' })).body).toMatchObject({
      status: 422,
      code: 'not_shelvable',
      alarmClass: 'fire_alarm',
    });
    expect((await api.get(A)).body.suppression).toBeNull();
  });
});

describe('POST /alarms/{id}/out-of-service', () => {
  it('takes an alarm out and puts it back', async () => {
    const api = await withAlarms();
    const { id, secret } = operator(api);
    expect((await api.post(`${COD}/out-of-service`, { comment: '换泵' }, secret)).body).toMatchObject({
      suppression: 'out_of_service',
      outOfService: { by: id, why: '换泵', at: '2026-11-23T08:00:10+08:00' },
    });
    expect((await api.post(`${COD}/out-of-service`, { comment: '换泵' })).body.code).toBe('already_out_of_service');
    expect((await api.post(`${COD}/return-to-service`, {}, secret)).body).toMatchObject({
      suppression: null,
      state: 'unack_active',
    });
    expect((await api.post(`${COD}/return-to-service`)).body).toMatchObject({
      status: 409,
      code: 'not_out_of_service',
    });
  });

  it('is for administrators where the class is guarded; anyone who works alarms may put it back', async () => {
    const api = await withAlarms();
    const { id, secret } = operator(api);
    expect((await api.post(`${A}/out-of-service`, { comment: '换探测器' }, secret)).body).toMatchObject({
      status: 403,
      code: 'role_not_allowed',
      allowed: ['admin'],
      detail: expect.stringContaining('needs the role admin'),
    });
    expect(await api.audited('POST /api/v1/alarms/:id/out-of-service')).toMatchObject([
      { who: id, outcome: 'refused', target: '/api/v1/alarms/smoke-alarm:a/out-of-service' },
    ]);
    expect((await api.get(A)).body.suppression).toBeNull();
    expect((await api.post(`${A}/out-of-service`, { comment: '换探测器' })).body.suppression).toBe('out_of_service');
    expect((await api.post(`${A}/return-to-service`, {}, secret)).body.suppression).toBeNull();
  });
});
