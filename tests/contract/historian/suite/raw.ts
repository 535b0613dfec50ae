import { describe, expect, it } from 'vitest';
import { ResultTooLargeError } from '../../../../src/historian/port/errors.js';
import type { Harness } from '../helpers.js';
import { DAY, POWER, readRaw, readValues, readWindows, rowsOf, T0 } from '../readings.js';

/** Raw reads. */
export function rawSuite(h: Harness): void {
  describe('raw reads', () => {
    it('take the start in and leave the end out', async () => {
      await h.put(...[0, 1, 2, 3].map((i) => ({ ts: T0 + i, value: i })));
      for (const sealed of [false, true]) {
        if (sealed) await h.settle();
        const rows = await readRaw(h.store, POWER, T0 + 1, T0 + 3);
        expect(rows.map((row) => row.value)).toEqual([1, 2]);
      }
    });

    it('give series in the order asked, times rising, and never an empty chunk', async () => {
      await h.put(
        { ts: T0, value: 1, metric: 'a_kw' },
        { ts: T0, value: 2, metric: 'b_kw' },
        { ts: T0 + 1, value: 3, metric: 'a_kw' },
      );
      const keys = ['b_kw', 'never_seen', 'a_kw'].map((metric) => ({ device: POWER.device, metric }));
      const seen: [string, number[]][] = [];
      for await (const chunk of h.store.raw({ series: keys, from: T0, to: T0 + DAY, limit: 10 })) {
        seen.push([chunk.series.metric, rowsOf(chunk).map((row) => row.value)]);
      }
      expect(seen).toEqual([
        ['b_kw', [2]],
        ['a_kw', [1, 3]],
      ]);
    });

    it('give nothing for a series or a stretch without readings', async () => {
      await h.put({ ts: T0, value: 1 });
      expect(await readRaw(h.store, { device: "park-a/x'; DROP TABLE hot; --", metric: 'ph' })).toEqual([]);
      expect(await readRaw(h.store, POWER, T0 + 1, T0 + DAY)).toEqual([]);
      expect(await readRaw(h.store, POWER, T0, T0)).toEqual([]);
      expect(await readWindows(h.store, { device: 'park-a/nobody', metric: 'ph' }, 'mean', [T0, T0 + 1])).toEqual([]);
    });

    it('answer a result of exactly the limit, and refuse one more before the first chunk', async () => {
      const count = 30_000;
      await h.put(...Array.from({ length: count }, (_, i) => ({ ts: T0 + i * 1000, value: i })));
      await h.put({ ts: T0, value: 7 });
      const query = { series: [POWER], from: T0, to: T0 + DAY };
      let rows = 0;
      for await (const chunk of h.store.raw({ ...query, limit: count })) rows += chunk.ts.length;
      expect(rows).toBe(count);
      const refused = h.store.raw({ ...query, limit: count - 1 })[Symbol.asyncIterator]();
      await expect(refused.next()).rejects.toThrow(ResultTooLargeError);
    });

    it('refuse a very long result before its first chunk too', async () => {
      const count = 90_000;
      await h.put(...Array.from({ length: count }, (_, i) => ({ ts: T0 + i * 1000, value: i })));
      await h.store.flush();
      const query = { series: [POWER], from: T0, to: T0 + 2 * DAY };
      const refused = h.store.raw({ ...query, limit: count - 1 })[Symbol.asyncIterator]();
      await expect(refused.next()).rejects.toMatchObject({ name: 'ResultTooLargeError', limit: count - 1 });
      let rows = 0;
      for await (const chunk of h.store.raw({ ...query, limit: count })) rows += chunk.ts.length;
      expect(rows).toBe(count);
    });

    it('stop early when the reader does, and leave the store usable', async () => {
      await h.put(...Array.from({ length: 40_000 }, (_, i) => ({ ts: T0 + i * 1000, value: i })));
      for await (const chunk of h.store.raw({ series: [POWER], from: T0, to: T0 + DAY, limit: 100_000 })) {
        expect(chunk.ts[0]).toBe(T0);
        break;
      }
      expect(await readValues(h.store, POWER)).toHaveLength(40_000);
    });
  });
}
