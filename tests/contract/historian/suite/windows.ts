import { describe, expect, it } from 'vitest';
import type { Harness } from '../helpers.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, readWindows, T0 } from '../readings.js';

/** Windows and counters. */
export function windowSuite(h: Harness): void {
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
        await h.put(...rows);
        for (const sealed of [false, true]) {
          if (sealed) await h.settle();
          const windows = (edges: number[]) => readWindows(h.store, POWER, fn as keyof typeof golden, edges);
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
      await h.put(
        { ts: T0 - 1, value: 1 },
        { ts: T0, value: 2 },
        { ts: T0 + HOUR - 1, value: 3 },
        { ts: T0 + HOUR, value: 4 },
      );
      const edges = [T0 - HOUR, T0, T0 + HOUR];
      expect(await readWindows(h.store, POWER, 'sum', edges)).toEqual([
        [T0 - HOUR, 1],
        [T0, 5],
      ]);
    });

    it('serve several series of several days at once', async () => {
      const devices = ['park-a/m-1', 'park-a/m-2', 'park-a/m-3'] as const;
      for (let day = 0; day < 3; day += 1) {
        await h.put(...devices.map((device, i) => ({ device, ts: T0 + day * DAY, value: 10 * i + day })));
        await h.store.flush();
      }
      const series = [...devices].reverse().map((device) => ({ device, metric: POWER.metric }));
      const edges = Float64Array.from([T0, T0 + DAY, T0 + 2 * DAY, T0 + 3 * DAY]);
      const seen: [string, number[]][] = [];
      for await (const chunk of h.store.windows({ series, edges, fn: 'last' })) {
        seen.push([chunk.series.device, [...chunk.value]]);
      }
      expect(seen).toEqual([
        ['park-a/m-3', [20, 21, 22]],
        ['park-a/m-2', [10, 11, 12]],
        ['park-a/m-1', [0, 1, 2]],
      ]);
    });
  });

  describe('the delta of a counter', () => {
    const energy = (points: readonly (readonly [hour: number, kwh: number])[]) =>
      points.map(([hour, value]) => ({ metric: ENERGY.metric, ts: T0 + hour * HOUR, value }));
    const hours = (n: number) => Array.from({ length: n + 1 }, (_, i) => T0 + i * HOUR);

    it('starts from the last reading before the first window, however long ago', async () => {
      await h.put(...energy([[-20 * 24, 100]]));
      await h.store.flush();
      await h.put(
        ...energy([
          [0.5, 130],
          [1.5, 131],
          [1.75, 133],
        ]),
      );
      expect(await readWindows(h.store, ENERGY, 'delta', hours(2))).toEqual([
        [T0, 30],
        [T0 + HOUR, 3],
      ]);
    });

    it('counts nothing for the first reading there ever was', async () => {
      await h.put(
        ...energy([
          [0.5, 5000],
          [0.75, 5001],
        ]),
      );
      expect(await readWindows(h.store, ENERGY, 'delta', hours(1))).toEqual([[T0, 1]]);
    });

    it('leaves out hours without a reading and gives their rise to the hour in which the next one lies', async () => {
      await h.put(
        ...energy([
          [-0.5, 10],
          [0.5, 11],
          [3.5, 17],
        ]),
      );
      expect(await readWindows(h.store, ENERGY, 'delta', hours(4))).toEqual([
        [T0, 1],
        [T0 + 3 * HOUR, 6],
      ]);
    });

    it('counts from zero after a reset that the next reading confirms', async () => {
      await h.put(
        ...energy([
          [-0.5, 1000],
          [0.5, 1010],
          [1.5, 4],
          [2.5, 9],
        ]),
      );
      expect(await readWindows(h.store, ENERGY, 'delta', hours(3))).toEqual([
        [T0, 10],
        [T0 + HOUR, 0],
        [T0 + 2 * HOUR, 9],
      ]);
    });

    it('counts across the roll-over of the register', async () => {
      await h.put(
        ...energy([
          [-0.5, 99_999_990],
          [0.5, 99_999_995],
          [1.5, 7],
        ]),
      );
      const [first, second] = await readWindows(h.store, ENERGY, 'delta', hours(2));
      expect(first).toEqual([T0, 5]);
      expect(second?.[1]).toBeCloseTo(12, 1);
    });

    it('counts neither the fall nor the recovery of a glitch', async () => {
      await h.put(
        ...energy([
          [-0.5, 53_700],
          [0.5, 53_701],
          [1.5, 0],
          [2.5, 53_703],
        ]),
      );
      const deltas = await readWindows(h.store, ENERGY, 'delta', hours(3));
      expect(deltas.reduce((sum, [, value]) => sum + value, 0)).toBe(3);
    });

    it('looks past readings that are not good', async () => {
      await h.put(
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
      expect(await readWindows(h.store, ENERGY, 'delta', hours(2))).toEqual([[T0, 2]]);
    });
  });
}
