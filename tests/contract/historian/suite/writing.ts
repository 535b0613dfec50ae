import { describe, expect, it } from 'vitest';
import type { Harness } from '../helpers.js';
import { DAY, HOUR, MINUTE, POWER, readRaw, readValues, readWindows, T0 } from '../readings.js';

/** Writing, repeats and late readings. */
export function writingSuite(h: Harness): void {
  describe('writing', () => {
    it('shows a batch as soon as it is appended, with every column', async () => {
      await h.put({ ts: T0, value: 41.2, flag: 'C', receivedAt: T0 + 1234 });
      expect(await readRaw(h.store, POWER)).toEqual([
        { ts: T0, value: 41.2, flag: 'C', quality: 'flagged', receivedAt: T0 + 1234 },
      ]);
    });

    it('keeps values of every quality, exactly', async () => {
      const values = [0, -0.1, 1e-9, 123456789.123456, Number.MAX_SAFE_INTEGER, 0.1 + 0.2];
      await h.put(...values.map((value, i) => ({ ts: T0 + i, value, quality: 'out_of_range' as const })));
      await h.settle();
      expect((await readRaw(h.store, POWER)).map((row) => row.value)).toEqual(values);
    });

    it('keeps times to the millisecond, received before or long after', async () => {
      await h.put(
        { ts: T0 + 1, value: 1, receivedAt: T0 - 200_000 },
        { ts: T0 + 2, value: 2, receivedAt: T0 + 40 * DAY },
      );
      await h.settle();
      expect((await readRaw(h.store, POWER)).map((row) => row.receivedAt)).toEqual([T0 - 200_000, T0 + 40 * DAY]);
    });

    it('is durable up to the last batch after a flush', async () => {
      expect(h.store.durableSeq()).toBe(0);
      await h.put({ ts: T0, value: 1 });
      await h.putMessages([]);
      await h.store.flush();
      expect(h.store.durableSeq()).toBe(2);
    });
  });

  describe('of readings with the same device, metric and time', () => {
    it('the later in one batch counts', async () => {
      await h.put({ ts: T0, value: 1 }, { ts: T0 + 1, value: 5 }, { ts: T0, value: 2, receivedAt: T0 + 9 });
      expect(await readValues(h.store, POWER)).toEqual([
        [T0, 2],
        [T0 + 1, 5],
      ]);
      await h.settle();
      const rows = await readRaw(h.store, POWER);
      expect(rows.map((row) => row.value)).toEqual([2, 5]);
      expect(rows[0]?.receivedAt).toBe(T0 + 9);
    });

    it('the later batch counts, even when it claims an earlier receipt', async () => {
      await h.put({ ts: T0, value: 1, receivedAt: T0 + 500 });
      await h.put({ ts: T0, value: 2, receivedAt: T0 + 100 });
      expect(await readValues(h.store, POWER)).toEqual([[T0, 2]]);
      await h.settle();
      expect(await readValues(h.store, POWER)).toEqual([[T0, 2]]);
    });

    it('the later counts across seals, before and after compaction', async () => {
      for (const value of [1, 2, 3]) {
        await h.put({ ts: T0, value }, { ts: T0 + value * MINUTE, value });
        await h.store.flush();
      }
      const expected = [
        [T0, 3],
        [T0 + MINUTE, 1],
        [T0 + 2 * MINUTE, 2],
        [T0 + 3 * MINUTE, 3],
      ];
      expect(await readValues(h.store, POWER)).toEqual(expected);
      await h.put({ ts: T0 + 2 * MINUTE, value: 20 });
      expected[2] = [T0 + 2 * MINUTE, 20];
      expect(await readValues(h.store, POWER)).toEqual(expected);
      await h.settle();
      expect(await readValues(h.store, POWER)).toEqual(expected);
      await h.reopen();
      expect(await readValues(h.store, POWER)).toEqual(expected);
    });

    it('one value enters a window, the one that counts', async () => {
      await h.put({ ts: T0, value: 100 }, { ts: T0 + 1, value: 4 });
      await h.store.flush();
      await h.put({ ts: T0, value: 2 });
      const edges = [T0, T0 + HOUR];
      expect(await readWindows(h.store, POWER, 'sum', edges)).toEqual([[T0, 6]]);
      expect(await readWindows(h.store, POWER, 'count', edges)).toEqual([[T0, 2]]);
    });

    it('a bad one that comes later takes the good one out of the statistics', async () => {
      await h.put({ ts: T0, value: 100 }, { ts: T0 + 1, value: 4 });
      await h.store.flush();
      await h.put({ ts: T0, value: 100, flag: 'D' });
      expect(await readWindows(h.store, POWER, 'sum', [T0, T0 + HOUR])).toEqual([[T0, 4]]);
      await h.settle();
      expect(await readWindows(h.store, POWER, 'sum', [T0, T0 + HOUR])).toEqual([[T0, 4]]);
    });
  });

  describe('late readings', () => {
    it('take their place 30 days back and correct the windows they touch', async () => {
      await h.put({ ts: T0, value: 10 }, { ts: T0 - 30 * DAY, value: 3 });
      await h.store.flush();
      await h.put({ ts: T0 + 1, value: 20 });
      await h.put({ ts: T0 - 30 * DAY + MINUTE, value: 5, receivedAt: T0 });
      const edges = [T0 - 30 * DAY, T0 - 29 * DAY, T0, T0 + DAY];
      const expected = [
        [T0 - 30 * DAY, 4],
        [T0, 15],
      ];
      expect(await readWindows(h.store, POWER, 'mean', edges)).toEqual(expected);
      await h.settle();
      expect(await readWindows(h.store, POWER, 'mean', edges)).toEqual(expected);
    });

    it('come back in order of time, whatever the order of arrival', async () => {
      for (const minute of [5, 1, 4, 2, 3]) {
        await h.put({ ts: T0 + minute * MINUTE, value: minute });
        if (minute === 4) await h.store.flush();
      }
      expect((await readRaw(h.store, POWER)).map((row) => row.value)).toEqual([1, 2, 3, 4, 5]);
    });
  });
}
