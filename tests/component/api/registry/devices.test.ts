import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../../src/model/ids.js';
import { ADMIN, START, startApi } from '../helpers.js';

const PARK = 'oh-diandu';
const OTHER = 'lc-xiedu-1';
const ids = (body: { items: { id: string }[] }) => body.items.map((item) => item.id);

describe('scope', () => {
  it('shows a token of one park that park alone, and names the scope when it asks for another one', async () => {
    const api = await startApi();
    await api.registry.createGateway({ id: 'gw-in', park: PARK, name: 'x' }, 'test');
    await api.registry.createGateway({ id: 'gw-out', park: OTHER, name: 'x' }, 'test');
    for (const [id, park] of [
      ['in', PARK],
      ['out', OTHER],
    ] as const) {
      api.registry.putDevice({ id: `d-${id}`, park, domain: 'fire' }, 'test');
      api.registry.putEnterprise({ id: `e-${id}`, park, nameZh: '厂', nameEn: 'x' }, 'test');
    }
    const token = api.token('operator', { parks: [PARK] });
    expect(ids((await api.send('GET', '/parks', token)).body)).toEqual([PARK]);
    expect(ids((await api.send('GET', '/gateways', token)).body)).toEqual(['gw-in']);
    expect(ids((await api.send('GET', '/devices', token)).body)).toEqual(['d-in']);
    expect(ids((await api.send('GET', '/enterprises', token)).body)).toEqual(['e-in']);
    const outside = [
      `/parks/${OTHER}`,
      '/gateways/gw-out',
      '/enterprises/e-out',
      `/gateways?park=${OTHER}`,
      `/devices?park=${OTHER}`,
      `/enterprises?park=${OTHER}`,
    ];
    expect(await api.send('GET', '/devices/d-out', token)).toMatchObject({
      status: 404,
      body: { code: 'unknown_device' },
    });
    for (const url of outside) {
      const { status, body } = await api.send('GET', url, token);
      const absent = await api.send('GET', url.replace(/(park=|parks\/|gw-|e-)[a-z0-9-]+/, '$1nothing'), token);
      expect([url, status]).toEqual([url, 404]);
      expect({ ...body, detail: '', instance: '' }).toEqual({ ...absent.body, detail: '', instance: '' });
    }
    expect((await api.refusals()).length).toBe(outside.length);
  });

  it('holds a token of a district to the parks of that district', async () => {
    const api = await startApi();
    const token = api.token('inspector', { districts: ['ouhai'] });
    expect((await api.send('GET', '/parks', token)).body.items).toHaveLength(6);
    expect((await api.send('GET', `/parks/${PARK}`, token)).status).toBe(200);
    const { status, body } = await api.send('GET', `/parks/${OTHER}`, token);
    expect([status, body.detail]).toEqual([404, `there is no park ${OTHER}`]);
  });

  it('lets an operator write in its parks alone, whichever park the body or the target names', async () => {
    const api = await startApi();
    const token = api.token('operator', { parks: [PARK] });
    api.registry.putDevice({ id: 'd-out', park: OTHER, domain: 'fire' }, 'test');
    api.registry.putEnterprise({ id: 'e-out', park: OTHER, nameZh: '厂', nameEn: 'x' }, 'test');
    const status = async (method: 'PUT' | 'DELETE', url: string, body?: object) =>
      (await api.send(method, url, token, body)).status;
    expect(await status('PUT', '/devices/d-in', { park: PARK, domain: 'fire' })).toBe(201);
    expect(await status('PUT', '/devices/d-new', { park: OTHER, domain: 'fire' })).toBe(422);
    expect(await status('PUT', '/devices/d-out', { name: 'mine' })).toBe(422);
    expect(await status('PUT', '/devices/d-out', { park: PARK, domain: 'energy', name: 'mine' })).toBe(201);
    expect(await status('PUT', '/devices/d-in', { park: OTHER, domain: 'fire' })).toBe(422);
    expect(await status('PUT', '/enterprises/e-in', { park: PARK, nameZh: '厂' })).toBe(201);
    expect(await status('PUT', '/enterprises/e-new', { park: OTHER, nameZh: '厂' })).toBe(422);
    expect(await status('DELETE', '/enterprises/e-out')).toBe(404);
    expect(await api.send('PUT', '/enterprises/e-out', token, { park: PARK, nameZh: '厂' })).toMatchObject({
      status: 201,
      headers: { location: '/api/v1/enterprises/e-out' },
    });
    expect(await status('PUT', '/devices/d-in', { enterprise: 'e-out' })).toBe(200);
    expect(await status('PUT', '/enterprises/e-out', { park: OTHER, nameZh: '厂' })).toBe(422);
    expect(await api.send('GET', '/enterprises/e-out', ADMIN)).toMatchObject({
      status: 409,
      body: { code: 'ambiguous_enterprise', parks: [OTHER, PARK] },
    });
    expect((await api.send('GET', `/enterprises/e-out?park=${OTHER}`, ADMIN)).body).toMatchObject({ nameEn: 'x' });
    expect(await status('DELETE', '/enterprises/e-out')).toBe(409);
    expect(await status('PUT', '/devices/d-in', { enterprise: null })).toBe(200);
    expect(await status('DELETE', '/enterprises/e-out')).toBe(204);
    expect(api.registry.enterprises(OTHER)).toMatchObject([{ id: 'e-out', nameEn: 'x' }]);
    expect(await status('DELETE', '/enterprises/e-in')).toBe(204);
    expect(api.registry.device(deviceKey(OTHER, 'd-out'))).toMatchObject({ domain: 'fire', name: 'd-out' });
  });
});

