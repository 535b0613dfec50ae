import { describe, expect, it } from 'vitest';
import { testApp } from '../../helpers/app.js';
import { eventually } from '../alarms/helpers.js';

const PLATERS = 'oh-diandu';
const OTHERS = 'lc-xiedu-1';
const T0 = Date.parse('2026-11-23T10:00:00+08:00');
const MINUTE = 60_000;

/** The service with a clock of its own, and a gateway in each of two parks. */
async function service(dir?: string) {
  const time = { now: T0 };
  const app = await testApp({}, dir, { clock: () => time.now });
  const put = (path: string, json: unknown) => app.api(`/api/v1${path}`, { method: 'PUT', json });
  const post = (path: string, json: unknown = {}) => app.api(`/api/v1${path}`, { method: 'POST', json });
  const standing = async (): Promise<string[]> => {
    const { items } = await app.get('/api/v1/alarms');
    return items.filter(({ active }: { active: boolean }) => active).map(({ id }: { id: string }) => id);
  };
  const status = async (path: string) => (await app.api(`/api/v1${path}`)).status;
  return { ...app, time, put, post, standing, status };
}

type Service = Awaited<ReturnType<typeof service>>;
type Client = Awaited<ReturnType<Service['mqtt']>>;

const send = (client: Client, park: string, domain: string, device: string, ts: number, values: object) =>
  client.publishAsync(`parks/${park}/${domain}/${device}/readings`, JSON.stringify({ ts, values }), { qos: 1 });

/** COD of 200 mg/L for two minutes: above 80 of the platers, below 500 of all others. */
async function exceed(app: Service, client: Client, park: string, device: string) {
  for (let n = 0; n < 3; n += 1) {
    app.time.now += MINUTE;
    await send(client, park, 'wastewater', device, app.time.now, { cod_mg_l: 200 });
  }
}

describe('the limits of a park', () => {
  it('hold for its devices that have none of their own, discovered or registered', async () => {
    const app = await service();
    const gateway = await app.mqtt(await app.gateway('gw-1', PLATERS));
    const other = await app.mqtt(await app.gateway('gw-2', OTHERS));
    expect((await app.put('/devices/registered', { park: PLATERS, domain: 'wastewater' })).status).toBe(201);
    await exceed(app, gateway, PLATERS, 'discovered');
    await exceed(app, gateway, PLATERS, 'registered');
    await exceed(app, other, OTHERS, 'elsewhere');
    await eventually(async () =>
      expect((await app.standing()).sort()).toEqual([
        'cod-high-electroplating:discovered',
        'cod-high-electroplating:registered',
      ]),
    );
    const { items } = await app.get('/api/v1/alarms');
    for (const { setpoint } of items) expect(setpoint).toBe(80);
  });

  it('are for administrators to change, by known profiles, and in the audit', async () => {
    const app = await service();
    const path = `/parks/${OTHERS}/limit-profiles`;
    const none = { energy: null, wastewater: null, fire: null, traffic: null };
    expect(await app.get(`/api/v1${path}`)).toEqual(none);
    expect(await app.get(`/api/v1/parks/${PLATERS}/limit-profiles`)).toEqual({ ...none, wastewater: 'electroplating' });
    const wrong = await app.put(path, { wastewater: 'plating' });
    expect([wrong.status, await wrong.json()]).toEqual([
      422,
      expect.objectContaining({
        detail: expect.stringContaining('electroplating'),
        errors: [expect.objectContaining({ field: 'body.wastewater' })],
      }),
    ]);
    expect((await app.put(path, { wastewater: 'electroplating' })).status).toBe(200);
    const gateway = await app.mqtt(await app.gateway('gw-2', OTHERS));
    await exceed(app, gateway, OTHERS, 'elsewhere');
    await eventually(async () => expect(await app.standing()).toEqual(['cod-high-electroplating:elsewhere']));
    expect((await app.put(path, { wastewater: null })).status).toBe(200);
    await exceed(app, gateway, OTHERS, 'elsewhere');
    await eventually(async () => expect(await app.standing()).toEqual([]));
    const { items } = await app.get('/api/v1/audit?action=park.limit_profiles');
    expect(items).toHaveLength(2);
    await app.app.close();
    const again = await service(app.dir);
    expect(await again.get(`/api/v1${path}`)).toEqual(none);
  });

  it('are not those of a misspelt profile, which is refused with those there are', async () => {
    const app = await service();
    const wrong = await app.put('/devices/d-1', { park: PLATERS, domain: 'wastewater', limitProfile: 'plating' });
    expect(wrong.status).toBe(422);
    expect(await wrong.json()).toMatchObject({
      errors: [{ field: 'body.limitProfile', expected: expect.stringContaining('electroplating') }],
    });
    expect(await app.status('/devices/d-1')).toBe(404);
    const right = await app.put('/devices/d-1', {
      park: PLATERS,
      domain: 'wastewater',
      limitProfile: 'electroplating',
    });
    expect(right.status).toBe(201);
    const otherDomain = await app.put('/devices/m-1', {
      park: PLATERS,
      domain: 'energy',
      limitProfile: 'electroplating',
    });
    expect(otherDomain.status).toBe(422);
  });
});

