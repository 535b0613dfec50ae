import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/domain/catalogue/index.js';
import { ADMIN, START, startApi } from './frame-harness.js';

const PARK = 'oh-diandu';
const OTHER = 'lc-xiedu-1';
const ids = (body: { items: { id: string }[] }) => body.items.map((item) => item.id);

describe('GET /parks', () => {
  it('lists the 17 parks in the order of annex 1, page by page', async () => {
    const { send } = await startApi();
    const first = await send('GET', '/parks?limit=10');
    const second = await send('GET', `/parks?limit=10&cursor=${first.body.nextCursor}`);
    expect([first.body.items.length, second.body.items.length, second.body.nextCursor]).toEqual([10, 7, null]);
    const numbers = [...first.body.items, ...second.body.items].map((park: { no: number }) => park.no);
    expect(numbers).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
    expect(ids((await send('GET', '/parks?district=lucheng')).body)).toHaveLength(5);
    expect(await send('GET', '/parks?district=yongjia')).toMatchObject({ status: 404 });
    expect(await send('GET', '/parks?cursor=%C3%A9')).toMatchObject({ status: 422 });
  });

  it('shows a park with its district and what reports from it', async () => {
    const { send, registry } = await startApi();
    await registry.createGateway({ id: 'gw-1', park: PARK, name: 'x' }, 'test');
    await registry.createGateway({ id: 'gw-2', park: OTHER, name: 'x' }, 'test');
    registry.setOnline('gw-1', true, START);
    registry.admit('d-1', PARK, 'fire', 'gw-1', START);
    registry.admit('d-2', PARK, 'energy', 'gw-1', START);
    const { status, body } = await send('GET', `/parks/${PARK}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      no: 15,
      nameZh: '瓯海电镀基地',
      district: { id: 'ouhai', nameZh: '瓯海区', nameEn: 'Ouhai' },
      areaMu: 210,
      areaM2: 140_000,
      landUse: ['M2'],
      gateways: { total: 1, online: 1 },
      devices: { total: 2, energy: 1, wastewater: 0, fire: 1, traffic: 0 },
    });
  });
});

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
      '/devices/d-out',
      '/enterprises/e-out',
      `/gateways?park=${OTHER}`,
      `/devices?park=${OTHER}`,
      `/enterprises?park=${OTHER}`,
    ];
    for (const url of outside) {
      const { status, body } = await api.send('GET', url, token);
      expect([url, status, body.code]).toEqual([url, 403, 'out_of_scope']);
      expect(body.detail).toBe(`park ${OTHER} is outside the scope of this token, which is limited to parks ${PARK}`);
      expect(body.scope).toEqual({ parks: [PARK], districts: [] });
    }
    expect((await api.refusals()).length).toBe(outside.length);
  });

  it('holds a token of a district to the parks of that district', async () => {
    const api = await startApi();
    const token = api.token('inspector', { districts: ['ouhai'] });
    expect((await api.send('GET', '/parks', token)).body.items).toHaveLength(6);
    expect((await api.send('GET', `/parks/${PARK}`, token)).status).toBe(200);
    const { status, body } = await api.send('GET', `/parks/${OTHER}`, token);
    expect([status, body.detail]).toEqual([
      403,
      `park ${OTHER} is outside the scope of this token, which is limited to districts ouhai`,
    ]);
  });

  it('lets an operator write in its parks alone, whichever park the body or the target names', async () => {
    const api = await startApi();
    const token = api.token('operator', { parks: [PARK] });
    api.registry.putDevice({ id: 'd-out', park: OTHER, domain: 'fire' }, 'test');
    api.registry.putEnterprise({ id: 'e-out', park: OTHER, nameZh: '厂', nameEn: 'x' }, 'test');
    const status = async (method: 'PUT' | 'DELETE', url: string, body?: object) =>
      (await api.send(method, url, token, body)).status;
    expect(await status('PUT', '/devices/d-in', { park: PARK, domain: 'fire' })).toBe(201);
    expect(await status('PUT', '/devices/d-new', { park: OTHER, domain: 'fire' })).toBe(403);
    expect(await status('PUT', '/devices/d-out', { name: 'mine' })).toBe(403);
    expect(await status('PUT', '/devices/d-out', { park: PARK, domain: 'fire' })).toBe(403);
    expect(await status('PUT', '/devices/d-in', { park: OTHER, domain: 'fire' })).toBe(403);
    expect(await status('PUT', '/enterprises/e-in', { park: PARK, nameZh: '厂' })).toBe(201);
    expect(await status('PUT', '/enterprises/e-new', { park: OTHER, nameZh: '厂' })).toBe(403);
    expect(await status('PUT', '/enterprises/e-out', { park: PARK, nameZh: '厂' })).toBe(403);
    expect(await status('DELETE', '/enterprises/e-out')).toBe(403);
    expect(await status('DELETE', '/enterprises/e-in')).toBe(204);
    expect(api.registry.device('d-out')?.name).toBe('d-out');
  });
});

describe('GET /catalogue', () => {
  it('lists every metric with its unit, kind, range and labels, by domain on request', async () => {
    const { send } = await startApi();
    const { body } = await send('GET', '/catalogue?limit=1000');
    expect(body.items.map((one: { key: string }) => one.key)).toEqual(CATALOGUE.map((metric) => metric.key));
    const cod = body.items.find((one: { key: string }) => one.key === 'cod_mg_l');
    expect(cod).toMatchObject({ domain: 'wastewater', unit: 'mg/L', kind: 'gauge', rollover: null, hj212: 'w01018' });
    const fire = await send('GET', '/catalogue?domain=fire&limit=3');
    const next = await send('GET', `/catalogue?domain=fire&limit=3&cursor=${fire.body.nextCursor}`);
    expect([...fire.body.items, ...next.body.items].map((one: { key: string }) => one.key)).toEqual(
      CATALOGUE.filter((metric) => metric.domain === 'fire')
        .slice(0, 6)
        .map((metric) => metric.key),
    );
  });
});

describe('gateways', () => {
  it('makes one, shows its secret once, and lets it sign in with it', async () => {
    const { send, registry } = await startApi();
    const made = await send('POST', '/gateways', ADMIN, { id: 'gw-1', park: PARK, name: 'North gate' });
    expect(made.status).toBe(201);
    expect(made.headers).toMatchObject({ location: '/api/v1/gateways/gw-1', 'cache-control': 'no-store' });
    expect(made.body).toEqual({
      id: 'gw-1',
      park: PARK,
      name: 'North gate',
      createdAt: '2026-11-23T08:00:00+08:00',
      secretRotatedAt: '2026-11-23T08:00:00+08:00',
      online: false,
      lastSeenAt: null,
      secret: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await registry.signIn('gw-1', made.body.secret)).not.toBeNull();
    const { secret, ...shown } = made.body;
    expect((await send('GET', '/gateways/gw-1')).body).toEqual(shown);
    expect((await send('GET', '/gateways')).body).toEqual({ items: [shown], nextCursor: null });
    expect(secret).not.toBe('');
  });

  it('answers 409 to a second one of the same id, also when both are asked for at once', async () => {
    const { send } = await startApi();
    const both = await Promise.all([1, 2].map(() => send('POST', '/gateways', ADMIN, { id: 'gw-1', park: PARK })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const { status, body } = await send('POST', '/gateways', ADMIN, { id: 'gw-1', park: OTHER });
    expect([status, body.code, body.detail]).toEqual([409, 'gateway_exists', 'there is a gateway gw-1 already']);
  });

  it('answers 422 to a park that does not exist, naming the field', async () => {
    const { send } = await startApi();
    const { status, body } = await send('POST', '/gateways', ADMIN, { id: 'gw-1', park: 'nowhere' });
    expect([status, body.code]).toEqual([422, 'unknown_park']);
    expect(body.errors).toEqual([{ field: 'body.park', expected: 'there is no park nowhere' }]);
  });

  it('rotates the secret: the old one ends, the new one is shown once', async () => {
    const { send, registry, clock } = await startApi();
    const made = await send('POST', '/gateways', ADMIN, { id: 'gw-1', park: PARK });
    clock.now = START + 1_500;
    const rotated = await send('POST', '/gateways/gw-1/secret');
    expect(rotated).toMatchObject({ status: 200, body: { secretRotatedAt: '2026-11-23T08:00:01.500+08:00' } });
    expect(rotated.headers['cache-control']).toBe('no-store');
    expect(await registry.signIn('gw-1', made.body.secret)).toBeNull();
    expect(await registry.signIn('gw-1', rotated.body.secret)).not.toBeNull();
  });

  it('removes one, and answers 404 from then on', async () => {
    const { send } = await startApi();
    await send('POST', '/gateways', ADMIN, { id: 'gw-1', park: PARK });
    expect(await send('DELETE', '/gateways/gw-1')).toMatchObject({ status: 204, body: null });
    for (const [method, url] of [
      ['GET', '/gateways/gw-1'],
      ['DELETE', '/gateways/gw-1'],
      ['POST', '/gateways/gw-1/secret'],
    ] as const) {
      const { status, body } = await send(method, url);
      expect([status, body.code]).toEqual([404, 'unknown_gateway']);
    }
  });

  it('filters by presence and pages without repeating or skipping one that stays', async () => {
    const { send, registry } = await startApi();
    for (const id of ['a', 'b', 'c', 'd', 'e']) await registry.createGateway({ id, park: PARK, name: id }, 'test');
    registry.setOnline('b', true, START);
    expect(ids((await send('GET', '/gateways?online=true')).body)).toEqual(['b']);
    const first = await send('GET', '/gateways?limit=2');
    registry.removeGateway('b', 'test');
    const second = await send('GET', `/gateways?limit=2&cursor=${first.body.nextCursor}`);
    expect([ids(first.body), ids(second.body)]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
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

  it('answers 409 to another park or domain for a known one, and 422 to an unknown enterprise or a bad id', async () => {
    const { send } = await startApi();
    await send('PUT', '/devices/d-1', ADMIN, { park: PARK, domain: 'fire' });
    const put = async (url: string, body: object) => {
      const answer = await send('PUT', url, ADMIN, body);
      return [answer.status, answer.body.code];
    };
    expect(await put('/devices/d-1', { park: OTHER })).toEqual([409, 'device_in_other_park']);
    expect(await put('/devices/d-1', { domain: 'energy' })).toEqual([409, 'device_in_other_domain']);
    expect(await put('/devices/d-1', { enterprise: 'nobody' })).toEqual([422, 'unknown_enterprise']);
    expect(await put('/devices/d-1', { expectedIntervalS: 0 })).toEqual([422, 'invalid_request']);
    expect(await put('/devices/D_1', { park: PARK, domain: 'fire' })).toEqual([422, 'invalid_request']);
    expect(await put('/devices/d-2', { park: 'nowhere', domain: 'fire' })).toEqual([422, 'unknown_park']);
  });

  it('lists by park, domain, gateway, enterprise and origin', async () => {
    const { send, registry } = await startApi();
    registry.admit('a', PARK, 'fire', 'gw-1', START);
    registry.admit('b', PARK, 'energy', 'gw-2', START);
    registry.admit('c', OTHER, 'fire', 'gw-3', START);
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

describe('tokens', () => {
  it('makes one that works in its role, scope and time, and shows its secret once', async () => {
    const { send, clock } = await startApi();
    const made = await send('POST', '/tokens', ADMIN, {
      name: 'EPA Ouhai',
      role: 'inspector',
      districts: ['ouhai'],
      expiresAt: '2026-11-23T01:00:00Z',
    });
    expect(made).toMatchObject({ status: 201, body: { role: 'inspector', expiresAt: '2026-11-23T09:00:00+08:00' } });
    expect(made.headers['cache-control']).toBe('no-store');
    const { token, ...shown } = made.body;
    expect((await send('GET', '/parks', token)).body.items).toHaveLength(6);
    expect((await send('GET', `/tokens/${shown.id}`)).body).toEqual(shown);
    const list = await send('GET', '/tokens');
    expect(list.body.items).toContainEqual(shown);
    expect(JSON.stringify(list.body)).not.toContain(token.slice(-43));
    clock.now = Date.parse('2026-11-23T09:00:00+08:00');
    expect((await send('GET', '/parks', token)).body.code).toBe('token_expired');
  });

  it('answers 409 to revoking the last admin token, and 404 to one that is gone', async () => {
    const { send, registry } = await startApi();
    const [last] = registry.tokens();
    expect(await send('DELETE', `/tokens/${last?.id}`)).toMatchObject({
      status: 409,
      body: { code: 'last_admin_token' },
    });
    const other = await send('POST', '/tokens', ADMIN, { name: 'second', role: 'admin' });
    expect((await send('DELETE', `/tokens/${last?.id}`)).status).toBe(204);
    expect((await send('GET', '/tokens')).status).toBe(401);
    expect((await send('DELETE', `/tokens/${last?.id}`, other.body.token)).status).toBe(404);
  });

  it.each([
    ['an unknown role', { role: 'boss' }, 'body.role'],
    ['a time without offset', { role: 'viewer', expiresAt: '2027-01-01T00:00:00' }, 'body.expiresAt'],
    ['a time in the past', { role: 'viewer', expiresAt: '2026-01-01T00:00:00Z' }, 'body.expiresAt'],
    ['an unknown park', { role: 'viewer', parks: ['nowhere'] }, 'body.parks'],
    ['a scope for an admin', { role: 'admin', districts: ['ouhai'] }, 'body.parks'],
  ])('answers 422 to %s and names the field', async (_what, body, field) => {
    const { send } = await startApi();
    const answer = await send('POST', '/tokens', ADMIN, { name: 'x', ...body });
    expect([answer.status, answer.body.errors[0].field]).toEqual([422, field]);
  });

  it('takes a PARK_ADMIN_TOKEN in any script over a real socket', async () => {
    const adminToken = '这是一个给管理员用的很长的令牌，不要告诉别人，谢谢';
    const { app } = await startApi({ adminToken });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const authorization = `Bearer ${Buffer.from(adminToken).toString('latin1')}`;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: '/api/v1/parks', headers: { authorization } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.once('error', reject);
      sent.end();
    });
    expect(status).toBe(200);
  });
});

describe('audit', () => {
  it('tells administrators who changed what, page by page', async () => {
    const { send, registry } = await startApi();
    const admin = registry.authenticate(ADMIN)?.id;
    for (const id of ['gw-1', 'gw-2', 'gw-3']) await send('POST', '/gateways', ADMIN, { id, park: PARK });
    const first = await send('GET', '/audit?action=gateway.create&limit=2');
    expect(first.body.items).toMatchObject([
      { who: admin, target: 'gw-3', outcome: 'done', ts: '2026-11-23T08:00:00+08:00', count: 1 },
      { who: admin, target: 'gw-2', detail: { park: PARK, name: 'gw-2' } },
    ]);
    const second = await send('GET', `/audit?action=gateway.create&limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ target: 'gw-1' }], nextCursor: null });
    expect((await send('GET', '/audit?from=2026-11-23T08:00:01%2B08:00')).body.items).toEqual([]);
  });

  it('keeps secrets out of the file, whatever was asked through the API', async () => {
    const { send, registry, state, path } = await startApi();
    const gateway = await send('POST', '/gateways', ADMIN, { id: 'gw-1', park: PARK });
    const rotated = await send('POST', '/gateways/gw-1/secret');
    const token = await send('POST', '/tokens', ADMIN, { name: 'x', role: 'viewer' });
    await send('GET', '/parks', 'a-wrong-token-of-somebody');
    registry.close();
    await state.commit(() => undefined);
    const bytes = [path, `${path}-wal`].map((file) => readFileSync(file).toString('latin1')).join('');
    expect(bytes).toContain('gateway.rotate_secret');
    const secrets = [ADMIN, gateway.body.secret, rotated.body.secret, token.body.token, token.body.token.slice(-43)];
    for (const secret of [...secrets, 'a-wrong-token-of-somebody']) expect(bytes).not.toContain(secret);
  });
});
