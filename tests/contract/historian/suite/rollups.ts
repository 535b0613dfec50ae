import { beforeEach, describe, expect, it } from 'vitest';
import type { SeriesKey } from '../../../../src/historian/port/queries.js';
import type { Harness } from '../helpers.js';
import { Model } from '../model.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, type Row, readRaw, T0 } from '../readings.js';

/** Midnight in the roll-ups' zone, before T0. */
const MIDNIGHT = T0 - 8 * HOUR;
const SECOND = { device: 'park-a/meter-2', metric: ENERGY.metric };

const steps = (from: number, count: number, width: number) =>
  Array.from({ length: count + 1 }, (_, i) => from + i * width);
const HOURS = steps(MIDNIGHT - 3 * HOUR, 5 * 24, HOUR);
const DAYS = steps(MIDNIGHT - DAY, 6, DAY);
/** October, November and December 2026 of the zone. */
const MONTHS = [10, 11, 12, 13].map((month) => Date.UTC(2026, month - 1, 1) - 8 * HOUR);
/** Not on the hour, and of unequal width. */
const ODD = [T0 - 5 * MINUTE, T0 + 50 * MINUTE, T0 + 7 * HOUR + 1, T0 + DAY + 13 * MINUTE, T0 + 3 * DAY - 1];

/** Three days, a reading every ten minutes: a gauge with gaps and bad readings, and two counters that misbehave. */
const rows: readonly Row[] = Array.from({ length: 3 * 144 }, (_, i) => i).flatMap((i): Row[] => {
  const ts = MIDNIGHT + HOUR + i * 10 * MINUTE + (i % 7);
  const power = { ts, value: Math.round(1e4 * Math.sin(i) + i) / 100 };
  const energy = 1000 + i * 2 + (i % 3) / 8;
  return [
    ...(i % 50 > 40 ? [] : [i % 11 === 5 ? { ...power, flag: 'D' as const } : power]),
    // A spell of zeros, a reset that stays, and a meter exchanged.
    { ts, value: i % 97 > 90 ? 0 : i > 300 ? energy - 1600 : energy, metric: ENERGY.metric },
    { ts: ts + 30_000, value: i < 200 ? 99_999_900 + i : (i - 100) * 3, ...SECOND },
  ];
});

const late: readonly Row[] = [
  { ts: MIDNIGHT + 20 * MINUTE, value: -7 },
  { ts: MIDNIGHT + HOUR + 42 * 10 * MINUTE + 1, value: 77 },
  { ts: MIDNIGHT + DAY, value: 1e6 },
  { ts: MIDNIGHT + DAY + 1, value: 1288.5, metric: ENERGY.metric },
  { ts: MIDNIGHT + 2 * DAY - 1, value: 99_999_999, ...SECOND },
  { ts: MIDNIGHT + 30 * MINUTE, value: 990, metric: ENERGY.metric },
];

