import type { MqttClient } from 'mqtt';
import { expect, it, vi } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../../helpers/app.js';

const [A, B] = ['lc-xiedu-1', 'oh-diandu'] as const;
const WAIT = { timeout: 20_000, interval: 20 };

type Service = Awaited<ReturnType<typeof testApp>>;

async function tokenFor(service: Service, park: string, role = 'operator'): Promise<string> {
  const json = { name: `of ${park}`, role, parks: [park], districts: [], expiresAt: null };
  const answer = await service.api('/api/v1/tokens', { method: 'POST', json });
  return ((await answer.json()) as { token: string }).token;
}

/** Status and body of a request with a token. */
const asker = (service: Service) => async (token: string, path: string, json?: unknown) => {
  const how = json === undefined ? {} : { method: path.startsWith('/devices') ? 'PUT' : 'POST', json };
  const answer = await service.api(`/api/v1${path}`, { token, ...how });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

const sendSmoke = (client: MqttClient, park: string, on: boolean) =>
  client.publishAsync(`parks/${park}/fire/sd-101/readings`, JSON.stringify({ values: { smoke_alarm: on } }), {
    qos: 1,
  });

it('a device id that another park took first is a device of its own: stored, alarmed and asked for by its park', async () => {
  const service = await testApp();
  const ask = asker(service);
  const [inA, inB] = [
    await service.mqtt(await service.gateway('gw-a', A)),
    await service.mqtt(await service.gateway('gw-b', B)),
  ];
  const [operatorA, operatorB] = [await tokenFor(service, A), await tokenFor(service, B)];
  const retained: string[] = [];
  const refused: string[] = [];
  inB.on('message', (topic, payload) =>
    (topic.endsWith('/rejections') ? refused : retained).push(`${topic} ${payload.length > 0}`),
  );
  await inB.subscribeAsync([`parks/${B}/alarms/#`, `parks/${B}/gateways/gw-b/rejections`]);

  await sendSmoke(inA, A, false);
  await sendSmoke(inB, B, true);
  await sendSmoke(inA, A, true);

  const ids = async (token: string) => {
    const { body } = await ask(token, '/alarms');
    return (body.items as { id: string; park: string; device: string }[]).map(({ id, park, device }) => [
      id,
      park,
      device,
    ]);
  };
  const [alarmA, alarmB] = [
    ['smoke-alarm:sd-101', A, 'sd-101'],
    [`smoke-alarm:sd-101@${B}`, B, 'sd-101'],
  ];
  await vi.waitFor(async () => expect(await ids(ADMIN_TOKEN)).toEqual([alarmA, alarmB]), WAIT);
  expect(await ids(operatorA)).toEqual([alarmA]);
  // Who sees one park alone is told nothing of another one by the id.
  expect(await ids(operatorB)).toEqual([['smoke-alarm:sd-101', B, 'sd-101']]);
  await vi.waitFor(() => expect(retained).toEqual([`parks/${B}/alarms/smoke-alarm:sd-101 true`]), WAIT);
  expect(refused).toEqual([]);

  // Who sees one park needs no park; who sees both is told which there are.
  for (const [token, park, value] of [
    [operatorA, A, 1],
    [operatorB, B, 1],
  ] as const) {
    expect(await ask(token, '/devices/sd-101')).toMatchObject({ status: 200, body: { id: 'sd-101', park } });
    expect(await ask(token, '/latest?device=sd-101')).toMatchObject({
      body: { items: [{ park, device: 'sd-101', value }] },
    });
    const { body } = await ask(token, '/readings?device=sd-101');
    expect(body.series).toMatchObject([{ device: 'sd-101', metric: 'smoke_alarm' }]);
    expect((body.series as { points: unknown[] }[])[0]?.points).toHaveLength(park === A ? 2 : 1);
    expect(await ask(token, '/alarms/smoke-alarm:sd-101')).toMatchObject({ status: 200, body: { park } });
    expect((await ask(token, `/devices/sd-101?park=${park === A ? B : A}`)).body).not.toHaveProperty('name');
  }
  expect((await ask(operatorA, `/alarms/smoke-alarm:sd-101@${B}`)).status).toBe(404);
  for (const [path, status] of [
    ['/devices/sd-101', 409],
    ['/readings?device=sd-101', 422],
    ['/latest?device=sd-101', 422],
  ] as const) {
    const told = await ask(ADMIN_TOKEN, path);
    expect(told).toMatchObject({ status, body: { code: 'ambiguous_device', parks: [A, B] } });
    expect(told.body.detail).toContain('park=');
    const sign = path.includes('?') ? '&' : '?';
    expect((await ask(ADMIN_TOKEN, `${path}${sign}park=${B}`)).status).toBe(200);
  }

  // A limited operator changes what is theirs, and takes nothing of the other park.
  expect(await ask(operatorA, '/devices/sd-101', { name: 'mine' })).toMatchObject({
    status: 200,
    body: { park: A, name: 'mine' },
  });
  expect(await ask(operatorB, '/devices/sd-101')).toMatchObject({ body: { name: 'sd-101' } });
  expect(await ask(operatorB, '/devices/sd-900', { park: B, domain: 'fire' })).toMatchObject({ status: 201 });
  expect(await ask(operatorA, '/devices/sd-900')).toMatchObject({ status: 404 });
  expect(await ask(operatorA, '/devices/sd-900', { park: A, domain: 'energy' })).toMatchObject({ status: 201 });

  const acknowledged = await ask(operatorB, '/alarms/smoke-alarm:sd-101/acknowledge', {});
  expect(acknowledged).toMatchObject({ status: 200, body: { id: 'smoke-alarm:sd-101', state: 'acked_active' } });
  expect(await ask(operatorA, '/alarms/smoke-alarm:sd-101')).toMatchObject({ body: { state: 'unack_active' } });
  await service.app.close();

  const again = await testApp({}, service.dir);
  const askAgain = asker(again);
  expect(await askAgain(operatorB, '/alarms/smoke-alarm:sd-101')).toMatchObject({
    body: { id: 'smoke-alarm:sd-101', state: 'acked_active' },
  });
  expect(await askAgain(operatorB, '/latest?device=sd-101')).toMatchObject({
    body: { items: [{ park: B, value: 1 }] },
  });
});
