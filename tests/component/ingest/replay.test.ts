import { describe, expect, it } from 'vitest';
import { MAX_REJECTIONS } from '../../../src/ingest/rejections.js';
import { decodeBody } from '../../../src/journal/codec.js';
import { BEGINNING } from '../../../src/journal/port.js';
import { EntryDecoder } from '../../../src/model/wire/entry.js';
import { DAY, NOW, openIngest, TOPIC } from './service.js';

const item = (values: object, ts?: number) => ({ ...(ts !== undefined && { ts }), values });

/** Ingest whose clock the test moves. */
function setup(rawDays?: number) {
  const time = { now: NOW };
  const opened = openIngest({ clock: () => time.now, ...(rawDays !== undefined && { rawDays }) });
  const journaled = () => {
    const reader = opened.journal.reader();
    const entries = reader.read(BEGINNING, 1e9).flatMap((batch) => batch.entries);
    reader.close();
    return entries;
  };
  const waiting = () => opened.quarantine.list({ waitingOnly: true, limit: 100 });
  return { ...opened, time, journaled, waiting };
}

describe('a message that is replayed', () => {
  it('carries its first receipt and the time of its replay, in the journal too', async () => {
    const { time, state, quarantine, send, journaled, waiting } = setup();
    await send(JSON.stringify(item({ ph: 7 }, NOW + 3_600_000)));
    time.now = NOW + DAY;
    expect(await quarantine.replay(waiting()[0]!.id, 'somebody')).toEqual({ readings: 1, rejections: [] });
    expect(journaled()).toMatchObject([{ receivedAt: NOW, replayedAt: NOW + DAY, topic: TOPIC, gateway: 'gw-1' }]);
    const body = state.db.prepare<[], Buffer>('SELECT body FROM journal').pluck().get()!;
    expect(body[0]).toBe(2);
    const decoded = new EntryDecoder().decode(decodeBody(body)[0]!).message;
    expect(decoded).toMatchObject({ receivedAt: NOW, replayedAt: NOW + DAY, readings: [{ ts: NOW + 3_600_000 }] });
  });

  it('is held against the clock of now: what a wrong clock of the service refused is rescued', async () => {
    const { time, quarantine, send, waiting } = setup();
    time.now = NOW - 30 * DAY;
    await send(JSON.stringify([item({ ph: 7 }, NOW - 1_000), item({ ph: 7.1 }, NOW + DAY)]));
    expect(waiting()[0]?.codes).toEqual({ ts_in_future: 2 });
    time.now = NOW;
    const { readings, rejections } = (await quarantine.replay(waiting()[0]!.id, 'somebody'))!;
    expect([readings, rejections.map(({ index, code }) => [index, code])]).toEqual([1, [[1, 'ts_in_future']]]);
    time.now = NOW + DAY;
    expect(await quarantine.replay(waiting()[0]!.id, 'somebody')).toMatchObject({ rejections: [] });
    expect(waiting()).toEqual([]);
  });

  it('keeps the first receipt as the time of items without one', async () => {
    const { time, quarantine, registry, send, journaled, waiting } = setup();
    await send(JSON.stringify([item({ phlogiston: 1 }), item({ ph: 7 })]));
    const before = journaled().length;
    time.now = NOW + DAY;
    expect(await quarantine.replay(waiting()[0]!.id, 'somebody')).toMatchObject({ readings: 1 });
    expect(journaled()).toHaveLength(before);
    expect(registry.devicesCalled('outlet-1')[0]).toBeDefined();
  });

  it('of a service whose clock was ahead is rescued too, as long as its readings are kept', async () => {
    const { time, quarantine, send, journaled, waiting } = setup(10);
    time.now = NOW + 400 * DAY;
    await send(JSON.stringify([item({ ph: 7 }, NOW - 5 * DAY), item({ ph: 7 }, NOW - 11 * DAY)]));
    expect(waiting()[0]?.codes).toEqual({ ts_too_old: 2 });
    time.now = NOW;
    const { readings, rejections } = (await quarantine.replay(waiting()[0]!.id, 'somebody'))!;
    expect([readings, rejections.map(({ index, code }) => [index, code])]).toEqual([1, [[1, 'ts_too_old']]]);
    expect(journaled()).toHaveLength(1);
  });

  it('writes what was taken before no second time, however often it is refused', async () => {
    const { time, quarantine, send, journaled, waiting } = setup();
    await send(JSON.stringify([item({ ph: 'x' }), item({ ph: 7 }, NOW - 1_000), item({ ph: 8 }, NOW + 3_600_000)]));
    expect(journaled()).toHaveLength(1);
    const { id } = waiting()[0]!;
    for (let n = 0; n < 3; n += 1) expect(await quarantine.replay(id, 'somebody')).toMatchObject({ readings: 1 });
    expect(journaled()).toHaveLength(1);
    time.now = NOW + DAY;
    for (let n = 0; n < 3; n += 1) {
      const { readings, rejections } = (await quarantine.replay(id, 'somebody'))!;
      expect([readings, rejections.map(({ index }) => index)]).toEqual([2, [0]]);
    }
    expect(journaled()).toHaveLength(2);
    expect(JSON.parse(String(journaled()[1]?.payload))).toEqual([
      { values: { ph: 'x' } },
      item({ ph: 8 }, NOW + 3_600_000),
    ]);
    expect(waiting()[0]).toMatchObject({ id, codes: { invalid_value: 1 }, rejections: [{ index: 0 }] });
  });

  it('finds every item that waits, also those whose rejections were only counted', async () => {
    const { time, quarantine, send, journaled, waiting } = setup();
    const ahead = Array.from({ length: 3 * MAX_REJECTIONS }, (_, n) => item({ ph: 7 }, NOW + 3_600_000 + n));
    await send(JSON.stringify([item({ ph: 6 }, NOW), ...ahead]));
    time.now = NOW + DAY;
    const answer = await quarantine.replay(waiting()[0]!.id, 'somebody');
    expect(answer).toEqual({ readings: 1 + ahead.length, rejections: [] });
    expect(JSON.parse(String(journaled()[1]?.payload))).toEqual(ahead);
  });
});