/** Windows on whole hours and days, however they are worked out. */
export function rollupSuite(h: Harness): void {
  describe('windows on whole hours', () => {
    let model: Model;
    beforeEach(() => {
      model = new Model(h);
    });
    const checkAll = async (when: string) => {
      for (const edges of [HOURS, DAYS, MONTHS, ODD])
        await model.check(edges, `over ${edges.length - 1} windows ${when}`);
    };

    it('equal what all readings say, before and after roll-ups of them were made', async () => {
      await model.put(...rows);
      await checkAll('from raw readings');
      await h.rollUp(MIDNIGHT + 30 * HOUR);
      await checkAll('half rolled up');
      await h.settle();
      await checkAll('rolled up');
      await h.reopen();
      await h.replay();
      await checkAll('after a restart');
    });

    it('show late readings at once, and after they were corrected', async () => {
      await model.put(...rows);
      await h.settle();
      await model.put(...late);
      await checkAll('with late readings');
      await h.settle();
      await checkAll('corrected');
      await model.put(
        { ts: MIDNIGHT - 40 * DAY, value: 5 },
        { ts: MIDNIGHT - 40 * DAY, value: 800, metric: ENERGY.metric },
      );
      await checkAll('with older readings than any');
      await h.settle();
      await checkAll('with older readings, corrected');
    });

    it('follow readings that are sent again: with another value, and no longer good', async () => {
      await model.put(...rows);
      await h.settle();
      const again = rows.filter(({ ts }) => ts >= MIDNIGHT + 5 * HOUR && ts < MIDNIGHT + 9 * HOUR);
      await model.put(...again.map((row) => ({ ...row, flag: 'B' as const })));
      await model.put(...rows.slice(600, 620).map((row) => ({ ...row, value: row.value + 1, flag: 'N' as const })));
      await checkAll('sent again');
      await h.settle();
      await checkAll('sent again and corrected');
      await model.put(...again);
      await checkAll('good after all');
      await h.settle();
      await checkAll('good after all, and corrected');
    });

    it('survive a crash at any moment', async () => {
      const third = Math.ceil(rows.length / 3);
      await model.put(...rows.slice(0, third));
      await h.crash();
      await checkAll('after a crash with nothing kept');
      await h.rollUp(MIDNIGHT + 14 * HOUR);
      await h.crash();
      await checkAll('after a crash when hours were rolled up');
      await model.put(...rows.slice(third, 2 * third));
      await model.put(...late.slice(0, 3));
      await h.store.flush();
      await h.crash();
      await checkAll('after a crash with late readings not yet corrected');
      await h.rollUp(MIDNIGHT + 40 * HOUR);
      await model.put(...rows.slice(2 * third), ...late.slice(3));
      await h.crash();
      await h.crash();
      await checkAll('after two crashes');
      await h.settle();
      await h.crash();
      await checkAll('after a crash with all rolled up');
    });

    it('are still known when their raw readings are gone', async () => {
      await model.put(...rows);
      await model.put(...late);
      await h.settle(T0 + DAY);
      const checkAligned = async (when: string) => {
        for (const edges of [HOURS, DAYS, MONTHS]) await model.check(edges, when);
      };
      expect((await readRaw(h.store, POWER))[0]?.ts).toBeGreaterThanOrEqual(T0 + DAY);
      await checkAligned('without raw readings');
      await h.reopen();
      await h.replay();
      await checkAligned('without raw readings after a restart');
      await h.put({ ts: T0 + HOUR, value: 5e6 }, { ts: T0 + HOUR, value: 5e6, metric: ENERGY.metric });
      await h.settle(T0 + DAY);
      await checkAligned('after a reading from before the raw horizon');
      await model.put(
        { ts: T0 + DAY + 25 * MINUTE, value: 17 },
        { ts: T0 + DAY + 25 * MINUTE, value: 1424.5, metric: ENERGY.metric },
      );
      await checkAligned('after a late reading just behind the horizon');
      await h.settle(T0 + DAY);
      await checkAligned('after its correction');
    });

    it('are answered for many series at once, in the order asked', async () => {
      const devices = Array.from({ length: 150 }, (_, i) => `park-a/m-${i}` as const);
      for (let day = 0; day < 2; day += 1) {
        await model.put(
          ...devices.flatMap((device, i) =>
            [3, 15, 61].map((minute) => ({ device, ts: T0 + day * DAY + minute * MINUTE, value: i + minute + day })),
          ),
        );
      }
      await h.rollUp(T0 + 30 * HOUR);
      await model.put(
        { device: 'park-a/m-7', ts: T0 + 2 * HOUR, value: 1 },
        { device: 'park-a/m-99', ts: T0 + 9 * HOUR, value: 1 },
      );
      await model.check(HOURS, 'of 150 series', ['mean', 'count', 'time_weighted_mean']);
      const series = [...devices].reverse().map((device): SeriesKey => ({ device, metric: POWER.metric }));
      series.splice(70, 0, { device: 'park-a/nobody', metric: POWER.metric });
      const seen: string[] = [];
      for await (const chunk of h.store.windows({ series, edges: Float64Array.from(HOURS), fn: 'max' })) {
        seen.push(chunk.series.device);
      }
      expect(seen).toEqual([...devices].reverse());
    });
  });
}
