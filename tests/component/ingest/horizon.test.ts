import { describe, expect, it } from 'vitest';
import { decodeBatches } from '../../../src/historian/worker-thread/decode.js';
import { BEGINNING } from '../../../src/journal/port.js';
import { DAY, NOW, openIngest } from './service.js';

const item = (ts: number, value: number) => ({ ts, values: { cod_mg_l: value } });
const unreadable = (topic: string) => {
  throw new Error(`${topic} could not be read`);
};

describe('readings from before those that are kept', () => {
  it('are not taken, with a reason that names the horizon, and spoil nothing beside them', async () => {
    const { send, ingest, quarantine } = openIngest({ rawDays: 30 });
    await send(JSON.stringify([item(NOW - 30 * DAY, 1), item(NOW - 30 * DAY - 1, 2), item(NOW, 3)]));
    expect(ingest.stats).toMatchObject({ readings: 2, rejected: { ts_too_old: 1 } });
    const [message] = quarantine.list({ limit: 10 });
    expect(message?.rejections).toMatchObject([{ index: 1, code: 'ts_too_old' }]);
    expect(message?.rejections[0]?.reason).toContain('30 days');
  });

  it('are not written to history either, where what is beside them is', async () => {
    const { send, journal } = openIngest({ rawDays: 30 });
    await send(JSON.stringify([item(NOW - 30 * DAY, 1), item(NOW - 30 * DAY - 1, 2), item(NOW, 3)]));
    const reader = journal.reader();
    const batches = await decodeBatches(reader.read(BEGINNING, 1e6), { rawDays: 30, onUnreadable: unreadable });
    reader.close();
    const readings = batches.flatMap(({ messages }) => messages.flatMap((message) => message.readings));
    expect(readings.map(({ value }) => value)).toEqual([1, 3]);
  });

  it.each([10, 60])(
    'are those of the time of their receipt, although %i days are kept when they are read',
    async (rawDays) => {
      const { send, journal } = openIngest({ rawDays: 30 });
      await send(JSON.stringify([item(NOW - 30 * DAY, 1), item(NOW - 30 * DAY - 1, 2), item(NOW, 3)]));
      const reader = journal.reader();
      const [batch, ...others] = reader.read(BEGINNING, 1e6);
      reader.close();
      const [decoded] = await decodeBatches([batch!], { rawDays, onUnreadable: unreadable });
      const readings = decoded!.messages.flatMap((message) => message.readings);
      expect(readings.map(({ value }) => value)).toEqual([1, 3]);
      expect(others).toEqual([]);
    },
  );

  it('are measured from the first receipt when they are replayed', async () => {
    const { store, quarantine, ingest } = openIngest({ rawDays: 30 });
    const receivedAt = NOW - 20 * DAY;
    const payload = Buffer.from(JSON.stringify(item(receivedAt - 29 * DAY, 7)));
    const rejection = { topic: 't', index: 0, code: 'unknown_device', reason: 'then', ts: receivedAt } as const;
    const topic = 'parks/oh-diandu/wastewater/outlet-1/readings';
    await store.keep({ gateway: 'gw-1', park: 'oh-diandu', topic, payload }, receivedAt, [rejection]);
    const [kept] = quarantine.list({ limit: 1 });
    expect(await quarantine.replay(kept!.id, 'somebody')).toEqual({ readings: 1, rejections: [] });
    expect(ingest.stats.rejected.ts_too_old).toBe(0);
  });
});
