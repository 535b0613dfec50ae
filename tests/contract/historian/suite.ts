import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceReadings } from '../../../src/domain/reading.js';
import { type HistorianStore, ResultTooLarge } from '../../../src/historian/port.js';
import {
  DAY,
  ENERGY,
  HOUR,
  MINUTE,
  message,
  POWER,
  type Row,
  readRaw,
  readValues,
  readWindows,
  rowsOf,
  T0,
} from './readings.js';

/** A place that keeps a history; `store()` gives a store on it that is not yet open. */
export interface Place {
  store(): HistorianStore;
  dispose(): Promise<void>;
}

const KEEP_ALL = 0;
/** Long after every reading of the suite, so that `maintain` seals and compacts whatever it can. */
const LATER = T0 + 50 * DAY;

/** What every adapter of the historian port has to do. */
export function historianConformance(name: string, makePlace: () => Promise<Place>): void {
  describe(`${name} as a historian`, () => {
    let place: Place;
    let store: HistorianStore;
    let seq = 0;

    beforeEach(async () => {
      place = await makePlace();
      store = place.store();
      seq = 0;
      await store.open();
    });
    afterEach(async () => {
      await store.close();
      await place.dispose();
    });

    const put = (...rows: readonly Row[]) => putMessages(rows.map((row) => message(row)));
    const putMessages = (messages: readonly DeviceReadings[]) => store.append({ seq: ++seq, messages });
    const reopen = async () => {
      await store.close();
      store = place.store();
      await store.open();
    };
    /** Seals and compacts until nothing is left to do. */
    const settle = async () => {
      await store.flush();
      for (let i = 0; i < 5; i += 1) await store.maintain(LATER + i * DAY, KEEP_ALL);
    };

    describe('writing', () => {
      it('shows a batch as soon as it is appended, with every column', async () => {
        await put({ ts: T0, value: 41.2, flag: 'C', receivedAt: T0 + 1234 });
        expect(await readRaw(store, POWER)).toEqual([
          { ts: T0, value: 41.2, flag: 'C', quality: 'flagged', receivedAt: T0 + 1234 },
        ]);
      });

      it('keeps values of every quality, exactly', async () => {
        const values = [0, -0.1, 1e-9, 123456789.123456, Number.MAX_SAFE_INTEGER, 0.1 + 0.2];
        await put(...values.map((value, i) => ({ ts: T0 + i, value, quality: 'out_of_range' as const })));
        await settle();
        expect((await readRaw(store, POWER)).map((row) => row.value)).toEqual(values);
      });

      it('keeps times to the millisecond, received before or long after', async () => {
        await put(
          { ts: T0 + 1, value: 1, receivedAt: T0 - 200_000 },
          { ts: T0 + 2, value: 2, receivedAt: T0 + 40 * DAY },
        );
        await settle();
        expect((await readRaw(store, POWER)).map((row) => row.receivedAt)).toEqual([T0 - 200_000, T0 + 40 * DAY]);
      });

      it('is durable up to the last batch after a flush', async () => {
        expect(store.durableSeq()).toBe(0);
        await put({ ts: T0, value: 1 });
        await putMessages([]);
        await store.flush();
        expect(store.durableSeq()).toBe(2);
      });
    });

    describe('of readings with the same device, metric and time', () => {
      it('the later in one batch counts', async () => {
        await put({ ts: T0, value: 1 }, { ts: T0 + 1, value: 5 }, { ts: T0, value: 2, receivedAt: T0 + 9 });
        expect(await readValues(store, POWER)).toEqual([
          [T0, 2],
          [T0 + 1, 5],
        ]);
        await settle();
        const rows = await readRaw(store, POWER);
        expect(rows.map((row) => row.value)).toEqual([2, 5]);
        expect(rows[0]?.receivedAt).toBe(T0 + 9);
      });

      it('the later batch counts, even when it claims an earlier receipt', async () => {
        await put({ ts: T0, value: 1, receivedAt: T0 + 500 });
        await put({ ts: T0, value: 2, receivedAt: T0 + 100 });
        expect(await readValues(store, POWER)).toEqual([[T0, 2]]);
        await settle();
        expect(await readValues(store, POWER)).toEqual([[T0, 2]]);
      });

      it('the later counts across seals, before and after compaction', async () => {
        for (const value of [1, 2, 3]) {
          await put({ ts: T0, value }, { ts: T0 + value * MINUTE, value });
          await store.flush();
        }
        const expected = [
          [T0, 3],
          [T0 + MINUTE, 1],
          [T0 + 2 * MINUTE, 2],
          [T0 + 3 * MINUTE, 3],
        ];
        expect(await readValues(store, POWER)).toEqual(expected);
        await put({ ts: T0 + 2 * MINUTE, value: 20 });
        expected[2] = [T0 + 2 * MINUTE, 20];
        expect(await readValues(store, POWER)).toEqual(expected);
        await settle();
        expect(await readValues(store, POWER)).toEqual(expected);
        await reopen();
        expect(await readValues(store, POWER)).toEqual(expected);
      });

      it('one value enters a window, the one that counts', async () => {
        await put({ ts: T0, value: 100 }, { ts: T0 + 1, value: 4 });
        await store.flush();
        await put({ ts: T0, value: 2 });
        const edges = [T0, T0 + HOUR];
        expect(await readWindows(store, POWER, 'sum', edges)).toEqual([[T0, 6]]);
        expect(await readWindows(store, POWER, 'count', edges)).toEqual([[T0, 2]]);
      });

      it('a bad one that comes later takes the good one out of the statistics', async () => {
        await put({ ts: T0, value: 100 }, { ts: T0 + 1, value: 4 });
        await store.flush();
        await put({ ts: T0, value: 100, flag: 'D' });
        expect(await readWindows(store, POWER, 'sum', [T0, T0 + HOUR])).toEqual([[T0, 4]]);
        await settle();
        expect(await readWindows(store, POWER, 'sum', [T0, T0 + HOUR])).toEqual([[T0, 4]]);
      });
    });

    describe('late readings', () => {
      it('take their place 30 days back and correct the windows they touch', async () => {
        await put({ ts: T0, value: 10 }, { ts: T0 - 30 * DAY, value: 3 });
        await store.flush();
        await put({ ts: T0 + 1, value: 20 });
        await put({ ts: T0 - 30 * DAY + MINUTE, value: 5, receivedAt: T0 });
        const edges = [T0 - 30 * DAY, T0 - 29 * DAY, T0, T0 + DAY];
        const expected = [
          [T0 - 30 * DAY, 4],
          [T0, 15],
        ];
        expect(await readWindows(store, POWER, 'mean', edges)).toEqual(expected);
        await settle();
        expect(await readWindows(store, POWER, 'mean', edges)).toEqual(expected);
      });

      it('come back in order of time, whatever the order of arrival', async () => {
        for (const minute of [5, 1, 4, 2, 3]) {
          await put({ ts: T0 + minute * MINUTE, value: minute });
          if (minute === 4) await store.flush();
        }
        expect((await readRaw(store, POWER)).map((row) => row.value)).toEqual([1, 2, 3, 4, 5]);
      });
    });

    describe('raw reads', () => {
      it('take the start in and leave the end out', async () => {
        await put(...[0, 1, 2, 3].map((i) => ({ ts: T0 + i, value: i })));
        for (const sealed of [false, true]) {
          if (sealed) await settle();
          const rows = await readRaw(store, POWER, T0 + 1, T0 + 3);
          expect(rows.map((row) => row.value)).toEqual([1, 2]);
        }
      });

      it('give series in the order asked, times rising, and never an empty chunk', async () => {
        await put(
          { ts: T0, value: 1, metric: 'a_kw' },
          { ts: T0, value: 2, metric: 'b_kw' },
          { ts: T0 + 1, value: 3, metric: 'a_kw' },
        );
        const keys = ['b_kw', 'never_seen', 'a_kw'].map((metric) => ({ device: POWER.device, metric }));
        const seen: [string, number[]][] = [];
        for await (const chunk of store.raw({ series: keys, from: T0, to: T0 + DAY, limit: 10 })) {
          seen.push([chunk.series.metric, rowsOf(chunk).map((row) => row.value)]);
        }
        expect(seen).toEqual([
          ['b_kw', [2]],
          ['a_kw', [1, 3]],
        ]);
      });

      it('give nothing for a series or a stretch without readings', async () => {
        await put({ ts: T0, value: 1 });
        expect(await readRaw(store, { device: "x'; DROP TABLE hot; --", metric: 'ph' })).toEqual([]);
        expect(await readRaw(store, POWER, T0 + 1, T0 + DAY)).toEqual([]);
        expect(await readRaw(store, POWER, T0, T0)).toEqual([]);
        expect(await readWindows(store, { device: 'nobody', metric: 'ph' }, 'mean', [T0, T0 + 1])).toEqual([]);
      });

      it('answer a result of exactly the limit, and refuse one more before the first chunk', async () => {
        const count = 30_000;
        await put(...Array.from({ length: count }, (_, i) => ({ ts: T0 + i * 1000, value: i })));
        await put({ ts: T0, value: 7 });
        const query = { series: [POWER], from: T0, to: T0 + DAY };
        let rows = 0;
        for await (const chunk of store.raw({ ...query, limit: count })) rows += chunk.ts.length;
        expect(rows).toBe(count);
        const refused = store.raw({ ...query, limit: count - 1 })[Symbol.asyncIterator]();
        await expect(refused.next()).rejects.toThrow(ResultTooLarge);
      });

      it('refuse a very long result before its first chunk too', async () => {
        const count = 90_000;
        await put(...Array.from({ length: count }, (_, i) => ({ ts: T0 + i * 1000, value: i })));
        await store.flush();
        const query = { series: [POWER], from: T0, to: T0 + 2 * DAY };
        const refused = store.raw({ ...query, limit: count - 1 })[Symbol.asyncIterator]();
        await expect(refused.next()).rejects.toMatchObject({ name: 'ResultTooLarge', limit: count - 1 });
        let rows = 0;
        for await (const chunk of store.raw({ ...query, limit: count })) rows += chunk.ts.length;
        expect(rows).toBe(count);
      });

      it('stop early when the reader does, and leave the store usable', async () => {
        await put(...Array.from({ length: 40_000 }, (_, i) => ({ ts: T0 + i * 1000, value: i })));
        for await (const chunk of store.raw({ series: [POWER], from: T0, to: T0 + DAY, limit: 100_000 })) {
          expect(chunk.ts[0]).toBe(T0);
          break;
        }
        expect(await readValues(store, POWER)).toHaveLength(40_000);
      });
    });

    describe('windows', () => {
      /** Two hours: 10, 30, 20 in the first, nothing in the second, 7 in the third. */
      const rows = [
        { ts: T0 + 10 * MINUTE, value: 10 },
        { ts: T0 + 40 * MINUTE, value: 20 },
        { ts: T0 + 20 * MINUTE, value: 30 },
        { ts: T0 + 30 * MINUTE, value: 9999, quality: 'out_of_range' as const },
        { ts: T0 + 50 * MINUTE, value: 5, flag: 'M' as const },
        { ts: T0 + 90 * MINUTE, value: 5, flag: 'D' as const },
        { ts: T0 + 2 * HOUR, value: 7 },
        { ts: T0 + 3 * HOUR, value: 1000 },
      ];
      const hours = [T0, T0 + HOUR, T0 + 2 * HOUR, T0 + 3 * HOUR];
      /** Edges of unequal width around the same readings. */
      const uneven = [T0, T0 + 2 * HOUR, T0 + 3 * HOUR, T0 + 30 * DAY];
      const golden = {
        mean: [20, 7, 1000],
        min: [10, 7, 1000],
        max: [30, 7, 1000],
        first: [10, 7, 1000],
        last: [20, 7, 1000],
        sum: [60, 7, 1000],
        count: [3, 1, 1],
      } as const;

      for (const [fn, [first, third, rest]] of Object.entries(golden)) {
        it(`work out ${fn} of the good values, gaps left out`, async () => {
          await put(...rows);
          for (const sealed of [false, true]) {
            if (sealed) await settle();
            const windows = (edges: number[]) => readWindows(store, POWER, fn as keyof typeof golden, edges);
            expect(await windows(hours)).toEqual([
              [T0, first],
              [T0 + 2 * HOUR, third],
            ]);
            expect(await windows(uneven)).toEqual([
              [T0, first],
              [T0 + 2 * HOUR, third],
              [T0 + 3 * HOUR, rest],
            ]);
          }
        });
      }

      it('put a reading on an edge into the window it starts', async () => {
        await put(
          { ts: T0 - 1, value: 1 },
          { ts: T0, value: 2 },
          { ts: T0 + HOUR - 1, value: 3 },
          { ts: T0 + HOUR, value: 4 },
        );
        const edges = [T0 - HOUR, T0, T0 + HOUR];
        expect(await readWindows(store, POWER, 'sum', edges)).toEqual([
          [T0 - HOUR, 1],
          [T0, 5],
        ]);
      });

      it('serve several series of several days at once', async () => {
        const devices = ['m-1', 'm-2', 'm-3'];
        for (let day = 0; day < 3; day += 1) {
          await put(...devices.map((device, i) => ({ device, ts: T0 + day * DAY, value: 10 * i + day })));
          await store.flush();
        }
        const series = [...devices].reverse().map((device) => ({ device, metric: POWER.metric }));
        const edges = Float64Array.from([T0, T0 + DAY, T0 + 2 * DAY, T0 + 3 * DAY]);
        const seen: [string, number[]][] = [];
        for await (const chunk of store.windows({ series, edges, fn: 'last' })) {
          seen.push([chunk.series.device, [...chunk.value]]);
        }
        expect(seen).toEqual([
          ['m-3', [20, 21, 22]],
          ['m-2', [10, 11, 12]],
          ['m-1', [0, 1, 2]],
        ]);
      });
    });

    describe('the delta of a counter', () => {
      const energy = (points: readonly (readonly [hour: number, kwh: number])[]) =>
        points.map(([hour, value]) => ({ metric: ENERGY.metric, ts: T0 + hour * HOUR, value }));
      const hours = (n: number) => Array.from({ length: n + 1 }, (_, i) => T0 + i * HOUR);

      it('starts from the last reading before the first window, however long ago', async () => {
        await put(...energy([[-20 * 24, 100]]));
        await store.flush();
        await put(
          ...energy([
            [0.5, 130],
            [1.5, 131],
            [1.75, 133],
          ]),
        );
        expect(await readWindows(store, ENERGY, 'delta', hours(2))).toEqual([
          [T0, 30],
          [T0 + HOUR, 3],
        ]);
      });

      it('counts nothing for the first reading there ever was', async () => {
        await put(
          ...energy([
            [0.5, 5000],
            [0.75, 5001],
          ]),
        );
        expect(await readWindows(store, ENERGY, 'delta', hours(1))).toEqual([[T0, 1]]);
      });

      it('leaves out hours without a reading and gives their rise to the hour in which the next one lies', async () => {
        await put(
          ...energy([
            [-0.5, 10],
            [0.5, 11],
            [3.5, 17],
          ]),
        );
        expect(await readWindows(store, ENERGY, 'delta', hours(4))).toEqual([
          [T0, 1],
          [T0 + 3 * HOUR, 6],
        ]);
      });

      it('counts from zero after a reset that the next reading confirms', async () => {
        await put(
          ...energy([
            [-0.5, 1000],
            [0.5, 1010],
            [1.5, 4],
            [2.5, 9],
          ]),
        );
        expect(await readWindows(store, ENERGY, 'delta', hours(3))).toEqual([
          [T0, 10],
          [T0 + HOUR, 0],
          [T0 + 2 * HOUR, 9],
        ]);
      });

      it('counts across the roll-over of the register', async () => {
        await put(
          ...energy([
            [-0.5, 99_999_990],
            [0.5, 99_999_995],
            [1.5, 7],
          ]),
        );
        const [first, second] = await readWindows(store, ENERGY, 'delta', hours(2));
        expect(first).toEqual([T0, 5]);
        expect(second?.[1]).toBeCloseTo(12, 1);
      });

      it('counts neither the fall nor the recovery of a glitch', async () => {
        await put(
          ...energy([
            [-0.5, 53_700],
            [0.5, 53_701],
            [1.5, 0],
            [2.5, 53_703],
          ]),
        );
        const deltas = await readWindows(store, ENERGY, 'delta', hours(3));
        expect(deltas.reduce((sum, [, value]) => sum + value, 0)).toBe(3);
      });

      it('looks past readings that are not good', async () => {
        await put(
          ...energy([
            [-0.5, 10],
            [0.5, 12],
          ]),
          {
            metric: ENERGY.metric,
            ts: T0 + 0.7 * HOUR,
            value: 500,
            flag: 'C',
          },
        );
        expect(await readWindows(store, ENERGY, 'delta', hours(2))).toEqual([[T0, 2]]);
      });
    });

    describe('latest values', () => {
      it('are the newest by event time, whatever arrived last and whatever its quality', async () => {
        await put({ ts: T0 + 5, value: 5, flag: 'D', receivedAt: T0 + 77 }, { ts: T0, value: 1 });
        await put({ ts: T0 + 3, value: 3 });
        expect(await store.latest({})).toEqual([
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

      it('of the same time follow the later arrival', async () => {
        await put({ ts: T0, value: 1 }, { ts: T0, value: 2 });
        await put({ ts: T0, value: 3 });
        expect((await store.latest({})).map((row) => row.value)).toEqual([3]);
      });

      it('can be asked for by park, domain and device', async () => {
        await putMessages([
          message({ ts: T0, value: 1, device: 'd-1' }, 'park-a', 'energy'),
          message({ ts: T0, value: 2, device: 'd-2' }, 'park-a', 'fire'),
          message({ ts: T0, value: 3, device: 'd-3' }, 'park-b', 'fire'),
        ]);
        const values = async (query: Parameters<HistorianStore['latest']>[0]) =>
          (await store.latest(query)).map((row) => row.value).sort();
        expect(await values({})).toEqual([1, 2, 3]);
        expect(await values({ park: 'park-a' })).toEqual([1, 2]);
        expect(await values({ domain: 'fire' })).toEqual([2, 3]);
        expect(await values({ park: 'park-a', domain: 'fire' })).toEqual([2]);
        expect(await values({ device: 'd-3' })).toEqual([3]);
        expect(await values({ device: 'd-3', park: 'park-a' })).toEqual([]);
      });

      it('survive a restart', async () => {
        await put({ ts: T0 + 9, value: 9 }, { ts: T0, value: 1 }, { ts: T0, value: 3, metric: 'b_kw' });
        const before = await store.latest({});
        await store.flush();
        await reopen();
        expect(await store.latest({})).toEqual(before);
      });
    });

    describe('a restart', () => {
      it('keeps everything up to the durable sequence, and takes the rest again from the journal', async () => {
        await put({ ts: T0, value: 1 });
        await store.flush();
        await put({ ts: T0 + 1, value: 2 });
        const rest = { seq, messages: [message({ ts: T0 + 1, value: 2 })] };
        await reopen();
        const durable = store.durableSeq();
        expect(durable).toBeGreaterThanOrEqual(1);
        await store.append(rest);
        expect(await readValues(store, POWER)).toEqual([
          [T0, 1],
          [T0 + 1, 2],
        ]);
      });

      it('lets no batch that was already taken win over a later one', async () => {
        const old = { seq: 1, messages: [message({ ts: T0, value: 1 })] };
        await store.append(old);
        await store.append({ seq: 2, messages: [message({ ts: T0, value: 2 })] });
        await store.flush();
        await store.append(old);
        expect(await readValues(store, POWER)).toEqual([[T0, 2]]);
        await reopen();
        await store.append(old);
        await store.append({ seq: 2, messages: [message({ ts: T0, value: 2 })] });
        expect(await readValues(store, POWER)).toEqual([[T0, 2]]);
        expect((await store.latest({})).map((row) => row.value)).toEqual([2]);
      });
    });

    describe('retention', () => {
      it('drops days that are wholly before the bound and keeps the rest', async () => {
        await put(...[-3, -2, -1, 0].map((day) => ({ ts: T0 + day * DAY + HOUR, value: day })));
        await put({ ts: T0 - 3 * DAY, value: 9, device: 'gone-1' });
        await store.flush();
        await store.maintain(LATER, T0 - DAY + HOUR);
        expect((await readRaw(store, POWER)).map((row) => row.value)).toEqual([-1, 0]);
        expect((await store.latest({})).map((row) => row.device)).toEqual([POWER.device]);
        await reopen();
        expect((await readRaw(store, POWER)).map((row) => row.value)).toEqual([-1, 0]);
      });
    });
  });
}
