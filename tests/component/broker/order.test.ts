import fc from 'fast-check';
import type { Packet } from 'mqtt-packet';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectPacket, publishPacket, rawClient, sendCut } from '../../helpers/raw-mqtt.js';
import { startSpine } from '../../helpers/spine.js';

const TOPIC = 'parks/lc-xiedu-1/energy/meter-1/readings';
const NOW = Date.UTC(2026, 10, 23);
const STATUS = 'parks/lc-xiedu-1/gateways/gw-1/status';
const SIZES = { small: 0, large: 100_000, beyondOneRead: 250_000 };

const payload = (value: number, bytes = 0, bad = false) =>
  JSON.stringify([
    { ts: NOW, values: { active_power_kw: value } },
    ...(bad ? [{ ts: NOW, values: { phlogiston: 1 } }] : []),
  ]).padEnd(bytes, ' ');
const valuesOf = (stored: readonly string[]) =>
  stored.map((text) => (JSON.parse(text) as [{ values: { active_power_kw: number } }])[0].values.active_power_kw);
const acks = (heard: readonly Packet[]) =>
  heard.flatMap((one) => (one.cmd === 'puback' || one.cmd === 'pubrec' ? [[one.cmd, one.messageId]] : []));

/** A way to publish, and what comes of it. */
const message = fc.record({
  kind: fc.constantFrom('readings', 'readings', 'readings', 'partly bad', 'all bad', 'misnamed', 'status'),
  qos: fc.constantFrom(0, 1, 1, 1, 2),
  retain: fc.boolean(),
  bytes: fc.constantFrom(SIZES.small, SIZES.small, SIZES.large, SIZES.beyondOneRead),
});
type Message = typeof message extends fc.Arbitrary<infer M> ? M : never;

function bytesOf({ kind, qos, retain, bytes }: Message, id: number): Buffer {
  const more = { qos: qos as 0 | 1 | 2, retain, messageId: id };
  if (kind === 'status') return publishPacket(STATUS, '{"online":true}', more);
  if (kind === 'misnamed') {
    return publishPacket('parks/lc-xiedu-1/energy/Bad Näme/readings', payload(id, bytes), more);
  }
  if (kind === 'all bad') return publishPacket(TOPIC, 'no JSON'.padEnd(bytes), more);
  return publishPacket(TOPIC, payload(id, bytes, kind === 'partly bad'), more);
}

