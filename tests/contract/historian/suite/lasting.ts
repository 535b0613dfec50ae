import { describe, expect, it } from 'vitest';
import type { HistorianStore } from '../../../../src/historian/port/store.js';
import type { Harness } from '../helpers.js';
import { DAY, HOUR, message, POWER, readRaw, readValues, readWindows, T0 } from '../readings.js';

/** Latest values, restarts and retention. */
export function lastingSuite(h: Harness): void {
  describe('latest values', () => {
    it('are the newest by event time, whatever arrived last and whatever its quality', async () => {
      await h.put({ ts: T0 + 5, value: 5, flag: 'D', receivedAt: T0 + 77 }, { ts: T0, value: 1 });
      await h.put({ ts: T0 + 3, value: 3 });
      expect(await h.store.latest({})).toEqual([
        {
          ...POWER,
          park: 'park-a',
          domain: 'energy',
          ts: T0 + 5,
          value: 5,
          flag: 'D',
          quality: 'flagged',
          receivedAt: T0 + 77,
        },
      ]);
    });

    it('of the future give way once the clock is right again, and stay away after a restart', async () => {
      expect(await h.store.latest({})).toEqual([]);
      await h.put({ ts: T0 + HOUR, value: 9, receivedAt: T0 + HOUR });
      await h.put({ ts: T0 + 1_000, value: 1, receivedAt: T0 + 1_000 });
      expect((await h.store.latest({})).map((row) => row.value)).toEqual([1]);
      await h.put({ ts: T0 + 500, value: 2, receivedAt: T0 + 2_000 });
      expect((await h.store.latest({})).map((row) => row.value)).toEqual([1]);
      await h.settle();
      await h.put({ ts: T0 + 3_000, value: 3, receivedAt: T0 + 3_000 });
      expect((await h.store.latest({})).map((row) => row.value)).toEqual([3]);
    });

    it('of the same time follow the later arrival', async () => {
      await h.put({ ts: T0, value: 1 }, { ts: T0, value: 2 });
      await h.put({ ts: T0, value: 3 });
      expect((await h.store.latest({})).map((row) => row.value)).toEqual([3]);
    });

    it('can be asked for by park, domain and device', async () => {
      await h.putMessages([
        message({ ts: T0, value: 1, device: 'park-a/d-1' }, 'park-a', 'energy'),
        message({ ts: T0, value: 2, device: 'park-a/d-2' }, 'park-a', 'fire'),
        message({ ts: T0, value: 3, device: 'park-a/d-3' }, 'park-b', 'fire'),
      ]);
      const values = async (query: Parameters<HistorianStore['latest']>[0]) =>
        (await h.store.latest(query)).map((row) => row.value).sort();
      expect(await values({})).toEqual([1, 2, 3]);
      expect(await values({ park: 'park-a' })).toEqual([1, 2]);
      expect(await values({ domain: 'fire' })).toEqual([2, 3]);
      expect(await values({ park: 'park-a', domain: 'fire' })).toEqual([2]);
      expect(await values({ device: 'park-b/d-3' })).toEqual([3]);
      expect(await values({ device: 'park-b/d-3', park: 'park-a' })).toEqual([]);
    });

    it('are of the park that is asked for, where two have a device of one id', async () => {
      const [inA, inB] = (['park-a/d-1', 'park-b/d-1'] as const).map((device) => ({ ...POWER, device }));
      const put = (ts: number, a: number, b: number) =>
        h.putMessages([
          message({ ts, value: a, device: 'd-1' }, 'park-a'),
          message({ ts, value: b, device: 'd-1' }, 'park-b'),
        ]);
      for (const [hour, a, b] of [
        [0, 1, 10],
        [1, 2, 20],
        [2, 3, 30],
      ] as const)
        await put(T0 + hour * HOUR, a, b);
      const check = async (last: number) => {
        const latest = await h.store.latest({});
        expect(latest.map(({ device, park, value }) => [device, park, value]).sort()).toEqual([
          ['park-a/d-1', 'park-a', 3],
          ['park-b/d-1', 'park-b', last],
        ]);
        expect((await readValues(h.store, inB!)).map(([, value]) => value)).toEqual([10, 20, last]);
        expect((await readValues(h.store, inA!)).map(([, value]) => value)).toEqual([1, 2, 3]);
        const edges = [0, 1, 2, 3].map((hour) => T0 + hour * HOUR);
        expect(await readWindows(h.store, inB!, 'max', edges)).toEqual([10, 20, last].map((v, i) => [edges[i], v]));
        expect(await readWindows(h.store, inA!, 'max', edges)).toEqual([1, 2, 3].map((v, i) => [edges[i], v]));
      };
      await check(30);
      await h.store.flush();
      await h.reopen();
      await check(30);
      await h.putMessages([message({ ts: T0 + 2 * HOUR, value: 31, device: 'd-1' }, 'park-b')]);
      await check(31);
    });

    it('survive a restart', async () => {
      await h.put({ ts: T0 + 9, value: 9 }, { ts: T0, value: 1 }, { ts: T0, value: 3, metric: 'b_kw' });
      const before = await h.store.latest({});
      await h.store.flush();
      await h.reopen();
      expect(await h.store.latest({})).toEqual(before);
    });
  });

  describe('a restart', () => {
    it('keeps everything up to the durable sequence, and takes the rest again from the journal', async () => {
      await h.put({ ts: T0, value: 1 });
      await h.store.flush();
      await h.put({ ts: T0 + 1, value: 2 });
      const rest = { seq: h.seq, messages: [message({ ts: T0 + 1, value: 2 })] };
      await h.reopen();
      const durable = h.store.durableSeq();
      expect(durable).toBeGreaterThanOrEqual(1);
      await h.store.append([rest]);
      expect(await readValues(h.store, POWER)).toEqual([
        [T0, 1],
        [T0 + 1, 2],
      ]);
    });

    it('lets no batch that was already taken win over a later one', async () => {
      const old = { seq: 1, messages: [message({ ts: T0, value: 1 })] };
      await h.store.append([old]);
      await h.store.append([{ seq: 2, messages: [message({ ts: T0, value: 2 })] }]);
      await h.store.flush();
      await h.store.append([old]);
      expect(await readValues(h.store, POWER)).toEqual([[T0, 2]]);
      await h.reopen();
      await h.store.append([old]);
      await h.store.append([{ seq: 2, messages: [message({ ts: T0, value: 2 })] }]);
      expect(await readValues(h.store, POWER)).toEqual([[T0, 2]]);
      expect((await h.store.latest({})).map((row) => row.value)).toEqual([2]);
    });
  });

  describe('retention', () => {
    it('drops days that are wholly before the bound and keeps the rest', async () => {
      await h.put(...[-3, -2, -1, 0].map((day) => ({ ts: T0 + day * DAY + HOUR, value: day })));
      await h.put({ ts: T0 - 3 * DAY, value: 9, device: 'park-a/gone-1' });
      await h.settle(T0 - DAY + HOUR);
      expect((await readRaw(h.store, POWER)).map((row) => row.value)).toEqual([-1, 0]);
      expect((await h.store.latest({})).map((row) => row.device)).toEqual([POWER.device]);
      await h.reopen();
      expect((await readRaw(h.store, POWER)).map((row) => row.value)).toEqual([-1, 0]);
    });
  });
}
