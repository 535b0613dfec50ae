import { generate } from 'mqtt-packet';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EmbeddedBroker } from '../../../src/broker/broker.js';
import { listen } from '../../../src/broker/listen.js';
import { openRegistry } from '../../../src/registry/open.js';
import { connectPacket, publishPacket, type RawClient, rawClient } from '../../helpers/raw-mqtt.js';
import { startSpine } from '../../helpers/spine.js';

type Spine = Awaited<ReturnType<typeof startSpine>>;
type Login = Awaited<ReturnType<Spine['gateway']>>;

/** Connects and gives the return code of the CONNACK with the client. */
async function signIn(spine: { listeners: { mqtt: string } }, login: Login, clientId: string) {
  const client = rawClient(spine.listeners.mqtt);
  client.socket.write(connectPacket(login, { clientId }));
  await client.until((heard) => heard.length > 0);
  const [connack] = client.heard;
  return { client, code: connack?.cmd === 'connack' ? connack.returnCode : null };
}

/** A broker on another registry of the same state, until the test ends. */
async function brokerBeside({ ingest }: Spine, gateways: ReturnType<typeof openRegistry>) {
  const broker = await EmbeddedBroker.start({ gateways, ingest, clock: Date.now, onRefused: () => undefined });
  const listeners = await listen(broker, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => void (await Promise.all([broker.close(), listeners.close()])));
  return listeners;
}

describe('a gateway at its bound of connections', () => {
  it('takes its own client id over, and is told to come later with another', async () => {
    const spine = await startSpine({ bounds: { connectionsPerGateway: 2 } });
    const login = await spine.gateway();
    const first = await signIn(spine, login, 'one');
    await signIn(spine, login, 'two');
    expect((await signIn(spine, login, 'three')).code).toBe(3);
    expect((await signIn(spine, login, 'one')).code).toBe(0);
    await first.client.closed;
    expect((await signIn(spine, login, 'one')).code).toBe(0);
    expect(spine.registry.gateway('gw-1')?.online).toBe(true);
    expect(spine.broker.stats).toMatchObject({ signInsRefused: 0, signInsPutOff: 1 });
  });

  it('is not told that its secret is wrong, nor when sign-ins cannot be checked', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    vi.spyOn(spine.registry, 'signIn').mockResolvedValueOnce('busy').mockRejectedValueOnce(new Error('no'));
    expect((await signIn(spine, login, 'a')).code).toBe(3);
    expect((await signIn(spine, login, 'a')).code).toBe(3);
    expect((await signIn(spine, login, 'a')).code).toBe(0);
    expect((await signIn(spine, { ...login, password: 'wrong' }, 'a')).code).toBe(4);
  });
});

describe('the bound of all connections', () => {
  it('keeps room to take an own connection over, and for nothing else', async () => {
    const spine = await startSpine({ bounds: { connections: 50, connectionsPerGateway: 100 } });
    const login = await spine.gateway();
    for (let n = 0; n < 50; n += 1) expect((await signIn(spine, login, `c-${n}`)).code).toBe(0);
    const other = await spine.gateway('gw-2');
    expect((await signIn(spine, other, 'c-7')).code).toBe(3);
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(50));
    expect((await signIn(spine, login, 'c-7')).code).toBe(0);
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(50));
  });

  it('is not reached by one address that does not sign in', async () => {
    const spine = await startSpine({ bounds: { connections: 4 } });
    const login = await spine.gateway();
    const silent = [1, 2, 3].map(() => rawClient(spine.listeners.mqtt));
    await silent[2]!.closed;
    expect(spine.broker.stats).toMatchObject({ connected: 2, connectionsRefused: 1 });
    silent[0]!.socket.destroy();
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(1));
    for (const id of ['a', 'b', 'c']) expect((await signIn(spine, login, id)).code).toBe(0);
  });
});

describe('the bound of subscriptions', () => {
  const filter = (n: number) => `parks/lc-xiedu-1/f-${n}/#`;
  const subscribe = (client: RawClient, ...filters: string[]) =>
    client.socket.write(
      generate({ cmd: 'subscribe', messageId: 1, subscriptions: filters.map((topic) => ({ topic, qos: 0 })) }),
    );
  const unsubscribe = (client: RawClient, ...filters: string[]) =>
    client.socket.write(generate({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: filters }));

  it('counts what stands: not what was unsubscribed, nor the same filter again', async () => {
    const spine = await startSpine({ bounds: { subscriptionsPerConnection: 2 } });
    const { client } = await signIn(spine, await spine.gateway(), 'a');
    subscribe(client, filter(0));
    for (let n = 1; n <= 20; n += 1) {
      subscribe(client, filter(n));
      subscribe(client, filter(n), filter(0));
      unsubscribe(client, filter(n), filter(99));
    }
    await client.until((heard) => heard.length === 62);
    subscribe(client, filter(1), filter(2));
    await client.closed;
    expect(spine.broker.stats.topicsRefused).toBe(1);
  });
});

