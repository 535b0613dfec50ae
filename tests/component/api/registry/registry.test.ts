import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../../src/model/catalogue/index.js';
import { deviceKey } from '../../../../src/model/ids.js';
import { ADMIN, START, startApi } from '../helpers.js';

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
    registry.admit(deviceKey(PARK, 'd-1'), 'fire', 'gw-1', START);
    registry.admit(deviceKey(PARK, 'd-2'), 'energy', 'gw-1', START);
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

describe('GET /catalogue', () => {
  it('lists every metric with its unit, kind, range and labels, by domain on request', async () => {
    const { send } = await startApi();
    const { body } = await send('GET', '/catalogue?limit=1000');
    expect(body.items.map((one: { key: string }) => one.key)).toEqual(CATALOGUE.map((metric) => metric.key));
    const cod = body.items.find((one: { key: string }) => one.key === 'cod_mg_l');
    expect(cod).toMatchObject({ domain: 'wastewater', unit: 'mg/L', kind: 'gauge', rollover: null, hj212: 'w01018' });
    const energy = body.items.find((one: { key: string }) => one.key === 'import_energy_kwh');
    expect(energy).toMatchObject({ kind: 'counter', maxRatePerHour: 50_000, usualRatePerHour: 1_500 });
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
