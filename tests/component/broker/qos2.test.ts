import { describe, expect, it } from 'vitest';
import { connectPacket, publishPacket, type RawClient, rawClient } from '../../helpers/raw-mqtt.js';
import { startSpine } from '../../helpers/spine.js';

const TOPIC = 'parks/lc-xiedu-1/energy/meter-1/readings';
const item = (value: number) => JSON.stringify({ values: { active_power_kw: value } });
const once = (id = 7, value = 1) => publishPacket(TOPIC, item(value), { qos: 2, messageId: id });
const again = (id = 7, value = 1) => publishPacket(TOPIC, item(value), { qos: 2, messageId: id, dup: true });
const pubrel = (id: number) => Buffer.from([0x62, 2, id >> 8, id & 0xff]);
const heard = (client: RawClient) =>
  client.heard.flatMap((one) => ('messageId' in one ? [`${one.cmd} ${one.messageId}`] : []));
const until = (client: RawClient, count: number) => client.until(() => heard(client).length === count);

async function started() {
  const spine = await startSpine();
  const login = await spine.gateway();
  const client = async (bytes: Buffer, clean = true) => {
    const one = rawClient(spine.listeners.mqtt);
    one.socket.write(Buffer.concat([connectPacket(login, { clean }), bytes]));
    await one.until((all) => all.length > 0);
    return one;
  };
  return { ...spine, client };
}

describe('a message of QoS 2', () => {
  it('sent again before PUBREL is stored once, be it acknowledged already or still being stored', async () => {
    const { client, stored } = await started();
    const one = await client(Buffer.concat([once(), again(), again()]));
    await until(one, 3);
    one.socket.write(again());
    await until(one, 4);
    one.socket.write(pubrel(7));
    await until(one, 5);
    expect(heard(one)).toEqual(['pubrec 7', 'pubrec 7', 'pubrec 7', 'pubrec 7', 'pubcomp 7']);
    expect(stored()).toEqual([item(1)]);
  });

  it('is another one when its id comes again after PUBREL', async () => {
    const { client, stored } = await started();
    const one = await client(Buffer.concat([once(7, 1), pubrel(7), once(7, 2), pubrel(7)]));
    await until(one, 4);
    expect(heard(one)).toEqual(['pubrec 7', 'pubcomp 7', 'pubrec 7', 'pubcomp 7']);
    expect(stored()).toEqual([item(1), item(2)]);
  });

  it('is answered in order with what is at QoS 1 around it', async () => {
    const { client, stored } = await started();
    const frames = [1, 2, 3, 4, 5].map((id) => publishPacket(TOPIC, item(id), { qos: id % 2 ? 1 : 2, messageId: id }));
    const one = await client(Buffer.concat([...frames, pubrel(2), pubrel(4), pubrel(99)]));
    await until(one, 8);
    expect(heard(one)).toEqual([
      ...['puback 1', 'pubrec 2', 'puback 3', 'pubrec 4', 'puback 5'],
      ...['pubcomp 2', 'pubcomp 4', 'pubcomp 99'],
    ]);
    expect(stored()).toEqual([1, 2, 3, 4, 5].map(item));
  });

  it('whose PUBREC was lost with the connection is stored once when it is sent again on the next', async () => {
    const { client, stored } = await started();
    const first = await client(once(), false);
    await until(first, 1);
    first.socket.destroy();
    const second = await client(again(), false);
    await until(second, 1);
    expect(stored()).toEqual([item(1)]);
    second.socket.write(Buffer.concat([pubrel(7), again()]));
    await until(second, 3);
    expect(stored()).toEqual([item(1), item(1)]);
  });

  it.each([
    ['another message under the same id', again(7, 2), false],
    ['one that is not marked as sent again', once(7, 1), false],
    ['one of a client that asked for a new session', again(7, 1), true],
  ])('on a new connection is new: %s', async (_name, bytes, clean) => {
    const { client, stored } = await started();
    const first = await client(once(), false);
    await until(first, 1);
    first.socket.destroy();
    const second = await client(bytes, clean);
    await until(second, 1);
    expect(stored()).toHaveLength(2);
  });

  it('that could not be stored is stored when it is sent again', async () => {
    const { client, state, stored } = await started();
    state.db.pragma('query_only = ON');
    const first = await client(once(), false);
    await first.closed;
    expect(heard(first)).toEqual([]);
    state.db.pragma('query_only = OFF');
    const second = await client(again(), false);
    await until(second, 1);
    expect(stored()).toEqual([item(1)]);
  });

  it('counts among those without PUBREL, of which there are only so many', async () => {
    const spine = await startSpine({ bounds: { unreleasedPerClient: 2 } });
    const one = rawClient(spine.listeners.mqtt);
    one.socket.write(Buffer.concat([connectPacket(await spine.gateway()), once(1), once(2), once(3), once(4)]));
    await one.closed;
    expect(heard(one)).toEqual(['pubrec 1', 'pubrec 2']);
    expect(spine.broker.stats.topicsRefused).toBe(1);
  });
});