describe('a status', () => {
  const status = 'parks/lc-xiedu-1/gateways/gw-1/status';
  /** The retained messages of the park, as somebody hears them who comes now. */
  async function retained(spine: Spine, login: Login): Promise<string[]> {
    const client = await spine.connect(login);
    const heard: string[] = [];
    client.on('message', (topic) => heard.push(topic));
    spine.broker.publish('parks/lc-xiedu-1/alarms/last', 'x', { retain: true });
    await client.subscribeAsync('parks/lc-xiedu-1/#');
    await vi.waitFor(() => expect(heard).toContain('parks/lc-xiedu-1/alarms/last'));
    client.end(true);
    return heard.filter((topic) => topic !== 'parks/lc-xiedu-1/alarms/last');
  }

  it.each([0, 1, 2] as const)(
    'is cleared by an empty retained payload at QoS %i; its connection tells then',
    async (qos) => {
      const spine = await startSpine();
      const [login, watcher] = [await spine.gateway(), await spine.gateway('gw-2')];
      const { client } = await signIn(spine, login, 'a');
      client.socket.write(publishPacket(status, '{"online":false}', { retain: true }));
      await vi.waitFor(() => expect(spine.registry.gateway('gw-1')?.online).toBe(false));
      expect(await retained(spine, watcher)).toEqual([status]);

      client.socket.write(publishPacket(status, '', { retain: true, qos }));
      await vi.waitFor(() => expect(spine.registry.gateway('gw-1')?.online).toBe(true));
      expect(await retained(spine, watcher)).toEqual([]);
    },
  );

  it('is not cleared by an empty payload that is not to be retained', async () => {
    const spine = await startSpine();
    const { client } = await signIn(spine, await spine.gateway(), 'a');
    client.socket.write(publishPacket(status, '{"online":false}', { retain: true }));
    client.socket.write(publishPacket(status, '', { messageId: 2 }));
    await client.until((heard) => heard.length === 3);
    expect(spine.registry.gateway('gw-1')?.online).toBe(false);
    expect(await retained(spine, await spine.gateway('gw-2'))).toEqual([status]);
  });

  it('goes with its gateway, as do its counters', async () => {
    const spine = await startSpine();
    const will = { topic: status, payload: Buffer.from('{"online":false}'), qos: 1 as const, retain: true };
    const client = await spine.connect({ ...(await spine.gateway()), will });
    await client.publishAsync(status, '{"online":true}', { qos: 1, retain: true });
    expect(spine.broker.stats.perGateway.has('gw-1')).toBe(true);
    spine.registry.removeGateway('gw-1', 'test');
    expect(await retained(spine, await spine.gateway('gw-2'))).toEqual([]);
    expect(spine.broker.stats.perGateway.has('gw-1')).toBe(false);
  });
});

describe('a restart', () => {
  it('has a thousand gateways back that all come at once', async () => {
    const spine = await startSpine();
    const { password } = await spine.gateway('gw-0');
    spine.state.db.exec(
      `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 999)
       INSERT INTO gateways SELECT 'gw-' || i, park, name, created_at, secret_rotated_at, secret_hash, secret_digest
       FROM gateways, n`,
    );
    // Nothing slow may be needed, so that it takes as long as a thousand connections take.
    const bounds = { running: 0, waiting: 0 };
    const registry = openRegistry(spine.state, { clock: Date.now, discovery: true, signInBounds: bounds });
    const listeners = await brokerBeside(spine, registry);

    const all = Array.from({ length: 1_000 }, (_, n) => signIn({ listeners }, { username: `gw-${n}`, password }, 'x'));
    const codes = (await Promise.all(all)).map(({ code }) => code);
    expect(codes.filter((code) => code === 0)).toHaveLength(1_000);
    expect(registry.stats.gatewaysOnline).toBe(1_000);
  });
});

describe('the first start on a file that is older than remembered secrets', () => {
  it('has all gateways back that come at once, and tells none that its secret is wrong', async () => {
    const spine = await startSpine();
    const { password } = await spine.gateway('gw-0');
    spine.state.db.exec(
      `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 39)
       INSERT INTO gateways SELECT 'gw-' || i, park, name, created_at, secret_rotated_at, secret_hash,
         iif(i % 2 = 0, secret_digest, NULL) FROM gateways, n`,
    );
    // Who waits is told to come later at once, as it would be in a longer line.
    const signInBounds = { running: 1, patienceMs: 0 };
    const registry = openRegistry(spine.state, { clock: Date.now, discovery: true, signInBounds });
    const listeners = await brokerBeside(spine, registry);

    const codes = new Set<number | null | undefined>();
    const back = async (n: number) => {
      for (;;) {
        const { client, code } = await signIn({ listeners }, { username: `gw-${n}`, password }, 'x');
        codes.add(code);
        if (code === 0) return;
        await client.closed;
      }
    };
    await Promise.all(Array.from({ length: 40 }, (_, n) => back(n)));
    expect([...codes].sort()).toEqual([0, 3]);
    expect(registry.stats).toMatchObject({ gatewaysOnline: 40, signInRefusals: 0 });
  });
});

describe('a connection that waits for its sign-in', () => {
  it('takes no more room once its client has gone', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    vi.spyOn(spine.registry, 'signIn').mockReturnValue(new Promise(() => undefined));
    const client = rawClient(spine.listeners.mqtt);
    client.socket.write(connectPacket(login));
    await vi.waitFor(() => expect(spine.registry.signIn).toHaveBeenCalled());
    expect(spine.broker.stats.connected).toBe(1);
    client.socket.destroy();
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(0));
  });
});