describe('devices', () => {
  it('registers one by hand, changes what is given, and keeps the rest', async () => {
    const api = await startApi();
    api.registry.putEnterprise({ id: 'plating', park: PARK, nameZh: '电镀厂', nameEn: 'Plating' }, 'test');
    const token = api.token('operator');
    const made = await api.send('PUT', '/devices/ph-1', token, {
      park: PARK,
      domain: 'wastewater',
      name: '总排口 pH',
      enterprise: 'plating',
      limitProfile: 'gb-21900-table-2',
      expectedIntervalS: 60,
    });
    expect(made).toMatchObject({ status: 201, headers: { location: '/api/v1/devices/ph-1' } });
    const changed = await api.send('PUT', '/devices/ph-1', token, { place: 'Outlet 1', limitProfile: null });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        id: 'ph-1',
        park: PARK,
        domain: 'wastewater',
        gateway: null,
        name: '总排口 pH',
        place: 'Outlet 1',
        enterprise: 'plating',
        limitProfile: null,
        expectedIntervalS: 60,
        origin: 'registered',
        createdAt: '2026-11-23T08:00:00+08:00',
      },
    });
    expect((await api.send('GET', '/devices/ph-1', token)).body).toEqual(changed.body);
  });

  it('answers 404 to one that is unknown, and 422 to a new one without park and domain', async () => {
    const { send } = await startApi();
    expect(await send('GET', '/devices/nobody')).toMatchObject({ status: 404, body: { code: 'unknown_device' } });
    const { status, body } = await send('PUT', '/devices/nobody', ADMIN, { name: 'x' });
    expect(status).toBe(422);
    expect(body.errors.map((error: { field: string }) => error.field)).toEqual(['body.park', 'body.domain']);
  });

  it('answers 409 to another domain for a known one, and 422 to an unknown enterprise or a bad id', async () => {
    const { send } = await startApi();
    await send('PUT', '/devices/d-1', ADMIN, { park: PARK, domain: 'fire' });
    const put = async (url: string, body: object) => {
      const answer = await send('PUT', url, ADMIN, body);
      return [answer.status, answer.body.code];
    };
    expect(await put('/devices/d-1', { park: OTHER })).toEqual([422, 'invalid_request']);
    expect(await put('/devices/d-1', { domain: 'energy' })).toEqual([409, 'device_in_other_domain']);
    expect(await put('/devices/d-1', { enterprise: 'nobody' })).toEqual([422, 'unknown_enterprise']);
    expect(await put('/devices/d-1', { expectedIntervalS: 0 })).toEqual([422, 'invalid_request']);
    expect(await put('/devices/D_1', { park: PARK, domain: 'fire' })).toEqual([422, 'invalid_request']);
    expect(await put('/devices/d-2', { park: 'nowhere', domain: 'fire' })).toEqual([422, 'unknown_park']);
  });

  it('takes what a meter can count in an hour at most, shows it, and refuses what no counter of it can', async () => {
    const { send } = await startApi();
    const put = (maxRates: unknown) => send('PUT', '/devices/m-1', ADMIN, { park: PARK, domain: 'energy', maxRates });
    expect(await put({ import_energy_kwh: 400 })).toMatchObject({
      status: 201,
      body: { maxRates: { import_energy_kwh: 400 } },
    });
    expect((await send('GET', '/devices/m-1')).body.maxRates).toEqual({ import_energy_kwh: 400 });
    for (const wrong of [{ active_power_kw: 5 }, { import_energy_kwh: 50_001 }]) {
      const { status, body } = await put(wrong);
      expect([status, body.code, body.errors[0].field]).toEqual([
        422,
        'invalid_max_rate',
        `body.maxRates.${Object.keys(wrong)[0]}`,
      ]);
    }
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`m_${i}`, 1]));
    for (const wrong of [{ import_energy_kwh: 0 }, { import_energy_kwh: null }, { import_energy_kwh: '1' }, 5, many]) {
      expect(await put(wrong)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    }
    expect((await put(null)).body.maxRates).toBeNull();
    expect((await send('GET', '/devices?domain=energy')).body.items[0].maxRates).toBeNull();
  });

  it('lists by park, domain, gateway, enterprise and origin', async () => {
    const { send, registry } = await startApi();
    registry.admit(deviceKey(PARK, 'a'), 'fire', 'gw-1', START);
    registry.admit(deviceKey(PARK, 'b'), 'energy', 'gw-2', START);
    registry.admit(deviceKey(OTHER, 'c'), 'fire', 'gw-3', START);
    registry.putEnterprise({ id: 'e-1', park: PARK, nameZh: '厂', nameEn: 'x' }, 'test');
    registry.putDevice({ id: 'd', park: PARK, domain: 'fire', enterprise: 'e-1' }, 'test');
    const list = async (query: string) => ids((await send('GET', `/devices?${query}`)).body);
    expect(await list('')).toEqual(['a', 'b', 'c', 'd']);
    expect(await list(`park=${PARK}&domain=fire`)).toEqual(['a', 'd']);
    expect(await list('gateway=gw-2')).toEqual(['b']);
    expect(await list('enterprise=e-1')).toEqual(['d']);
    expect(await list('origin=discovered&domain=fire')).toEqual(['a', 'c']);
  });
});