describe('a device that is no more', () => {
  const smoke = async (app: Service, client: Client, device = 'sd-1') => {
    app.time.now += 1_000;
    await send(client, OTHERS, 'fire', device, app.time.now, { smoke_alarm: true });
  };

  it('is removed: its alarm ends, its history stays, and heard again it is a new one', async () => {
    const app = await service();
    const client = await app.mqtt(await app.gateway('gw', OTHERS));
    await smoke(app, client);
    await eventually(async () => expect(await app.standing()).toEqual(['smoke-alarm:sd-1']));
    const removed = await app.api('/api/v1/devices/sd-1', { method: 'DELETE' });
    expect(removed.status).toBe(204);
    expect(await app.status('/devices/sd-1')).toBe(404);
    await eventually(async () => expect(await app.standing()).toEqual([]));
    const [row] = (await app.get('/api/v1/audit?action=device.remove')).items;
    expect(row).toMatchObject({ target: 'sd-1', detail: { park: OTHERS, domain: 'fire', gateway: 'gw' } });
    expect((await app.get('/api/v1/alarms/smoke-alarm:sd-1/events')).items.length).toBeGreaterThan(1);
    await app.app.close();
    const again = await service(app.dir);
    expect(await again.status('/devices/sd-1')).toBe(404);
    expect(await again.standing()).toEqual([]);
    again.time.now = app.time.now + MINUTE;
    const { secret } = (await (await again.post('/gateways/gw/secret')).json()) as { secret: string };
    await smoke(again, await again.mqtt({ username: 'gw', password: secret }));
    expect(await again.status('/devices/sd-1')).toBe(200);
    await eventually(async () => expect(await again.standing()).toEqual(['smoke-alarm:sd-1']));
  });

  it('is retired: its alarm ends, its readings are kept in quarantine, and it can be restored', async () => {
    const app = await service();
    const client = await app.mqtt(await app.gateway('gw', OTHERS));
    await smoke(app, client);
    await eventually(async () => expect(await app.standing()).toEqual(['smoke-alarm:sd-1']));
    const retired = await app.post('/devices/sd-1/retire');
    expect([retired.status, await retired.json()]).toEqual([
      200,
      expect.objectContaining({ retiredAt: expect.any(String) }),
    ]);
    await eventually(async () => expect(await app.standing()).toEqual([]));
    await smoke(app, client);
    const { items } = await app.get('/api/v1/quarantine');
    expect(JSON.stringify(items)).toContain('device_retired');
    expect(await app.standing()).toEqual([]);
    await app.app.close();
    const again = await service(app.dir);
    again.time.now = app.time.now + MINUTE;
    expect(await again.get('/api/v1/devices/sd-1')).toMatchObject({ retiredAt: expect.any(String) });
    expect((await again.post('/devices/sd-1/restore')).status).toBe(200);
    expect(await again.get('/api/v1/devices/sd-1')).not.toHaveProperty('retiredAt');
    const { secret } = (await (await again.post('/gateways/gw/secret')).json()) as { secret: string };
    await smoke(again, await again.mqtt({ username: 'gw', password: secret }));
    await eventually(async () => expect(await again.standing()).toEqual(['smoke-alarm:sd-1']));
  });

  it('is for administrators to take out', async () => {
    const app = await service();
    await app.put('/devices/sd-1', { park: OTHERS, domain: 'fire' });
    const { token } = (await (await app.post('/tokens', { name: 'op', role: 'operator' })).json()) as { token: string };
    for (const [method, path] of [
      ['DELETE', '/devices/sd-1'],
      ['POST', '/devices/sd-1/retire'],
      ['POST', '/devices/sd-1/restore'],
      ['PUT', `/parks/${OTHERS}/limit-profiles`],
    ] as const) {
      expect((await app.api(`/api/v1${path}`, { method, token, json: {} })).status).toBe(403);
    }
    expect((await app.api('/api/v1/devices/nobody', { method: 'DELETE' })).status).toBe(404);
  });
});
