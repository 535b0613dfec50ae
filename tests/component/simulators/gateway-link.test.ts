import { describe, expect, it, vi } from 'vitest';
import { linkTo, TestBroker } from './broker.js';

const TOPIC = 'parks/p1/energy/d1/readings';

describe('a gateway link', () => {
  it('publishes at QoS 1 and counts what was acknowledged', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    await link.connect();
    expect(await link.publish(TOPIC, 'one')).toBe('acknowledged');
    expect(broker.readings()).toEqual([{ topic: TOPIC, payload: 'one', qos: 1, retain: false }]);
    expect(link.stats).toMatchObject({ sent: 1, acknowledged: 1, dropped: 0 });
  });

  it('says it is online, retained, and offline when it leaves', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    await link.connect();
    await link.close();
    expect(broker.status()).toMatchObject([{ online: true }, { online: false }]);
    expect(broker.received.every(({ retain }) => retain)).toBe(true);
  });

  it('is refused with a wrong secret, by name', async () => {
    const broker = await TestBroker.start();
    await expect(linkTo(broker, { secret: 'wrong' }).connect()).rejects.toThrow(
      'gateway gw-p1: the broker does not take this id and secret',
    );
  });

  it('says so when nothing listens', async () => {
    const broker = await TestBroker.start();
    await expect(linkTo(broker, { broker: 'mqtt://127.0.0.1:1' }).connect()).rejects.toThrow(
      'nothing listens at mqtt://127.0.0.1:1',
    );
  });

  it('leaves its will when it is cut off, buffers, and sends the backlog in order', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    await link.connect();
    await link.publish(TOPIC, '0');
    link.cut();
    await vi.waitFor(() => expect(broker.status().at(-1)).toMatchObject({ online: false }));
    const backlog = ['1', '2', '3'].map((payload) => link.publish(TOPIC, payload));
    expect(link.pending).toBe(3);
    expect(broker.readings()).toHaveLength(1);

    await link.restore();
    expect(await Promise.all(backlog)).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
    expect(broker.readings().map(({ payload }) => payload)).toEqual(['0', '1', '2', '3']);
    expect(broker.status().at(-1)).toMatchObject({ online: true });
  });

  it('sends again, after a broken connection, what was not acknowledged', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker, { inFlight: 2 });
    await link.connect();
    await vi.waitFor(() => expect(broker.status()).toHaveLength(1));
    broker.holding = true;
    const sent = ['1', '2', '3'].map((payload) => link.publish(TOPIC, payload));
    await vi.waitFor(() => expect(broker.readings().length).toBeGreaterThan(0));
    broker.breakConnections();
    broker.holding = false;
    expect(await Promise.all(sent)).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
    expect(
      broker
        .readings()
        .slice(-3)
        .map(({ payload }) => payload),
    ).toEqual(['1', '2', '3']);
    expect(link.stats).toMatchObject({ acknowledged: 3, resent: 2, connections: 2 });
  });

  it('drops the oldest message, and counts it, when its buffer is full', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker, { capacity: 2 });
    const sent = ['1', '2', '3'].map((payload) => link.publish(TOPIC, payload));
    expect(await sent[0]).toBe('dropped');
    expect(link.pending).toBe(2);
    await link.connect();
    await link.idle();
    expect(await Promise.all(sent)).toEqual(['dropped', 'acknowledged', 'acknowledged']);
    expect(link.stats.dropped).toBe(1);
  });

  it('keeps no more messages under way than its window', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker, { inFlight: 3 });
    await link.connect();
    await vi.waitFor(() => expect(broker.status()).toHaveLength(1));
    broker.holding = true;
    for (let i = 0; i < 10; i++) void link.publish(TOPIC, String(i));
    expect(link.stats.sent).toBe(3);
    broker.release();
    await link.idle();
    expect(link.stats).toMatchObject({ sent: 10, acknowledged: 10 });
  });

  it('settles what is left as dropped when it is closed', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    const sent = link.publish(TOPIC, 'never');
    await link.close();
    expect(await sent).toBe('dropped');
  });

  it('leaves a broker that does not answer without waiting for it', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker, { goodbyeMs: 20 });
    await link.connect();
    await vi.waitFor(() => expect(broker.status()).toHaveLength(1));
    broker.holding = true;
    const sent = link.publish(TOPIC, 'unanswered');
    await link.close();
    expect(await sent).toBe('dropped');
  });

  it('hears which of its items were not taken, after a reconnect too', async () => {
    const broker = await TestBroker.start();
    const link = linkTo(broker);
    await link.connect();
    const heard: string[] = [];
    await link.listenToRejections((payload) => heard.push(payload));
    const reject = (payload: string) =>
      broker.aedes.publish(
        { cmd: 'publish', topic: 'parks/p1/gateways/gw-p1/rejections', payload, qos: 1, retain: false, dup: false },
        () => undefined,
      );
    reject('first');
    await vi.waitFor(() => expect(heard).toEqual(['first']));
    broker.breakConnections();
    await vi.waitFor(() => expect(link.stats.connections).toBe(2));
    await vi.waitFor(() => {
      reject('second');
      expect(heard).toContain('second');
    });
  });
});
