import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { EmbeddedBroker } from '../../../src/broker/broker.js';
import { testApp } from '../../helpers/app.js';

const reading = (values: Record<string, unknown>, ts = Date.now()) => JSON.stringify({ ts, values });

describe('the service', () => {
  it('gives back over HTTP what a gateway published, each reading once, the later arrival winning', async () => {
    const service = await testApp();
    const client = await service.mqtt(await service.gateway('gw-1', 'oh-diandu'));
    const topic = 'parks/oh-diandu/wastewater/outlet-1/readings';
    const ts = Date.now() - 60_000;
    await client.publishAsync(topic, reading({ cod_mg_l: 41.2, ph: 7.3 }, ts), { qos: 1 });
    await client.publishAsync(topic, reading({ cod_mg_l: 42 }, ts), { qos: 1 });

    const query = `device=outlet-1&metric=cod_mg_l&from=${ts - 1}&to=${ts + 1}`;
    const { series } = await service.get(`/api/v1/readings?${query}`);
    expect(JSON.stringify(series)).toContain('42');
    expect(JSON.stringify(series)).not.toContain('41.2');
    const csv = await (await service.api(`/api/v1/readings?${query}`, { headers: { accept: 'text/csv' } })).text();
    expect(csv.trim().split('\n')).toHaveLength(2);
    const { items } = await service.get('/api/v1/latest?park=oh-diandu&domain=wastewater');
    expect(items.map((one: { metric: string; value: number }) => [one.metric, one.value])).toEqual([
      ['cod_mg_l', 42],
      ['ph', 7.3],
    ]);
  });

  it('tells a gateway of what it did not take, with the time in RFC 3339, and replays it by the API', async () => {
    const service = await testApp({ PARK_DISCOVERY: 'off' });
    const client = await service.mqtt(await service.gateway('gw-1', 'oh-diandu'));
    const told: Record<string, unknown>[] = [];
    client.on('message', (_topic, payload) => told.push(JSON.parse(payload.toString())));
    await client.subscribeAsync('parks/oh-diandu/gateways/gw-1/rejections');
    await client.publishAsync('parks/oh-diandu/fire/smoke-1/readings', reading({ smoke_alarm: false }), { qos: 1 });
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({
      index: null,
      code: 'unknown_device',
      topic: 'parks/oh-diandu/fire/smoke-1/readings',
    });
    expect(told[0]?.ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$/);

    const put = await service.api('/api/v1/devices/smoke-1', {
      method: 'PUT',
      json: { park: 'oh-diandu', domain: 'fire', name: 'Smoke 1' },
    });
    expect(put.status).toBe(201);
    const { items } = await service.get('/api/v1/quarantine');
    const replayed = await service.api(`/api/v1/quarantine/${items[0].id}/replay`, { method: 'POST' });
    expect(replayed.status).toBe(200);
    expect((await service.get('/api/v1/latest?device=smoke-1')).items).toHaveLength(1);
  });

  it('raises an alarm on the WebSocket and as a retained message, takes both back, and remembers over a restart', async () => {
    const first = await testApp();
    const login = await first.gateway('gw-1', 'lc-xiedu-1');
    const client = await first.mqtt(login);
    const { socket, heard } = await first.ws('/ws/alarms');
    socket.send(JSON.stringify({ type: 'subscribe', parks: ['lc-xiedu-1'] }));
    await vi.waitFor(() => expect(heard).toMatchObject([{ type: 'snapshot', seq: 0, alarms: [] }]));
    const fire = 'parks/lc-xiedu-1/fire/smoke-1/readings';
    await client.publishAsync(fire, reading({ smoke_alarm: true }), { qos: 1 });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard[1]).toMatchObject({
      type: 'alarm',
      seq: 1,
      event: 'raised',
      alarm: { device: 'smoke-1', park: 'lc-xiedu-1', priority: 'critical' },
    });
    await first.app.close();

    const second = await testApp({}, first.dir);
    expect((await second.get('/api/v1/alarms')).items).toHaveLength(1);
    const again = await second.mqtt(login);
    const retained = new Map<string, string>();
    again.on('message', (topic, payload) => retained.set(topic, payload.toString()));
    await again.subscribeAsync('parks/lc-xiedu-1/alarms/#');
    await vi.waitFor(() => expect(retained.size).toBe(1));
    const resumed = await second.ws('/ws/alarms');
    resumed.socket.send(JSON.stringify({ type: 'subscribe', since: 1 }));
    await again.publishAsync(fire, reading({ smoke_alarm: false }), { qos: 1 });
    await vi.waitFor(() => expect(resumed.heard).toMatchObject([{ type: 'alarm', seq: 2, event: 'cleared' }]));
    await vi.waitFor(() => expect([...retained.values()].join()).toContain('"state":"latched_rtn"'));
    for (const action of ['acknowledge', 'reset']) {
      const path = `/api/v1/alarms/smoke-alarm:smoke-1/${action}`;
      expect((await second.api(path, { method: 'POST', json: { comment: 'false alarm' } })).status).toBe(200);
    }
    await vi.waitFor(() => expect([...retained.values()]).toEqual(['']));
  });

  it('speaks MQTT over WebSocket at /mqtt, and answers other paths 404', async () => {
    const service = await testApp();
    const url = `${service.app.http.replace('http', 'ws')}/mqtt`;
    const client = await service.mqtt(await service.gateway('gw-1', 'lw-fupin'), url);
    await client.publishAsync('parks/lw-fupin/traffic/gate-1/readings', reading({ people_in: 5 }), { qos: 1 });
    expect((await service.get('/api/v1/latest?park=lw-fupin')).items).toHaveLength(1);
    await expect(service.ws('/ws/nothing')).rejects.toThrow(/404/);
  });

  it('is alone in its folder', async () => {
    const service = await testApp();
    await expect(testApp({}, service.dir)).rejects.toThrow(/in use by another running service/);
    expect((await service.api('/health/ready', { token: '' })).status).toBe(200);
  });

  it('stops what had started when a later part does not start', async () => {
    const taken = new URL((await testApp()).app.http).port;
    const close = vi.spyOn(EmbeddedBroker.prototype, 'close');
    await expect(testApp({ PARK_HTTP_PORT: taken })).rejects.toThrow(/EADDRINUSE/);
    expect(close).toHaveBeenCalledTimes(1);
    close.mockRestore();
  });

  it('stops while all kinds of connections are open', async () => {
    const service = await testApp();
    const login = await service.gateway('gw-1', 'lw-fupin');
    await service.mqtt(login);
    await service.mqtt(login, `${service.app.http.replace('http', 'ws')}/mqtt`);
    await service.ws('/ws/alarms');
    const { hostname, port } = new URL(service.app.mqtt);
    const silent = connect(Number(port), hostname).on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    await service.app.close();
    await expect(service.api('/health/live')).rejects.toThrow();
  });
});
