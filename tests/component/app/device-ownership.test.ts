import { expect, it, vi } from 'vitest';
import { testApp } from '../../helpers/app.js';

const PARK = 'oh-diandu';
const TOPIC = `parks/${PARK}/wastewater/outlet-1/readings`;
const WAIT = { timeout: 20_000, interval: 20 };

it("another gateway's readings of a device are refused and kept apart until an administrator moves the device", async () => {
  const service = await testApp();
  const put = (path: string, json: object) => service.api(`/api/v1${path}`, { method: 'PUT', json });
  const [first, second] = [await service.gateway('gw-1', PARK), await service.gateway('gw-2', PARK)];
  const [one, two] = [await service.mqtt(first), await service.mqtt(second)];
  const refused: { code: string; reason: string }[] = [];
  two.on('message', (_, payload) => refused.push(JSON.parse(payload.toString())));
  await two.subscribeAsync(`parks/${PARK}/gateways/gw-2/rejections`);
  const ts = Date.now() - 60_000;
  const item = (value: number) => JSON.stringify({ ts, values: { cod_mg_l: value } });
  const values = async () => {
    const { series } = await service.get(`/api/v1/readings?device=outlet-1&metric=cod_mg_l&from=${ts}&to=${ts + 1}`);
    return series[0].points.map((point: { value: number }) => point.value);
  };

  await one.publishAsync(TOPIC, item(640), { qos: 1 });
  await two.publishAsync(TOPIC, item(40), { qos: 1 });
  await vi.waitFor(() => expect(refused.map(({ code }) => code)).toEqual(['device_of_other_gateway']), WAIT);
  expect(await values()).toEqual([640]);
  const { items } = await service.get('/api/v1/quarantine?code=device_of_other_gateway');
  expect(items).toMatchObject([{ gateway: 'gw-2', park: PARK }]);
  const { items: rows } = await service.get('/api/v1/audit?action=device.publish');
  expect(rows).toMatchObject([{ who: 'gateway:gw-2', target: 'outlet-1', outcome: 'refused' }]);

  expect((await put('/devices/outlet-1', { gateway: 'nobody' })).status).toBe(422);
  expect(await (await put('/devices/outlet-1', { gateway: 'gw-2' })).json()).toMatchObject({ gateway: 'gw-2' });
  await two.publishAsync(TOPIC, item(41), { qos: 1 });
  await one.publishAsync(TOPIC, item(641), { qos: 1 });
  expect(await values()).toEqual([41]);

  const settings = `/parks/${PARK}/settings`;
  expect(await service.get(`/api/v1${settings}`)).toEqual({ deviceMoves: 'by_hand' });
  expect((await put(settings, { deviceMoves: 'perhaps' })).status).toBe(422);
  expect(await (await put(settings, { deviceMoves: 'when_offline' })).json()).toEqual({ deviceMoves: 'when_offline' });
  await one.publishAsync(TOPIC, item(642), { qos: 1 });
  expect(await values()).toEqual([41]);
  await two.endAsync();
  await vi.waitFor(
    async () => expect(await service.get('/api/v1/gateways/gw-2')).toMatchObject({ online: false }),
    WAIT,
  );
  await one.publishAsync(TOPIC, item(43), { qos: 1 });
  expect(await values()).toEqual([43]);
});
