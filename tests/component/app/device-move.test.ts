import { describe, expect, it } from 'vitest';
import { testApp } from '../../helpers/app.js';
import { eventually } from '../alarms/helpers.js';

const [A, B] = ['lc-xiedu-1', 'oh-diandu'] as const;
const T0 = Date.parse('2026-11-23T10:00:00+08:00');
const MINUTE = 60_000;

/** The service with a clock of its own, and a gateway in each of two parks. */
async function service(dir?: string) {
  const time = { now: T0 };
  const app = await testApp({}, dir, { clock: () => time.now });
  const ask = async (method: string, path: string, json?: unknown, token?: string) => {
    const answer = await app.api(`/api/v1${path}`, {
      method,
      ...(json !== undefined && { json }),
      ...(token !== undefined && { token }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: as it was answered
    return { status: answer.status, body: (answer.status === 204 ? null : await answer.json()) as any };
  };
  const active = async (): Promise<string[]> => {
    const { items } = await app.get('/api/v1/alarms');
    return items.filter(({ active }: { active: boolean }) => active).map(({ id }: { id: string }) => id);
  };
  const operator = async (...parks: string[]): Promise<string> =>
    (await ask('POST', '/tokens', { name: 'op', role: 'operator', parks })).body.token;
  const values = async (park: string, device = 'm-1', metric = 'import_energy_kwh') => {
    const { series } = await app.get(
      `/api/v1/readings?device=${device}&park=${park}&metric=${metric}&from=${T0}&to=${T0 + 60 * MINUTE}`,
    );
    return series.flatMap(({ points }: { points: { value: number }[] }) => points.map(({ value }) => value));
  };
  return { ...app, time, ask, active, operator, values };
}

type Service = Awaited<ReturnType<typeof service>>;
type Client = Awaited<ReturnType<Service['mqtt']>>;

async function send(app: Service, client: Client, park: string, domain: string, device: string, values: object) {
  app.time.now += MINUTE;
  await client.publishAsync(
    `parks/${park}/${domain}/${device}/readings`,
    JSON.stringify({ ts: app.time.now, values }),
    { qos: 1 },
  );
}

describe('a device that moves to another park', () => {
  it('has its history in the old park, its settings and what it sends from now on in the new one', async () => {
    const app = await service();
    const inA = await app.mqtt(await app.gateway('gw-a', A));
    const inB = await app.mqtt(await app.gateway('gw-b', B));
    await app.ask('PUT', '/enterprises/e-a', { park: A, nameZh: '厂' });
    const settings = { name: 'Main', expectedIntervalS: 900, maxRates: { import_energy_kwh: 50 } };
    const registered = { ...settings, park: A, domain: 'energy', enterprise: 'e-a', place: 'Hall 1' };
    expect((await app.ask('PUT', '/devices/m-1', registered)).status).toBe(201);
    await send(app, inA, A, 'energy', 'm-1', { import_energy_kwh: 100 });
    await send(app, inA, A, 'energy', 'm-1', { import_energy_kwh: 101 });

    const moved = await app.ask('POST', '/devices/m-1/move', { park: B, gateway: 'gw-b' });
    expect(moved).toMatchObject({
      status: 200,
      body: { ...settings, id: 'm-1', park: B, gateway: 'gw-b', enterprise: null, place: null },
    });
    await send(app, inB, B, 'energy', 'm-1', { import_energy_kwh: 102 });
    expect(await app.values(A)).toEqual([100, 101]);
    expect(await app.values(B)).toEqual([102]);

    // The old park's gateway that still sends it is told so, and moves nothing back.
    await send(app, inA, A, 'energy', 'm-1', { import_energy_kwh: 999 });
    const { body } = await app.ask('GET', '/quarantine?code=device_moved');
    expect(body.items).toMatchObject([{ gateway: 'gw-a', park: A }]);
    expect(JSON.stringify(body.items)).toContain('moved to another park');
    expect(JSON.stringify(body.items)).not.toContain(B);
    expect(await app.values(A)).toEqual([100, 101]);

    const [row] = (await app.ask('GET', '/audit?action=device.move')).body.items;
    expect(row).toMatchObject({ target: 'm-1', detail: { park: A, to: { park: B, gateway: 'gw-b' } } });
    await app.app.close();

    const again = await service(app.dir);
    again.time.now = app.time.now + MINUTE;
    expect(await again.get('/api/v1/devices/m-1')).toMatchObject({ ...settings, park: B });
    expect(await again.values(A)).toEqual([100, 101]);
    const { secret } = (await again.ask('POST', '/gateways/gw-a/secret')).body;
    const still = await again.mqtt({ username: 'gw-a', password: secret });
    await send(again, still, A, 'energy', 'm-1', { import_energy_kwh: 998 });
    expect(await again.values(A)).toEqual([100, 101]);
    // Each park lists what is its own.
    const of = async (park: string) =>
      (await again.ask('GET', '/latest', undefined, await again.operator(park))).body.items.map(
        ({ device, value }: { device: string; value: number }) => [device, value],
      );
    expect(await of(A)).toEqual([]);
    expect(await of(B)).toEqual([['m-1', 102]]);
    // Registered there anew it is another device, with the history of its id, and can be moved again.
    expect((await again.ask('PUT', `/devices/m-1?park=${A}`, { domain: 'energy' })).status).toBe(201);
    await send(again, still, A, 'energy', 'm-1', { import_energy_kwh: 7 });
    expect(await again.values(A)).toEqual([100, 101, 7]);
  });

  it('ends its alarms in the old park and says why; in the new one it raises its own', async () => {
    const app = await service();
    const inA = await app.mqtt(await app.gateway('gw-a', A));
    const inB = await app.mqtt(await app.gateway('gw-b', B));
    await send(app, inA, A, 'fire', 'sd-1', { smoke_alarm: true });
    await eventually(async () => expect(await app.active()).toEqual(['smoke-alarm:sd-1']));
    expect((await app.ask('POST', '/devices/sd-1/move', { park: B })).status).toBe(200);
    await eventually(async () => expect(await app.active()).toEqual([]));
    const events = async () => (await app.ask('GET', '/alarms/smoke-alarm:sd-1/events')).body.items;
    expect((await events()).find(({ event }: { event: string }) => event === 'cleared')).toMatchObject({
      cause: 'device_gone',
      comment: 'the device was moved to another park',
      alarm: { park: A },
    });
    await send(app, inB, B, 'fire', 'sd-1', { smoke_alarm: true });
    await eventually(async () => {
      const { items } = await app.get('/api/v1/alarms');
      const standing = items.filter(({ active }: { active: boolean }) => active);
      expect(standing).toMatchObject([{ rule: 'smoke-alarm', device: 'sd-1', park: B }]);
    });
    expect(await app.get('/api/v1/devices/sd-1')).toMatchObject({ park: B, gateway: 'gw-b' });
    await app.app.close();
    const again = await service(app.dir);
    const { items } = await again.get('/api/v1/alarms');
    expect(items.filter(({ active }: { active: boolean }) => active)).toMatchObject([{ park: B }]);
  });

  it('is refused with words where the id is taken, and where what it refers to is not of that park', async () => {
    const app = await service();
    await app.gateway('gw-a', A);
    for (const park of [A, B]) await app.ask('PUT', '/devices/m-1', { park, domain: 'energy' });
    await app.ask('PUT', '/devices/m-2', { park: A, domain: 'energy' });
    await app.ask('PUT', '/enterprises/e-a', { park: A, nameZh: '厂' });
    const taken = await app.ask('POST', `/devices/m-1/move?park=${A}`, { park: B });
    expect(taken).toMatchObject({ status: 409, body: { code: 'device_exists' } });
    expect(taken.body.detail).toContain(`park ${B} has a device m-1 already`);
    expect((await app.ask('POST', '/devices/m-1/move', { park: B })).body.code).toBe('ambiguous_device');
    for (const [body, code] of [
      [{ park: A }, 'same_park'],
      [{ park: 'nowhere' }, 'unknown_park'],
      [{ park: B, gateway: 'gw-a' }, 'unknown_gateway'],
      [{ park: B, enterprise: 'e-a' }, 'enterprise_in_other_park'],
    ] as const) {
      expect(await app.ask('POST', '/devices/m-2/move', body)).toMatchObject({ status: 422, body: { code } });
    }
    expect((await app.ask('POST', '/devices/nobody/move', { park: B })).status).toBe(404);
    expect(await app.get('/api/v1/devices/m-2')).toMatchObject({ park: A });
  });

  it('is moved by operators of both parks, and by nobody who sees one of them alone', async () => {
    const app = await service();
    await app.ask('PUT', '/devices/m-1', { park: A, domain: 'energy' });
    const [ofA, ofB, ofBoth] = [await app.operator(A), await app.operator(B), await app.operator(A, B)];
    const move = (token: string) => app.ask('POST', '/devices/m-1/move', { park: B }, token);
    expect(await move(ofA)).toMatchObject({ status: 422, body: { code: 'unknown_park' } });
    expect((await move(ofB)).status).toBe(404);
    expect(await move(ofBoth)).toMatchObject({ status: 200, body: { park: B } });
    // What another park's device of that id was is nothing to those who never saw it.
    await app.ask('PUT', '/devices/m-2', { park: B, domain: 'energy' });
    expect((await app.ask('GET', '/devices/m-1', undefined, ofA)).status).toBe(404);
    expect((await app.ask('GET', '/readings?device=m-1', undefined, ofA)).status).toBe(200);
  });

  it('that was retired is in use again where it is now, and a removed one’s history can still be read', async () => {
    const app = await service();
    const inA = await app.mqtt(await app.gateway('gw-a', A));
    const inB = await app.mqtt(await app.gateway('gw-b', B));
    await send(app, inA, A, 'energy', 'm-1', { import_energy_kwh: 1 });
    await app.ask('POST', '/devices/m-1/retire');
    expect((await app.ask('POST', '/devices/m-1/move', { park: B })).body).not.toHaveProperty('retiredAt');
    await send(app, inB, B, 'energy', 'm-1', { import_energy_kwh: 2 });
    expect(await app.values(B)).toEqual([2]);
    expect((await app.ask('DELETE', '/devices/m-1')).status).toBe(204);
    expect([await app.values(A), await app.values(B)]).toEqual([[1], [2]]);
    // And back, where it was refused until now.
    expect((await app.ask('PUT', '/devices/m-1', { park: B, domain: 'energy' })).status).toBe(201);
    expect((await app.ask('POST', '/devices/m-1/move', { park: A })).status).toBe(200);
    await send(app, inA, A, 'energy', 'm-1', { import_energy_kwh: 3 });
    expect([await app.values(A), await app.values(B)]).toEqual([[1, 3], [2]]);
  });
});

describe('a gateway that moves to another park', () => {
  it('takes its devices in use along where asked for, all or none, and goes on with its secret', async () => {
    const app = await service();
    const credentials = await app.gateway('gw', A);
    const before = await app.mqtt(credentials);
    await send(app, before, A, 'energy', 'm-1', { import_energy_kwh: 1 });
    await send(app, before, A, 'energy', 'm-2', { import_energy_kwh: 5 });
    await send(app, before, A, 'energy', 'old', { import_energy_kwh: 5 });
    await app.ask('POST', '/devices/old/retire');
    await app.ask('PUT', `/devices/m-2?park=${B}`, { domain: 'energy' });
    expect(await app.ask('POST', '/gateways/gw/move', { park: B, devices: true })).toMatchObject({
      status: 409,
      body: { code: 'device_exists' },
    });
    expect(await app.get('/api/v1/gateways/gw')).toMatchObject({ park: A, online: true });
    expect(await app.get('/api/v1/devices/m-1')).toMatchObject({ park: A });
    await app.ask('DELETE', `/devices/m-2?park=${B}`);

    const ended = new Promise<void>((resolve) => before.once('close', () => resolve()));
    const moved = await app.ask('POST', '/gateways/gw/move', { park: B, devices: true });
    expect(moved).toMatchObject({ status: 200, body: { id: 'gw', park: B, online: false } });
    await ended;
    before.end(true);
    const after = await app.mqtt(credentials);
    await send(app, after, B, 'energy', 'm-1', { import_energy_kwh: 2 });
    expect([await app.values(A), await app.values(B)]).toEqual([[1], [2]]);
    const { items } = await app.get('/api/v1/devices');
    expect(
      items.map(({ id, park, gateway }: { id: string; park: string; gateway: string | null }) => [id, park, gateway]),
    ).toEqual([
      ['m-1', B, 'gw'],
      ['m-2', B, 'gw'],
      ['old', A, null],
    ]);
    const actions = (await app.ask('GET', '/audit')).body.items.map(({ action }: { action: string }) => action);
    expect(actions.filter((action: string) => action.endsWith('.move'))).toEqual([
      'device.move',
      'device.move',
      'gateway.move',
    ]);
  });

  it('leaves its devices where they are, for the next gateway there', async () => {
    const app = await service();
    const before = await app.mqtt(await app.gateway('gw', A));
    await send(app, before, A, 'energy', 'm-1', { import_energy_kwh: 1 });
    expect((await app.ask('POST', '/gateways/gw/move', { park: A })).body.code).toBe('same_park');
    expect((await app.ask('POST', '/gateways/gw/move', { park: 'nowhere' })).status).toBe(422);
    expect((await app.ask('POST', '/gateways/nobody/move', { park: B })).status).toBe(404);
    expect((await app.ask('POST', '/gateways/gw/move', { park: B })).status).toBe(200);
    before.end(true);
    expect(await app.get('/api/v1/devices/m-1')).toMatchObject({ park: A, gateway: null });
    const next = await app.mqtt(await app.gateway('gw-2', A));
    await send(app, next, A, 'energy', 'm-1', { import_energy_kwh: 2 });
    expect(await app.values(A)).toEqual([1, 2]);
    await app.app.close();
    const again = await service(app.dir);
    expect(await again.get('/api/v1/gateways/gw')).toMatchObject({ park: B });
    expect(await again.get('/api/v1/devices/m-1')).toMatchObject({ park: A, gateway: 'gw-2' });
  });
});
