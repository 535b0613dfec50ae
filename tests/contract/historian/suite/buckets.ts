import { describe, expect, it } from 'vitest';
import type { BucketLevel, SeriesKey, WindowFunction } from '../../../../src/historian/port/queries.js';
import type { Harness } from '../helpers.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, type Row, readWindows, T0 } from '../readings.js';

/** Midnight in the roll-ups' zone, before T0. */
const MIDNIGHT = T0 - 8 * HOUR;
const [FROM, TO] = [MIDNIGHT - DAY, MIDNIGHT + 4 * DAY];

type Columns = Readonly<Record<string, number>>;

const rows: readonly Row[] = Array.from({ length: 3 * 144 }, (_, i) => i).flatMap((i): Row[] => {
  const ts = MIDNIGHT + HOUR + i * 10 * MINUTE + (i % 7);
  const energy = 1000 + i * 2 + (i % 3) / 8;
  return [
    ...(i % 50 > 40 ? [] : [{ ts, value: Math.round(1e4 * Math.sin(i) + i) / 100 }]),
    { ts, value: i % 97 > 90 ? 0 : i > 300 ? energy - 1600 : energy, metric: ENERGY.metric },
  ];
});

/** The buckets of roll-ups, before and after they are made. */
export function bucketSuite(h: Harness): void {
  const bucketsOf = async (series: SeriesKey, level: BucketLevel, from = FROM, to = TO) => {
    const found: Columns[] = [];
    for await (const { series: key, ...columns } of h.store.buckets({ series: [series], level, from, to })) {
      expect(key).toEqual(series);
      columns.start.forEach((_, i) => {
        found.push(Object.fromEntries(Object.entries(columns).map(([field, column]) => [field, column[i]!])));
      });
    }
    return found;
  };
  const checkAgainstWindows = async (series: SeriesKey, level: BucketLevel, when: string) => {
    const width = level === 'day' ? DAY : HOUR;
    const edges = Array.from({ length: (TO - FROM) / width + 1 }, (_, i) => FROM + i * width);
    const buckets = (await bucketsOf(series, level)).filter(({ count }) => count! > 0);
    const fns: WindowFunction[] = ['min', 'max', 'first', 'last', 'sum', 'count'];
    for (const fn of series === ENERGY ? [...fns, 'delta' as const] : fns) {
      const windows = await readWindows(h.store, series, fn, edges);
      expect(
        buckets.map((one) => [one.start, one[fn]]),
        `${fn} by ${level} ${when}`,
      ).toEqual(windows);
    }
  };

  describe('buckets', () => {
    it('say what lies in each hour, when, and how long it held', async () => {
      await h.put(
        { ts: T0 + 10 * MINUTE, value: 4 },
        { ts: T0 + 20 * MINUTE, value: 9, flag: 'D' },
        { ts: T0 + 50 * MINUTE, value: 6 },
        { ts: T0 + 2 * HOUR, value: 1 },
      );
      for (const settled of [false, true]) {
        if (settled) await h.settle();
        expect(await bucketsOf(POWER, 'hour', T0, T0 + 2 * HOUR)).toEqual([
          {
            ...{ start: T0, count: 2, sum: 10, min: 4, max: 6, delta: 0 },
            ...{ first: 4, firstTs: T0 + 10 * MINUTE, last: 6, lastTs: T0 + 50 * MINUTE },
            ...{ integral: 4 * 15 * MINUTE + 6 * 10 * MINUTE, coveredMs: 25 * MINUTE },
          },
          {
            ...{ start: T0 + HOUR, count: 0, sum: 0, min: Number.NaN, max: Number.NaN, delta: 0 },
            ...{ first: Number.NaN, firstTs: Number.NaN, last: Number.NaN, lastTs: Number.NaN },
            ...{ integral: 6 * 5 * MINUTE, coveredMs: 5 * MINUTE },
          },
        ]);
      }
    });

    it('are the same to the last digit before roll-ups were made, half-way, after, and after a restart', async () => {
      await h.put(...rows);
      const asked = [
        [POWER, 'hour'],
        [POWER, 'day'],
        [ENERGY, 'hour'],
        [ENERGY, 'day'],
      ] as const;
      const all = () => Promise.all(asked.map(([series, level]) => bucketsOf(series, level)));
      const before = await all();
      for (const [series, level] of asked) await checkAgainstWindows(series, level, 'from raw readings');
      expect(before[2]!.filter(({ count }) => count! > 0)).toHaveLength(72);
      await h.rollUp(MIDNIGHT + 30 * HOUR);
      expect(await all()).toEqual(before);
      await h.settle();
      expect(await all()).toEqual(before);
      await h.reopen();
      await h.replay();
      expect(await all()).toEqual(before);
    });

    it('show late readings at once, and the same when they were corrected', async () => {
      await h.put(...rows);
      await h.settle();
      await h.put(
        { ts: MIDNIGHT + 20 * MINUTE, value: -7 },
        { ts: MIDNIGHT + DAY + 1, value: 1288.5, metric: ENERGY.metric },
        { ts: MIDNIGHT + 30 * MINUTE, value: 990, metric: ENERGY.metric },
      );
      const late = await bucketsOf(ENERGY, 'hour');
      expect(late[0]).toMatchObject({ start: MIDNIGHT, first: 990, count: 1 });
      await checkAgainstWindows(ENERGY, 'day', 'with late readings');
      await h.settle();
      expect(await bucketsOf(ENERGY, 'hour')).toEqual(late);
      await checkAgainstWindows(ENERGY, 'day', 'corrected');
    });

    it('are not left behind by readings that are no longer good', async () => {
      await h.put({ ts: T0 + MINUTE, value: 5 });
      await h.settle();
      await h.put({ ts: T0 + MINUTE, value: 5, flag: 'B' });
      expect(await bucketsOf(POWER, 'hour')).toEqual([]);
      await h.settle();
      expect(await bucketsOf(POWER, 'hour')).toEqual([]);
      expect(await bucketsOf(POWER, 'day')).toEqual([]);
    });

    it('are still there when their raw readings are gone', async () => {
      await h.put(...rows);
      const before = [await bucketsOf(ENERGY, 'hour'), await bucketsOf(ENERGY, 'day')];
      await h.settle(T0 + DAY);
      expect([await bucketsOf(ENERGY, 'hour'), await bucketsOf(ENERGY, 'day')]).toEqual(before);
    });

    it('begin where buckets begin: anything else is refused', async () => {
      await expect(bucketsOf(POWER, 'hour', T0 + 1)).rejects.toThrow(RangeError);
      await expect(bucketsOf(POWER, 'day', T0, T0 + DAY)).rejects.toThrow('do not start');
      expect(await bucketsOf(POWER, 'hour', T0, T0)).toEqual([]);
    });

    it('come of several series in the order asked', async () => {
      const devices = Array.from({ length: 70 }, (_, i) => `park-a/m-${i}` as const);
      await h.put(...devices.map((device, i) => ({ device, ts: T0 + MINUTE, value: i })));
      const series = [...devices].reverse().map((device): SeriesKey => ({ device, metric: POWER.metric }));
      series.splice(5, 0, { device: 'park-a/nobody', metric: POWER.metric });
      const seen: string[] = [];
      for await (const chunk of h.store.buckets({ series, level: 'hour', from: T0, to: T0 + HOUR })) {
        seen.push(chunk.series.device);
      }
      expect(seen).toEqual([...devices].reverse());
    });
  });
}
