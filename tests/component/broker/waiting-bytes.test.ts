import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BrokerBounds } from '../../../src/broker/bounds.js';
import { EmbeddedBroker } from '../../../src/broker/broker.js';
import { Keepalive } from '../../../src/broker/keepalive.js';
import { type Listeners, listen } from '../../../src/broker/listen.js';
import { webSocketEntry } from '../../../src/broker/websocket.js';
import type { InboundMessage, Ingest } from '../../../src/ingest/port.js';
import { connectPacket, publishPacket, rawClient } from '../../helpers/raw-mqtt.js';
import { startSpine } from '../../helpers/spine.js';

const topic = (park = 'lc-xiedu-1') => `parks/${park}/energy/meter-1/readings`;
const MESSAGE = Buffer.alloc(100_000, ' ');

/** A broker whose store takes as long as the test wants. */
async function slowStore(bounds: Partial<BrokerBounds>) {
  const spine = await startSpine();
  const waiting: (() => void)[] = [];
  const taken: InboundMessage[] = [];
  const ingest: Ingest = {
    accept(message) {
      taken.push(message);
      return new Promise((resolve) => waiting.push(resolve));
    },
    onRejected: () => undefined,
    stats: spine.ingest.stats,
  };
  const broker = await EmbeddedBroker.start({
    gateways: spine.registry,
    ingest,
    clock: Date.now,
    onRefused: () => undefined,
    bounds: { connectionsPerGateway: 20, ...bounds },
  });
  const listeners: Listeners = await listen(broker, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    for (const one of waiting) one();
    await Promise.all([broker.close(), listeners.close()]);
  });
  return {
    broker,
    taken,
    gateway: spine.gateway,
    client: () => rawClient(listeners.mqtt),
    /** Stores what waits, until all of the `count` messages came. */
    async storeAll(count: number) {
      for (;;) {
        for (const one of waiting.splice(0)) one();
        if (taken.length >= count && waiting.length === 0) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

describe('a store that is slow', () => {
  it('holds back the connections of a gateway at its bound of bytes, and loses nothing', async () => {
    const limit = 500_000;
    const { broker, taken, gateway, client, storeAll } = await slowStore({ waitingBytesPerGateway: limit });
    const login = await gateway();
    const clients = Array.from({ length: 8 }, (_, n) => {
      const one = client();
      one.socket.write(connectPacket(login, { clientId: `c-${n}` }));
      for (let id = 1; id <= 20; id += 1) {
        one.socket.write(publishPacket(topic(), MESSAGE, { messageId: id, qos: id % 2 ? 1 : 2 }));
      }
      return one;
    });
    await expect.poll(() => broker.stats.waits, { timeout: 10_000 }).toBe(8);
    const bytes = taken.reduce((sum, { payload }) => sum + payload.length, 0);
    expect(bytes).toBeLessThanOrEqual(limit + MESSAGE.length);
    expect(broker.stats.waitingBytes).toBeLessThanOrEqual(limit + 2 * MESSAGE.length);

    await storeAll(160);
    for (const one of clients) await one.until((heard) => heard.length === 21);
    expect(broker.stats.waitingBytes).toBe(0);
  });

  it('holds back one connection at its own bound, and leaves the others of its gateway', async () => {
    const { broker, taken, gateway, client, storeAll } = await slowStore({ waitingBytesPerConnection: 250_000 });
    const login = await gateway();
    const greedy = client();
    greedy.socket.write(connectPacket(login, { clientId: 'greedy' }));
    for (let id = 1; id <= 9; id += 1) greedy.socket.write(publishPacket(topic(), MESSAGE, { messageId: id }));
    await expect.poll(() => broker.stats.waits, { timeout: 10_000 }).toBe(1);
    expect(taken).toHaveLength(3);
    const modest = client();
    modest.socket.write(Buffer.concat([connectPacket(login, { clientId: 'modest' }), publishPacket(topic(), 'x')]));
    await expect.poll(() => taken.length).toBe(4);
    await storeAll(10);
    await greedy.until((heard) => heard.length === 10);
  });

  it('keeps no gateway out because of what all others have under way', async () => {
    const { broker, taken, gateway, client, storeAll } = await slowStore({ waitingBytes: 300_000 });
    for (const id of ['gw-1', 'gw-2', 'gw-3']) {
      const one = client();
      one.socket.write(connectPacket(await gateway(id)));
      for (let n = 1; n <= 5; n += 1) one.socket.write(publishPacket(topic(), MESSAGE, { messageId: n }));
    }
    await expect.poll(() => broker.stats.waits, { timeout: 10_000 }).toBe(3);
    const { length } = taken;
    const late = client();
    late.socket.write(Buffer.concat([connectPacket(await gateway('gw-4')), publishPacket(topic(), 'fire')]));
    await expect.poll(() => taken.length).toBe(length + 1);
    expect(taken.at(-1)?.gateway).toBe('gw-4');
    await storeAll(16);
  });

  it('does not make a gateway that waits count as silent', async () => {
    let uptime = 0;
    const spine = await startSpine();
    let store: () => void = () => undefined;
    const broker = await EmbeddedBroker.start({
      gateways: spine.registry,
      ingest: {
        accept: () =>
          new Promise<void>((resolve) => {
            store = resolve;
          }),
        onRejected: () => undefined,
        stats: spine.ingest.stats,
      },
      clock: Date.now,
      uptime: () => uptime,
      onRefused: () => undefined,
      bounds: { waitingBytesPerConnection: 1 },
    });
    const listeners = await listen(broker, { host: '127.0.0.1', port: 0 });
    onTestFinished(async () => void (await Promise.all([broker.close(), listeners.close()])));
    const one = rawClient(listeners.mqtt);
    const ping = Buffer.from([0xc0, 0]);
    one.socket.write(
      Buffer.concat([connectPacket(await spine.gateway(), { keepalive: 10 }), publishPacket(topic(), 'x'), ping]),
    );
    await expect.poll(() => broker.stats.waits).toBe(1);
    uptime = 1_000_000;
    const sweeps = vi.spyOn(Keepalive.prototype, 'sweep');
    onTestFinished(() => sweeps.mockRestore());
    await expect.poll(() => sweeps.mock.calls.length, { timeout: 10_000 }).toBeGreaterThan(0);
    store();
    await one.until((heard) => heard.length === 3);
    expect(one.heard.map((packet) => packet.cmd)).toEqual(['connack', 'puback', 'pingresp']);
  });
});

describe('a client that does not read', () => {
  /** A connection whose other side takes what is written when the test says so. */
  function connection() {
    const taken: (() => void)[] = [];
    const stream = new Duplex({
      readableHighWaterMark: 1_000_000,
      writableHighWaterMark: 64,
      read: () => undefined,
      write: (_chunk, _encoding, done) => void taken.push(done),
    });
    onTestFinished(() => void stream.destroy());
    return { stream, written: taken, takeOne: () => taken.shift()?.() };
  }

  it.each([
    ['acknowledgements', (n: number) => publishPacket(topic(), '{}', { messageId: n })],
    ['answers to its pings', () => Buffer.from([0xc0, 0])],
  ])('of %s is not read from, and is again once it does', async (_name, packet) => {
    const spine = await startSpine();
    const { stream, written, takeOne } = connection();
    spine.broker.accept(stream, 'test');
    stream.push(connectPacket(await spine.gateway()));
    await expect.poll(() => spine.registry.gateway('gw-1')?.online).toBe(true);
    await expect.poll(() => written.length).toBeGreaterThan(0);
    const messages = 2_000;
    for (let n = 1; n <= messages; n += 1) {
      stream.push(packet(n));
      if (n % 50 === 0) await nextTurn();
    }
    expect(stream.writableLength).toBeLessThan(2_000);
    const left = stream.readableLength;
    expect(left).toBeGreaterThan(messages);
    const unread = () => {
      for (let n = 0; n < 10; n += 1) takeOne();
      return stream.readableLength + stream.writableLength;
    };
    await expect.poll(unread, { timeout: 60_000, interval: 1 }).toBe(0);
    expect([stream.readableLength, stream.destroyed]).toEqual([0, false]);
  });

  it('is closed once nothing goes to or fro for too long, counted', async () => {
    const spine = await startSpine({ bounds: { stallMs: 100, unreadBytes: 1e9 } });
    const client = rawClient(spine.listeners.mqtt);
    const idle = rawClient(spine.listeners.mqtt);
    const login = await spine.gateway();
    client.socket.write(connectPacket(login, { clientId: 'deaf' }));
    idle.socket.write(connectPacket(login, { clientId: 'idle' }));
    await Promise.all([client, idle].map((one) => one.until((heard) => heard.length === 1)));
    client.socket.write(
      generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'parks/lc-xiedu-1/#', qos: 0 }] }),
    );
    await client.until((heard) => heard.length === 2);
    client.socket.pause();
    const mebibyte = Buffer.alloc(1024 * 1024);
    for (let n = 0; n < 30; n += 1) spine.broker.publish('parks/lc-xiedu-1/alarms/a', mebibyte);
    await expect.poll(() => spine.broker.stats.stalledClosed, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => spine.broker.stats.connected).toBe(1);
    expect(idle.socket.closed).toBe(false);
  });

  it('is not what an idle one over WebSocket is', async () => {
    const spine = await startSpine({ bounds: { stallMs: 50 } });
    const http = createServer().on('upgrade', webSocketEntry(spine.broker).upgrade);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void http.close());
    const idle = new Promise<void>((resolve) => {
      http.on('upgrade', ({ socket }) => socket.once('timeout', () => resolve()));
    });
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`;
    const client = await spine.connect({ ...(await spine.gateway()), keepalive: 0 }, url);
    await idle;
    await client.publishAsync(topic(), '{"values":{"active_power_kw":1}}', { qos: 1 });
    expect([spine.stored().length, spine.broker.stats.stalledClosed]).toEqual([1, 0]);
  });
});
