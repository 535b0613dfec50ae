import { describe, expect, it } from 'vitest';
import { withoutOvertaken } from '../../../../src/historian/worker-thread/versions/replays.js';
import type { DeviceReadings } from '../../../../src/model/reading.js';
import type { Harness } from '../helpers.js';
import { DAY, HOUR, message, POWER, type Row, readRaw, readValues, readWindows, T0 } from '../readings.js';

/** Messages that waited in quarantine: what arrived later, by the first receipt, stays. */
export function replaySuite(h: Harness): void {
  const replayed = (row: Row): DeviceReadings => ({ ...message(row), replayedAt: T0 + 3 * DAY });
  /** As the writer does. */
  const replay = async (...messages: readonly DeviceReadings[]) => {
    const [batch] = await withoutOvertaken(h.store, [{ seq: h.seq + 1, messages }]);
    await h.putMessages(batch!.messages);
    return batch!.messages.flatMap(({ readings }) => readings).length;
  };

  describe('of what is replayed', () => {
    it('an old value does not stand for the correction that arrived after it, in any answer', async () => {
      await h.put({ ts: T0, value: 41, receivedAt: T0 + HOUR }, { ts: T0 + 1, value: 7, receivedAt: T0 + HOUR });
      await h.settle();
      expect(await replay(replayed({ ts: T0, value: 500, receivedAt: T0 + 1 }))).toBe(0);
      await h.settle();
      expect(await readRaw(h.store, POWER)).toMatchObject([{ value: 41, receivedAt: T0 + HOUR }, { value: 7 }]);
      expect(await readWindows(h.store, POWER, 'max', [T0, T0 + DAY])).toEqual([[T0, 41]]);
      expect(await h.store.latest({ device: POWER.device })).toMatchObject([{ ts: T0 + 1, value: 7 }]);
    });

    it('a value that arrived after what is there takes its place, and one that is there is not written again', async () => {
      await h.put({ ts: T0, value: 500, receivedAt: T0 + 1 });
      const message = replayed({ ts: T0, value: 41, receivedAt: T0 + HOUR });
      expect([await replay(message), await replay(message)]).toEqual([1, 0]);
      expect(await readValues(h.store, POWER)).toEqual([[T0, 41]]);
      await h.settle();
      expect(await readRaw(h.store, POWER)).toMatchObject([{ value: 41, receivedAt: T0 + HOUR }]);
    });

    it('an old value does not become the latest, though its first receipt was before that of the latest', async () => {
      await h.put({ ts: T0 + 2 * DAY, value: 7, receivedAt: T0 + 2 * DAY });
      expect(await replay(replayed({ ts: T0, value: 500, receivedAt: T0 + 1 }))).toBe(1);
      await h.settle();
      expect(await h.store.latest({ device: POWER.device })).toMatchObject([{ ts: T0 + 2 * DAY, value: 7 }]);
    });

    it('what stands before it in the same batch counts as well', async () => {
      const live = message({ ts: T0, value: 41, receivedAt: T0 + HOUR });
      expect(await replay(live, replayed({ ts: T0, value: 500, receivedAt: T0 + 1 }))).toBe(1);
      expect(await readValues(h.store, POWER)).toEqual([[T0, 41]]);
    });

    it('times far apart are each looked up', async () => {
      await h.put(
        { ts: T0, value: 1, receivedAt: T0 + HOUR },
        { ts: T0 + 2 * DAY, value: 2, receivedAt: T0 + 2 * DAY },
      );
      const [first, second] = [T0, T0 + 2 * DAY].map((ts) => replayed({ ts, value: 9, receivedAt: T0 + 2 * HOUR }));
      const both = { ...first!, readings: [...first!.readings, ...second!.readings] };
      expect(await replay(both)).toBe(1);
      expect(await readValues(h.store, POWER)).toEqual([
        [T0, 9],
        [T0 + 2 * DAY, 2],
      ]);
    });
  });
}
