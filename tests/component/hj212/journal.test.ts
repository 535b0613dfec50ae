import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeBatches } from '../../../src/historian/worker-thread/decode.js';
import { openJournal } from '../../../src/journal/open.js';
import { BEGINNING } from '../../../src/journal/port.js';
import { migrations as journalTables } from '../../../src/journal/schema.js';
import { type PacketContext, packetTopic, packPacket } from '../../../src/model/wire/hj212/entry.js';
import { framed } from '../../../src/model/wire/hj212/segment.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';
import { openSpine, RECEIVED, T0 } from '../historian/worker-thread/spine.js';
import { openIngest, PARK } from '../ingest/service.js';

const CONTEXT: PacketContext = {
  mn: '010000A8900016F000169DC0',
  edition: '2017',
  strict: true,
  zone: 'Asia/Shanghai',
  channels: {},
};
const segment = (cn: string, items: string) =>
  `QN=20261102080001000;ST=32;CN=${cn};PW=123456;MN=${CONTEXT.mn};Flag=5;CP=&&DataTime=20261102080000;${items}&&`;
const packet = (cn: string, items: string) => framed(new TextEncoder().encode(segment(cn, items)));
const REALTIME = packet('2011', 'w01018-Rtd=41.2,w01018-Flag=N;w21003-Rtd=0,w21003-Flag=D');
const MINUTE = packet('2051', 'w01018-Min=40,w01018-Avg=41,w01018-Max=42,w01018-Flag=N');
const LOG = packet('3020', 'PolId=w01018;i11001-Info=//清洗管路//');

/** A packet as a way in hands it to ingest. */
function message(raw: Uint8Array, park = PARK, context = CONTEXT) {
  const payload = Buffer.from(packPacket({ context, raw, plain: null }));
  return { gateway: 'logger-1', park, topic: packetTopic(park, 'outlet-1'), payload };
}

describe('a packet of HJ 212 through ingest', () => {
  it('is in the journal byte for byte once ingest says so, whatever it carries, and decodes after a restart', async () => {
    const dir = tempDir();
    const { ingest, registry, store, end } = openIngest({ dir, clock: () => RECEIVED });
    for (const raw of [REALTIME, MINUTE, LOG]) await ingest.accept(message(raw));
    expect(ingest.stats).toMatchObject({ messages: 3, readings: 2 });
    expect(registry.devices({ park: PARK })).toMatchObject([
      { id: 'outlet-1', domain: 'wastewater', gateway: 'logger-1' },
    ]);
    expect(store.stats.kept).toBe(0);
    end();

    const state = openState(join(dir, 'park.sqlite'), { journal: journalTables });
    const reader = openJournal(state, () => undefined, {}).reader();
    const batches = reader.read(BEGINNING, 1e6);
    const kept = batches.flatMap(({ entries }) => entries.map(({ payload }) => Buffer.from(payload)));
    expect([REALTIME, MINUTE, LOG].map((raw, index) => kept[index]?.includes(Buffer.from(raw)))).toEqual([
      true,
      true,
      true,
    ]);
    const decoded = await decodeBatches(batches, { rawDays: 400, onUnreadable: (_, error) => expect.fail(`${error}`) });
    reader.close();
    state.close();
    expect(decoded.flatMap(({ messages }) => messages.map(({ readings }) => readings.length))).toEqual([2, 0, 0]);
  });

  it('waits in quarantine when it is refused, whole and byte for byte, and is replayed', async () => {
    const { ingest, quarantine, journal } = openIngest({ clock: () => RECEIVED });
    const mixed = packet('2011', 'w01018-Rtd=41.2,w01018-Flag=N;w99999-Rtd=1,w99999-Flag=N');
    const other = { ...CONTEXT, mn: 'OTHER000' };
    await ingest.accept(message(mixed));
    await ingest.accept(message(REALTIME, PARK, other));
    const [second, first] = quarantine.list({ limit: 10 });
    expect([first?.codes, second?.codes]).toEqual([{ unknown_metric: 1 }, { invalid_packet: 1 }]);
    expect(Buffer.from(quarantine.get(first!.id)!.payload).includes(Buffer.from(mixed))).toBe(true);
    expect(journal.stats.messages).toBe(1);
    expect(await quarantine.replay(first!.id, 'test')).toMatchObject({
      readings: 1,
      rejections: [{ code: 'unknown_metric' }],
    });
    expect(await quarantine.replay(second!.id, 'test')).toMatchObject({
      readings: 0,
      rejections: [{ code: 'invalid_packet' }],
    });
  });
});

describe('packets of HJ 212 in history', () => {
  it('count once however often they come, keep their flags, and give no reading of an interval', async () => {
    const { start, journal } = openSpine();
    const historian = await start();
    const append = (raw: Uint8Array) => journal.append({ ...message(raw, 'lc-xiedu-1'), receivedAt: RECEIVED });
    for (const raw of [REALTIME, MINUTE, REALTIME, LOG, REALTIME]) await append(raw);
    await historian.caughtUp(journal.head());
    const rows: (readonly [number, number])[] = [];
    for (const metric of ['cod_mg_l', 'nh3n_mg_l']) {
      const query = {
        series: [{ device: 'lc-xiedu-1/outlet-1', metric }],
        from: T0 - 1,
        to: T0 + 86_400_000,
        limit: 9,
      } as const;
      for await (const { ts, value } of historian.raw(query))
        ts.forEach((at, index) => void rows.push([at, value[index]!]));
    }
    expect(rows).toEqual([
      [T0, 41.2],
      [T0, 0],
    ]);
    const latest = await historian.latest({ park: 'lc-xiedu-1' });
    expect(latest.map(({ metric, value, flag, quality }) => [metric, value, flag, quality])).toEqual([
      ['cod_mg_l', 41.2, 'N', 'good'],
      ['nh3n_mg_l', 0, 'D', 'flagged'],
    ]);
    expect(historian.stats).toMatchObject({ failing: null });
  });
});
