import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { closed, rejectionsOf, startSpine } from '../../helpers/spine.js';

const NOW = Date.UTC(2026, 10, 23);
const clock = () => NOW;
const topic = 'parks/lc-xiedu-1/energy/meter-1/readings';
const good = { ts: NOW, values: { active_power_kw: 12.5 } };
const json = (value: unknown) => JSON.stringify(value);

/** Publishes bad payloads beside good ones and gives what was stored, quarantined and told. */
async function publishAll(payloads: readonly (string | Buffer)[], options: Parameters<typeof startSpine>[0] = {}) {
  const spine = await startSpine({ clock, ...options });
  const client = await spine.connect(await spine.gateway());
  const told = await rejectionsOf(client, 'lc-xiedu-1', 'gw-1');
  for (const payload of payloads) await client.publishAsync(topic, payload, { qos: 1 });
  return { spine, client, told };
}

describe('a payload that cannot be taken is acknowledged, quarantined and told, and the connection goes on', () => {
  it.each([
    ['no JSON', 'not json', 'invalid_json'],
    ['NaN', '{"values":{"active_power_kw":NaN}}', 'invalid_json'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'invalid_json'],
    ['nothing', '', 'invalid_json'],
    ['an empty array', '[]', 'empty_message'],
    ['JSON nested 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'invalid_item'],
    ['a text instead of an item', '"hello"', 'invalid_item'],
    ['values that are an array', '{"values":[1]}', 'invalid_item'],
    ['no values', '{"ts":1}', 'ts_too_old'],
    ['a string for a number', json({ ts: NOW, values: { active_power_kw: '12.5' } }), 'invalid_value'],
    ['a boolean for a gauge', json({ ts: NOW, values: { active_power_kw: true } }), 'invalid_value'],
    ['null for a number', json({ ts: NOW, values: { active_power_kw: null } }), 'invalid_value'],
    ['a number beyond every double', '{"values":{"active_power_kw":1e999}}', 'invalid_value'],
    ['an unknown metric', json({ ts: NOW, values: { flux_capacity_jw: 1.21 } }), 'unknown_metric'],
    ["another domain's metric", json({ ts: NOW, values: { cod_mg_l: 41 } }), 'unknown_metric'],
    ['a metric named __proto__', '{"values":{"__proto__":1}}', 'unknown_metric'],
    ['a flag that HJ 212 does not have', json({ ...good, flags: { active_power_kw: 'X' } }), 'invalid_flag'],
    ['a time in 1970', json({ ...good, ts: 0 }), 'ts_too_old'],
    ['a time in 2100', json({ ...good, ts: '2100-01-01T00:00:00+08:00' }), 'ts_in_future'],
    ['a time six minutes ahead', json({ ...good, ts: NOW + 6 * 60_000 }), 'ts_in_future'],
    ['a time without an offset', json({ ...good, ts: '2026-11-23T08:00:00' }), 'invalid_ts'],
    ['1,001 items', json(Array.from({ length: 1_001 }, () => good)), 'too_many_items'],
    ['more than 256 KiB', `[${' '.repeat(256 * 1024)}]`, 'payload_too_large'],
  ])('%s', async (_name, payload, code) => {
    const { spine, told } = await publishAll([payload, json(good)]);

    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({ topic, code, ts: NOW });
    expect(told[0]?.reason).not.toBe('');
    expect(spine.ingest.stats.rejected[code as keyof typeof spine.ingest.stats.rejected]).toBe(1);
    const [kept] = spine.quarantine.list({ limit: 10 });
    expect(kept).toMatchObject({ gateway: 'gw-1', park: 'lc-xiedu-1', topic, receivedAt: NOW });
    expect(Buffer.from(spine.quarantine.get(kept!.id)!.payload).equals(Buffer.from(payload))).toBe(true);
    expect(spine.stored()).toEqual([json(good)]);
  });
});

describe('a bad item', () => {
  it('never spoils the good ones beside it, nor a bad value the good values of its item', async () => {
    const items = [
      good,
      { ts: NOW, values: { active_power_kw: 'x', power_factor: 0.9 } },
      7,
      { ts: '1999-01-01T00:00:00Z', values: { active_power_kw: 1 } },
      { ts: NOW - 1000, values: { active_power_kw: 13 } },
    ];
    const { spine, told } = await publishAll([json(items)]);

    await vi.waitFor(() => expect(told).toHaveLength(3));
    expect(told.map(({ index, code }) => [index, code])).toEqual([
      [1, 'invalid_value'],
      [2, 'invalid_item'],
      [3, 'ts_too_old'],
    ]);
    expect(spine.ingest.stats.readings).toBe(3);
    expect(spine.stored()).toEqual([json(items)]);
  });

  it('is told of with everything that was wrong with it', async () => {
    const { told } = await publishAll([json({ values: { nonsense: 1, active_power_kw: 'x' } })]);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]?.reason).toMatch(/nonsense.*active_power_kw/);
  });

  it.each([
    ['exactly 1,000 items', Array.from({ length: 1_000 }, (_, i) => ({ ...good, ts: NOW - i }))],
    ['duplicate and reversed items', [good, good, { ...good, ts: NOW - 5_000 }, { ...good, ts: NOW - 9_000 }]],
    ['an item five minutes ahead', [{ ...good, ts: NOW + 5 * 60_000 }]],
    ['a month-old item', [{ ...good, ts: NOW - 30 * 86_400_000 }]],
  ])('is not what %s are', async (_name, items) => {
    const { spine, told } = await publishAll([json(items)]);
    expect(spine.ingest.stats.readings).toBe(items.length);
    expect(told).toEqual([]);
    expect(spine.quarantine.list({ limit: 1 })).toEqual([]);
  });
});

