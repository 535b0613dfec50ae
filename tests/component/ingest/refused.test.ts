import { describe, expect, it } from 'vitest';
import { QuarantineFullError } from '../../../src/ingest/quarantine-store.js';
import { quarantineRefused } from '../../../src/ingest/refused.js';
import { BEGINNING } from '../../../src/journal/port.js';
import { deviceKey } from '../../../src/model/ids.js';
import type { DeviceReadings, Reading } from '../../../src/model/reading.js';
import { MAX_PAYLOAD_BYTES } from '../../../src/model/wire/readings.js';
import { NOW, openIngest, PARK, TOPIC } from './service.js';

const RECEIVED = NOW - 1_000;
const reading = (metric: string, ts: number, value: number, flag: Reading['flag'] = 'N'): Reading => ({
  metric,
  ts,
  value,
  flag,
  quality: flag === 'N' ? 'good' : 'flagged',
});
const message = (...readings: Reading[]): DeviceReadings => ({
  park: PARK,
  domain: 'wastewater',
  device: deviceKey(PARK, 'outlet-1'),
  gateway: 'gw-1',
  receivedAt: RECEIVED,
  readings,
});
const reason = 'field type conflict';

describe('readings that the store of history refuses', () => {
  it('are kept with its reason as one message, and replayed as they came', async () => {
    const { store, quarantine, journal } = openIngest();
    const came = [
      reading('cod_mg_l', NOW - 60_000, 41.2),
      reading('ph', NOW - 60_000, 7.3, 'M'),
      reading('cod_mg_l', NOW - 30_000, 40),
    ];
    await quarantineRefused(
      store,
      came.map((one) => ({ message: message(one), reason })),
      NOW,
    );
    expect(quarantine.stats).toEqual({ kept: 1, guarded: 1, pushedOut: 0 });
    const [kept] = quarantine.list({ code: 'store_refused', limit: 10 });
    expect(kept).toMatchObject({ topic: TOPIC, gateway: 'gw-1', park: PARK, receivedAt: RECEIVED, replayedAt: null });
    expect(kept?.rejections).toMatchObject([{ topic: TOPIC, index: null, code: 'store_refused', reason }]);

    expect(await quarantine.replay(kept!.id, 'somebody')).toEqual({ readings: 3, rejections: [] });
    const reader = journal.reader();
    const [entry] = reader.read(BEGINNING, 1e6).flatMap(({ entries }) => entries);
    reader.close();
    expect(entry).toMatchObject({ topic: TOPIC, gateway: 'gw-1', receivedAt: RECEIVED });
    expect(JSON.parse(Buffer.from(entry!.payload).toString())).toEqual([
      { ts: NOW - 60_000, values: { cod_mg_l: 41.2, ph: 7.3 }, flags: { ph: 'M' } },
      { ts: NOW - 30_000, values: { cod_mg_l: 40 } },
    ]);
    expect(quarantine.stats).toMatchObject({ kept: 1, guarded: 0 });
  });

  it('are kept once when the same batch is refused once more', async () => {
    const { store, quarantine } = openIngest();
    const refused = [{ message: message(reading('ph', NOW, 7)), reason }];
    await quarantineRefused(store, refused, NOW);
    await quarantineRefused(store, refused, NOW + 1);
    expect(quarantine.list({ limit: 10 })).toHaveLength(1);
    expect(quarantine.stats).toMatchObject({ kept: 1, guarded: 1 });
  });

  it('wait again when they are refused while their replay is being noted, and after it', async () => {
    const { store, quarantine } = openIngest();
    const refused = [{ message: message(reading('ph', NOW, 7)), reason }];
    await quarantineRefused(store, refused, NOW);
    const [first] = quarantine.list({ limit: 1 });
    const replaying = quarantine.replay(first!.id, 'somebody');
    await quarantineRefused(store, refused, NOW + 1);
    await replaying;
    const [second] = quarantine.list({ waitingOnly: true, limit: 10 });
    expect(second).toMatchObject({ rejections: [{ code: 'store_refused' }] });
    await quarantine.replay(second!.id, 'somebody');
    expect(quarantine.list({ waitingOnly: true, limit: 10 })).toHaveLength(0);
    await quarantineRefused(store, refused, NOW + 2);
    expect(quarantine.list({ waitingOnly: true, limit: 10 })).toHaveLength(1);
  });

  it('stay within what a message may hold, however many they are', async () => {
    const { store, quarantine } = openIngest();
    const many = Array.from({ length: 5_000 }, (_, i) => reading('cod_mg_l', NOW - 5_000 + i, 1 / 3 + i));
    await quarantineRefused(
      store,
      many.map((one) => ({ message: message(one), reason })),
      NOW,
    );
    const kept = quarantine.list({ limit: 1_000 });
    for (const { payloadBytes } of kept) expect(payloadBytes).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    let readings = 0;
    for (const { id } of kept) {
      const replayed = await quarantine.replay(id, 'somebody');
      expect(replayed?.rejections).toEqual([]);
      readings += replayed?.readings ?? 0;
    }
    expect(readings).toBe(5_000);
  });

  it('are not pushed out by bad messages, also after a restart', async () => {
    const bounds = { messages: 4, bytes: 1e6 };
    const first = openIngest({ bounds });
    await quarantineRefused(first.store, [{ message: message(reading('ph', NOW, 7)), reason }], NOW);
    for (let i = 0; i < 6; i += 1) await first.send(`not json ${i}`);
    expect(first.quarantine.stats).toEqual({ kept: 4, guarded: 1, pushedOut: 3 });
    first.end();

    const { quarantine, send } = openIngest({ dir: first.dir, bounds });
    expect(quarantine.stats).toEqual({ kept: 4, guarded: 1, pushedOut: 0 });
    for (let i = 0; i < 6; i += 1) await send(`not json ${i}`);
    const [kept, ...more] = quarantine.list({ code: 'store_refused', limit: 10 });
    expect(more).toEqual([]);
    await quarantine.replay(kept!.id, 'somebody');
    for (let i = 0; i < 6; i += 1) await send(`not json ${i}`);
    expect(quarantine.list({ code: 'store_refused', limit: 10 })).toEqual([]);
  });

  it('are turned away once they have half the bound, so that the writer stands still and says why', async () => {
    const { store, quarantine, send } = openIngest({ bounds: { messages: 4, bytes: 1e6 } });
    const refuse = (value: number) =>
      quarantineRefused(store, [{ message: message(reading('ph', NOW, value)), reason }], NOW);
    await refuse(1);
    await refuse(2);
    await expect(refuse(3)).rejects.toThrow(QuarantineFullError);
    await refuse(2);
    await send('not json');
    expect(quarantine.stats).toEqual({ kept: 3, guarded: 2, pushedOut: 0 });
    const [newest] = quarantine.list({ code: 'store_refused', limit: 1 });
    await quarantine.replay(newest!.id, 'somebody');
    await refuse(3);
    expect(quarantine.stats).toMatchObject({ guarded: 2 });
  });

  it('are not said to be kept when the disk does not take them, and what is counted stays true', async () => {
    const { state, store, quarantine } = openIngest();
    const refused = [{ message: message(reading('ph', NOW, 7)), reason }];
    // A full disk as SQLite sees it.
    const pages = state.db.pragma('page_count', { simple: true }) as number;
    state.db.pragma(`max_page_count = ${pages}`);
    const big = [{ message: message(...Array.from({ length: 200 }, (_, i) => reading('ph', NOW - i, i / 3))), reason }];
    await expect(quarantineRefused(store, big, NOW)).rejects.toThrow(/nothing was stored/);
    expect(quarantine.stats).toEqual({ kept: 0, guarded: 0, pushedOut: 0 });
    state.db.pragma('max_page_count = 1073741823');
    await quarantineRefused(store, refused, NOW);
    expect(quarantine.stats).toEqual({ kept: 1, guarded: 1, pushedOut: 0 });
  });
});
