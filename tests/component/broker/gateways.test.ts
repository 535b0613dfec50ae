import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { IPublishPacket } from 'mqtt';
import { generate } from 'selfsigned';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { webSocketEntry } from '../../../src/broker/websocket.js';
import { closed, startSpine } from '../../helpers/spine.js';
import { tempDir } from '../../helpers/temp.js';

const topic = 'parks/lc-xiedu-1/energy/meter-1/readings';
const item = JSON.stringify({ values: { active_power_kw: 12.5 } });

describe('signing in', () => {
  it.each([
    ['a wrong secret', { password: 'wrong' }],
    ['an unknown gateway', { username: 'nobody' }],
    ['no secret', { password: undefined as unknown as string }],
    ['no user name', { username: undefined as unknown as string, password: undefined as unknown as string }],
  ])('is refused with %s, counted, told to the audit without the secret', async (_name, wrong) => {
    const spine = await startSpine();
    const login = await spine.gateway();
    await expect(spine.connect({ ...login, ...wrong })).rejects.toThrow(/Bad username or password/);
    expect(spine.broker.stats.signInsRefused).toBe(1);
    expect(spine.refusals).toMatchObject([{ kind: 'sign_in', address: '127.0.0.1' }]);
    expect(JSON.stringify(spine.refusals)).not.toMatch(/wrong"|password":"/);
  });

  it('works over TCP, TLS and WebSocket alike', async () => {
    const dir = tempDir();
    const pems = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    const files = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') };
    writeFileSync(files.certFile, pems.cert);
    writeFileSync(files.keyFile, pems.private);
    const spine = await startSpine({ tls: files });
    const http = createServer().on('upgrade', webSocketEntry(spine.broker).upgrade);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void http.close());
    const webSocket = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`;
    const login = await spine.gateway();

    const urls = [spine.listeners.mqtt, spine.listeners.mqtts!, webSocket];
    for (const url of urls) {
      const client = await spine.connect({ ...login, ca: pems.cert, rejectUnauthorized: false }, url);
      await client.publishAsync(topic, item, { qos: 1 });
    }
    expect(spine.stored()).toEqual([item, item, item]);
  });

  it('bounds a packet over WebSocket as over TCP', async () => {
    const spine = await startSpine();
    const http = createServer().on('upgrade', webSocketEntry(spine.broker).upgrade);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void http.close());
    const client = await spine.connect(
      await spine.gateway(),
      `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`,
    );
    const ended = closed(client);
    client.publish(topic, Buffer.alloc(3 * 1024 * 1024), { qos: 1 });
    await ended;
    expect(spine.stored()).toEqual([]);
  });

  it('gives each gateway no more connections than its bound', async () => {
    const spine = await startSpine({ bounds: { connectionsPerGateway: 2 } });
    const login = await spine.gateway();
    await spine.connect(login);
    const second = await spine.connect(login);
    await expect(spine.connect(login)).rejects.toThrow();
    second.end(true);
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(1));
    await expect(spine.connect(login)).resolves.toBeDefined();
  });
});

describe('topics', () => {
  it.each([
    ['another park', 'parks/oh-diandu/energy/meter-1/readings'],
    ['a park whose name begins like its own', 'parks/lc-xiedu-1x/energy/meter-1/readings'],
    ['the alarms of its park', 'parks/lc-xiedu-1/alarms/forged'],
    ['the rejections of its park', 'parks/lc-xiedu-1/gateways/gw-1/rejections'],
    ['the status of another gateway', 'parks/lc-xiedu-1/gateways/gw-2/status'],
    ['$SYS', '$SYS/broker/anything'],
    ['nothing of ours', 'hello'],
  ])('closes a gateway that publishes to %s, counted and told', async (_name, foreign) => {
    const spine = await startSpine();
    const client = await spine.connect(await spine.gateway());
    const ended = closed(client);
    client.publish(foreign, item, { qos: 1 });
    await ended;
    expect(spine.broker.stats.topicsRefused).toBe(1);
    expect(spine.refusals).toMatchObject([{ kind: 'topic', gateway: 'gw-1' }]);
    expect(spine.broker.stats.perGateway.get('gw-1')).toMatchObject({ refused: 1 });
    expect(spine.stored()).toEqual([]);
  });

  it.each(['#', 'parks/#', 'parks/+/alarms/+', 'parks/oh-diandu/#', '$SYS/#', 'parks/lc-xiedu-1'])(
    'closes a gateway that subscribes to %s',
    async (filter) => {
      const spine = await startSpine();
      const client = await spine.connect(await spine.gateway());
      const ended = closed(client);
      client.subscribe(filter);
      await ended;
      expect(spine.broker.stats.topicsRefused).toBe(1);
    },
  );

  it('lets a gateway subscribe below its park and hear what is published there', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const listener = await spine.connect(login);
    const heard: IPublishPacket[] = [];
    listener.on('message', (_topic, _payload, packet) => heard.push(packet));
    await listener.subscribeAsync('parks/lc-xiedu-1/#');
    const sender = await spine.connect(login);
    await sender.publishAsync(topic, item, { qos: 1 });
    spine.broker.publish('parks/lc-xiedu-1/alarms/a', '{}', { retain: true });
    await vi.waitFor(() => expect(heard.map((one) => one.topic).sort()).toEqual(['parks/lc-xiedu-1/alarms/a', topic]));
  });

  it('keeps no reading as a retained message', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const client = await spine.connect(login);
    await client.publishAsync(topic, item, { qos: 1, retain: true });
    spine.broker.publish('parks/lc-xiedu-1/alarms/last', 'x', { retain: true });
    const late = await spine.connect(login);
    const heard: string[] = [];
    late.on('message', (name) => heard.push(name));
    await late.subscribeAsync('parks/lc-xiedu-1/#');
    await vi.waitFor(() => expect(heard).toContain('parks/lc-xiedu-1/alarms/last'));
    expect(heard).not.toContain(topic);
  });

  it('bounds the subscriptions of a connection', async () => {
    const spine = await startSpine({ bounds: { subscriptionsPerConnection: 2 } });
    const client = await spine.connect(await spine.gateway());
    await client.subscribeAsync(['parks/lc-xiedu-1/a/#', 'parks/lc-xiedu-1/b/#']);
    const ended = closed(client);
    client.subscribe('parks/lc-xiedu-1/c/#');
    await ended;
  });
});

describe('keep-alive', () => {
  it('ends a gateway that has gone silent, and its will stands', async () => {
    let uptime = 0;
    const spine = await startSpine({ uptime: () => uptime });
    const status = 'parks/lc-xiedu-1/gateways/gw-1/status';
    const will = { topic: status, payload: Buffer.from('{"online":false}'), qos: 1 as const, retain: true };
    const login = await spine.gateway();
    const busy = await spine.connect({ ...login, clientId: 'busy', keepalive: 60, reschedulePings: false, will });
    uptime = 80_000;
    await busy.publishAsync(topic, item, { qos: 1 });
    uptime = 160_000;
    await busy.publishAsync(topic, item, { qos: 1 });
    const ended = closed(busy);
    uptime = 250_001;
    await ended;
    await vi.waitFor(() => expect(spine.registry.gateway('gw-1')?.online).toBe(false));
  });
});

describe('presence', () => {
  const status = 'parks/lc-xiedu-1/gateways/gw-1/status';
  const offline = { topic: status, payload: Buffer.from('{"online":false}'), qos: 1 as const, retain: true };
  const online = (spine: Awaited<ReturnType<typeof startSpine>>) => spine.registry.gateway('gw-1')?.online;

  it('follows the connection, and the will stands as the retained status when it breaks', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const client = await spine.connect({ ...login, will: offline });
    await client.publishAsync(status, '{"online":true}', { qos: 1, retain: true });
    expect(online(spine)).toBe(true);
    client.stream.destroy();
    await vi.waitFor(() => expect(online(spine)).toBe(false));

    const watcher = await spine.connect(await spine.gateway('gw-2'));
    const heard: string[] = [];
    watcher.on('message', (_topic, payload) => heard.push(payload.toString()));
    await watcher.subscribeAsync(status);
    await vi.waitFor(() => expect(heard).toEqual(['{"online":false}']));
  });

  it('is not taken back by the will of a connection that its gateway has already replaced', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const half = await spine.connect({ ...login, clientId: 'one', will: offline });
    await spine.connect({ ...login, clientId: 'two' });
    half.stream.destroy();
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(1));
    expect(online(spine)).toBe(true);
  });

  it('gives a client id to the newer of two connections of one gateway, MQTT-3.1.4-2', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const first = await spine.connect({ ...login, clientId: 'same', will: offline });
    const ended = closed(first);
    const second = await spine.connect({ ...login, clientId: 'same' });
    await ended;
    expect(second.connected).toBe(true);
    expect(online(spine)).toBe(true);
  });

  it('lets no gateway push another off by its client id', async () => {
    const spine = await startSpine();
    const first = await spine.connect({ ...(await spine.gateway('gw-1')), clientId: 'same' });
    const second = await spine.connect({ ...(await spine.gateway('gw-2', 'oh-diandu')), clientId: 'same' });
    await first.publishAsync(topic, item, { qos: 1 });
    expect([first.connected, second.connected]).toEqual([true, true]);
  });

  it.each(['removed', 'given a new secret'])(
    'ends at once for a gateway that is %s while connected',
    async (change) => {
      const spine = await startSpine();
      const login = await spine.gateway();
      const client = await spine.connect(login);
      const other = await spine.connect(await spine.gateway('gw-2'));
      const ended = closed(client);
      if (change === 'removed') spine.registry.removeGateway('gw-1', 'test');
      else await spine.registry.rotateGatewaySecret('gw-1', 'test');
      await ended;
      await expect(spine.connect(login)).rejects.toThrow();
      expect(other.connected).toBe(true);
    },
  );
});

describe('PUBACK', () => {
  it('comes for every message of a busy connection, whatever lies between them', async () => {
    const spine = await startSpine();
    const client = await spine.connect(await spine.gateway());
    const payload = (i: number) => JSON.stringify({ values: { active_power_kw: i } });
    const sent = Array.from({ length: 300 }, (_, i) => {
      if (i % 50 === 7) return client.publishAsync('parks/lc-xiedu-1/energy/Bad Name/readings', payload(i), { qos: 1 });
      if (i % 50 === 9) return client.publishAsync(topic, 'not json', { qos: 1 });
      return client.publishAsync(topic, payload(i), { qos: i % 50 === 11 ? 2 : 1 });
    });
    await Promise.all(sent);
    const stored = spine
      .stored()
      .map((text) => (JSON.parse(text) as { values: { active_power_kw: number } }).values.active_power_kw);
    expect(stored).toHaveLength(288);
    expect(new Set(stored).size).toBe(288);
    expect(spine.broker.stats.perGateway.get('gw-1')?.messages).toBe(300);
    expect(spine.ingest.stats.rejected).toMatchObject({ invalid_topic: 6, invalid_json: 6 });
  });

  it('comes once the message is on disk', async () => {
    const spine = await startSpine();
    const client = await spine.connect(await spine.gateway());
    for (const qos of [1, 2] as const) {
      await client.publishAsync(topic, item, { qos });
      expect(spine.stored()).toHaveLength(qos);
    }
  });

  it('is withheld while the disk is full; sent again when there is room, the message is taken', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const client = await spine.connect(login);
    await client.publishAsync(topic, item, { qos: 1 });
    const pages = Number(spine.state.db.pragma('page_count', { simple: true }));
    spine.state.db.pragma(`max_page_count = ${pages}`);
    const large = JSON.stringify({ values: { active_power_kw: 1 }, note: 'x'.repeat(100_000) });

    const ended = closed(client);
    let acknowledged = false;
    client.publish(topic, large, { qos: 1 }, (error) => {
      acknowledged = !error;
    });
    await ended;
    expect(acknowledged).toBe(false);
    expect(spine.state.stats.failing).toMatch(/full/);

    spine.state.db.pragma('max_page_count = 1000000');
    const again = await spine.connect(login);
    await again.publishAsync(topic, large, { qos: 1 });
    expect(spine.stored()).toEqual([item, large]);
    expect(spine.state.stats.failing).toBeNull();
  });

  it('does not wait for a subscriber that does not read, which is closed at its bound', async () => {
    const spine = await startSpine({ bounds: { unreadBytes: 64 * 1024 } });
    const login = await spine.gateway();
    const listener = await spine.connect(login);
    await listener.subscribeAsync('parks/lc-xiedu-1/#');
    listener.stream.pause();
    const sender = await spine.connect(login);
    const padded = JSON.stringify({ values: { active_power_kw: 1 }, note: 'x'.repeat(100_000) });

    for (let i = 0; i < 200 && spine.broker.stats.slowSubscribersClosed === 0; i += 1) {
      await sender.publishAsync(topic, padded, { qos: 1 });
    }

    expect(spine.broker.stats.slowSubscribersClosed).toBe(1);
    expect(sender.connected).toBe(true);
  });
});