describe('enterprises', () => {
  it('makes, changes, lists and removes one, and answers 409 while devices belong to it', async () => {
    const { send } = await startApi();
    const plating = { id: 'plating', park: PARK, nameZh: '电镀厂', nameEn: '电镀厂' };
    expect(await send('PUT', '/enterprises/plating', ADMIN, { park: PARK, nameZh: '电镀厂' })).toMatchObject({
      status: 201,
      body: plating,
    });
    const changed = { ...plating, nameEn: 'Plating' };
    expect(
      await send('PUT', '/enterprises/plating', ADMIN, { park: PARK, nameZh: '电镀厂', nameEn: 'Plating' }),
    ).toMatchObject({ status: 200, body: changed });
    expect((await send('GET', '/enterprises')).body.items).toEqual([changed]);
    await send('PUT', '/devices/d-1', ADMIN, { park: PARK, domain: 'fire', enterprise: 'plating' });
    expect(await send('DELETE', '/enterprises/plating')).toMatchObject({
      status: 409,
      body: { code: 'enterprise_in_use' },
    });
    await send('PUT', '/devices/d-1', ADMIN, { enterprise: null });
    expect((await send('DELETE', '/enterprises/plating')).status).toBe(204);
    expect(await send('GET', '/enterprises/plating')).toMatchObject({ status: 404 });
  });
});