describe('devices', () => {
  it('that are not in the registry are quarantined with discovery off, and can be replayed once registered', async () => {
    const { spine, told } = await publishAll([json(good)], { discovery: false });
    await vi.waitFor(() => expect(told[0]).toMatchObject({ index: null, code: 'unknown_device' }));
    expect(spine.stored()).toEqual([]);
    const [kept] = spine.quarantine.list({ limit: 1 });

    expect(await spine.quarantine.replay(kept!.id, 'test')).toMatchObject({ readings: 0 });
    spine.registry.putDevice({ id: 'meter-1', park: 'lc-xiedu-1', domain: 'energy' }, 'test');
    expect(await spine.quarantine.replay(kept!.id, 'test')).toEqual({ readings: 1, rejections: [] });

    expect(spine.stored()).toEqual([json(good)]);
    expect(spine.quarantine.get(kept!.id)).toMatchObject({ replayedAt: NOW, replayedBy: 'test' });
    expect(spine.quarantine.list({ limit: 10, waitingOnly: true })).toEqual([]);
    expect(await spine.quarantine.replay(999, 'test')).toBeUndefined();
  });

  it('are taken on at their first valid reading, not before', async () => {
    const { spine } = await publishAll(['{"values":{"active_power_kw":"x"}}']);
    expect(spine.registry.device('lc-xiedu-1/meter-1')).toBeUndefined();
    const client = await spine.connect(await spine.gateway('gw-2'));
    await client.publishAsync(topic, json(good), { qos: 1 });
    expect(spine.registry.device('lc-xiedu-1/meter-1')).toMatchObject({
      park: 'lc-xiedu-1',
      domain: 'energy',
      gateway: 'gw-2',
    });
  });

  it('of another domain are refused with the reason, and the same id in another park is another device', async () => {
    const { spine, client, told } = await publishAll([json(good)]);
    await client.publishAsync('parks/lc-xiedu-1/fire/meter-1/readings', json({ values: { smoke_alarm: true } }), {
      qos: 1,
    });
    await vi.waitFor(() => expect(told.map((one) => one.code)).toEqual(['device_in_other_domain']));
    const other = await spine.connect(await spine.gateway('gw-far', 'oh-diandu'));
    await other.publishAsync('parks/oh-diandu/energy/meter-1/readings', json(good), { qos: 1 });
    expect(spine.stored()).toHaveLength(2);
    expect(spine.registry.devicesCalled('meter-1').map(({ park }) => park)).toEqual(['lc-xiedu-1', 'oh-diandu']);
  });

  it('with a name that is no identifier are quarantined, and do not cut their gateway off', async () => {
    const { spine, client, told } = await publishAll([]);
    await client.publishAsync('parks/lc-xiedu-1/energy/Meter 1/readings', json(good), { qos: 1 });
    await vi.waitFor(() => expect(told.map((one) => one.code)).toEqual(['invalid_topic']));
    expect(client.connected).toBe(true);
    expect(spine.stored()).toEqual([]);
  });
});

describe('the quarantine', () => {
  it('keeps no more than its bounds: the oldest go, counted', async () => {
    const { spine } = await publishAll(['a', 'b', 'c', 'd'], { quarantine: { messages: 3, bytes: 1e6 } });
    expect(spine.quarantine.list({ limit: 10 }).map((one) => one.id)).toEqual([4, 3, 2]);
    expect(spine.quarantine.stats).toMatchObject({ kept: 3, pushedOut: 1 });
    const bytes = await publishAll(['x'.repeat(600), 'y'.repeat(600)], { quarantine: { messages: 9, bytes: 2_000 } });
    expect(bytes.spine.quarantine.list({ limit: 10 }).map((one) => one.payloadBytes)).toEqual([600]);
  });
});

describe('packets that are no MQTT, or too much of it', () => {
  const raw = (url: string) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    return { socket, ended: new Promise<void>((resolve) => socket.once('close', () => resolve())) };
  };

  it('closes a connection that speaks something else, counted, and leaves the others', async () => {
    const spine = await startSpine();
    const client = await spine.connect(await spine.gateway());
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\u0010\u0002xx', '\u0000\u0000\u0000\u0000']) {
      const { socket, ended } = raw(spine.listeners.mqtt);
      socket.write(bytes, 'latin1');
      await ended;
    }
    expect(spine.broker.stats.protocolErrors + spine.broker.stats.packetsTooLarge).toBe(3);
    expect(client.connected).toBe(true);
  });

  it('closes a connection as soon as a packet announces 10 MB, before it is buffered', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const client = await spine.connect(login);
    const other = await spine.connect({ ...login, clientId: 'other' });
    const ended = closed(client);
    client.publish(topic, Buffer.alloc(10 * 1024 * 1024), { qos: 1 });
    await ended;
    expect(spine.broker.stats.packetsTooLarge).toBe(1);
    expect(spine.refusals).toMatchObject([{ kind: 'packet', gateway: 'gw-1' }]);
    expect(spine.stored()).toEqual([]);
    expect(other.connected).toBe(true);
  });

  it('closes a connection whose CONNECT is larger than any sign-in', async () => {
    const spine = await startSpine();
    const { socket, ended } = raw(spine.listeners.mqtt);
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0x7f]));
    await ended;
    expect(spine.broker.stats.packetsTooLarge).toBe(1);
  });

  it('takes no more connections than its bound, counted', async () => {
    const spine = await startSpine({ bounds: { connections: 1 } });
    const first = raw(spine.listeners.mqtt);
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(1));
    await raw(spine.listeners.mqtt).ended;
    expect(spine.broker.stats).toMatchObject({ connectionsRefused: 1, connected: 1 });
    first.socket.destroy();
    await vi.waitFor(() => expect(spine.broker.stats.connected).toBe(0));
  });
});