describe('what one connection sends', () => {
  it('reaches the journal and is acknowledged in its order, whatever way, size and cut', async () => {
    const spine = await startSpine({ clock: () => NOW });
    const login = await spine.gateway();
    let before = 0;
    const run = fc.asyncProperty(
      fc.array(message, { minLength: 2, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (messages, cuts) => {
        const client = rawClient(spine.listeners.mqtt);
        onTestFinished(() => void client.socket.destroy());
        const frames = messages.map((one, n) => bytesOf(one, n + 1));
        await sendCut(client.socket, Buffer.concat([connectPacket(login), ...frames]), cuts);
        const expected = messages.flatMap(({ qos }, n) =>
          qos === 0 ? [] : [[qos === 1 ? 'puback' : 'pubrec', n + 1]],
        );
        await client.until((heard) => heard.length > 0 && acks(heard).length === expected.length);
        client.socket.destroy();
        expect(acks(client.heard)).toEqual(expected);

        const taken = messages.flatMap(({ kind }, n) => (kind === 'readings' || kind === 'partly bad' ? [n + 1] : []));
        // What is at QoS 0 and came last may still be on its way.
        await expect.poll(() => spine.stored().length - before, { timeout: 10_000 }).toBe(taken.length);
        expect(valuesOf(spine.stored().slice(before))).toEqual(taken);
        before += taken.length;
      },
    );
    await fc.assert(run, { numRuns: 40 });
  });

  it.each<[string, Message]>([
    ['a large one', { kind: 'readings', qos: 1, retain: false, bytes: 100_000 }],
    ['one to be retained', { kind: 'readings', qos: 1, retain: true, bytes: 10_000 }],
    ['one at QoS 2', { kind: 'readings', qos: 2, retain: false, bytes: 10_000 }],
    ['one that is partly bad', { kind: 'partly bad', qos: 1, retain: false, bytes: 10_000 }],
  ])('never overtakes %s that is cut: the correction wins and comes second', async (_name, first) => {
    const spine = await startSpine({ clock: () => NOW });
    const client = rawClient(spine.listeners.mqtt);
    const login = await spine.gateway();
    client.socket.write(connectPacket(login));
    await client.until((heard) => heard.length === 1);
    const large = bytesOf(first, 1);
    const correction = publishPacket(TOPIC, payload(2), { messageId: 2 });
    await sendCut(client.socket, Buffer.concat([large, correction]), [large.length - 10]);
    await client.until((heard) => acks(heard).length === 2);
    expect(acks(client.heard).map(([, id]) => id)).toEqual([1, 2]);
    expect(valuesOf(spine.stored())).toEqual([1, 2]);
  });

  it('is acknowledged in order also when a status comes behind readings', async () => {
    const spine = await startSpine();
    const client = rawClient(spine.listeners.mqtt);
    const status = publishPacket(STATUS, '{"online":true}', { messageId: 9, retain: true });
    const [one, two] = [1, 2].map((id) => publishPacket(TOPIC, payload(id), { messageId: id }));
    client.socket.write(Buffer.concat([connectPacket(await spine.gateway()), one!, two!, status]));
    await client.until((heard) => acks(heard).length === 3);
    expect(acks(client.heard).map(([, id]) => id)).toEqual([1, 2, 9]);
  });
});

describe('what comes behind a message that finds no room', () => {
  it('is not stored before it, which comes again and would be taken for newer; a fire reading still is', async () => {
    const spine = await startSpine({ clock: () => NOW, journal: { maxBytes: 200_000, followers: ['nobody'] } });
    const client = rawClient(spine.listeners.mqtt);
    const fire = publishPacket('parks/lc-xiedu-1/fire/smoke-1/readings', '[{"values":{"smoke_alarm":true}}]', {
      messageId: 3,
    });
    const large = publishPacket(TOPIC, payload(1, 195_000), { messageId: 1 });
    const correction = publishPacket(TOPIC, payload(2), { messageId: 2 });
    client.socket.write(Buffer.concat([connectPacket(await spine.gateway()), large, correction, fire]));
    await client.closed;
    expect(acks(client.heard)).toEqual([['puback', 3]]);
    expect(spine.stored()).toHaveLength(1);
    expect(spine.journal.stats.refused).toBe(1);
  });
});

describe('a backlog behind CONNECT, in one write', () => {
  it.each([60, 5_000])('of %i messages is taken whole, in order', async (count) => {
    const spine = await startSpine({ clock: () => NOW });
    const client = rawClient(spine.listeners.mqtt);
    const backlog = Array.from({ length: count }, (_, n) => publishPacket(TOPIC, payload(n + 1), { messageId: n + 1 }));
    client.socket.write(Buffer.concat([connectPacket(await spine.gateway()), ...backlog]));
    await client.until((heard) => acks(heard).length === count);
    expect(client.heard[0]).toMatchObject({ cmd: 'connack', returnCode: 0 });
    expect(acks(client.heard).map(([, id]) => id)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    expect(valuesOf(spine.stored())).toEqual(Array.from({ length: count }, (_, n) => n + 1));
  });

  it('with DISCONNECT at its end is taken too, as is what is at QoS 0', async () => {
    const spine = await startSpine({ clock: () => NOW });
    const client = rawClient(spine.listeners.mqtt);
    const parts = [connectPacket(await spine.gateway())];
    for (let n = 1; n <= 100; n += 1) parts.push(publishPacket(TOPIC, payload(n), { qos: 0 }));
    client.socket.write(Buffer.concat([...parts, Buffer.from([0xe0, 0])]));
    await client.closed;
    await expect.poll(() => spine.stored().length).toBe(100);
  });

  it('is not taken of a gateway that is not signed in', async () => {
    const spine = await startSpine();
    const login = await spine.gateway();
    const client = rawClient(spine.listeners.mqtt);
    const wrong = connectPacket({ ...login, password: 'wrong' });
    client.socket.write(Buffer.concat([wrong, ...Array.from({ length: 60 }, () => publishPacket(TOPIC, payload(1)))]));
    await client.closed;
    expect(client.heard).toMatchObject([{ cmd: 'connack', returnCode: 4 }]);
    expect(spine.ingest.stats.messages).toBe(0);
  });
});
