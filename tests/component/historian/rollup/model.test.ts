import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WINDOW_FUNCTIONS } from '../../../../src/historian/port/queries.js';
import { seriesName } from '../../../../src/historian/rollup/port.js';
import { DAY, HOUR, MINUTE, T0 } from '../../../contract/historian/readings.js';
import { expectedWindows } from './oracle.js';
import { type Arrival, DiskFull, Park } from './park.js';

const POWER = { device: 'park-a/m-1', metric: 'active_power_kw' } as const;
const COUNTER = { device: 'park-a/m-1', metric: 'import_energy_kwh' } as const;
const QUIET = { device: 'park-a/m-2', metric: 'import_energy_kwh' } as const;
const SERIES = [POWER, COUNTER, QUIET];
const SPAN = 3 * DAY;

/** Whole numbers, so that sums are exact in any order of addition; counters that fall, stick, glitch and restart. */
const arrival: fc.Arbitrary<Arrival> = fc
  .record({
    series: fc.constantFrom(POWER, POWER, COUNTER, COUNTER, COUNTER, QUIET),
    ts: fc.oneof(
      fc.integer({ min: 0, max: SPAN / (5 * MINUTE) - 1 }).map((slot) => T0 + slot * 5 * MINUTE),
      fc.integer({ min: -2, max: SPAN / HOUR - 1 }).map((hour) => T0 + hour * HOUR + 55 * MINUTE),
    ),
    drift: fc.integer({ min: -30, max: 30 }),
    odd: fc.constantFrom(null, null, null, null, 0, 7, 5_000_000),
    good: fc.constantFrom(true, true, true, false),
  })
  .map(({ series, ts, drift, odd, good }) => ({
    ...series,
    ts,
    good,
    value: odd ?? Math.max(0, Math.round((ts - T0) / (10 * MINUTE)) + 1000 + drift),
  }));
const arrivals = fc.array(arrival, { minLength: 1, maxLength: 12 });
const action = fc.oneof(
  { weight: 5, arbitrary: arrivals.map((rows) => ({ do: 'append' as const, rows })) },
  {
    weight: 4,
    arbitrary: fc.nat(SPAN / HOUR + 2).map((hours) => ({ do: 'settle' as const, until: T0 + hours * HOUR })),
  },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 8 }).map((pieces) => ({ do: 'work' as const, pieces })) },
  {
    weight: 3,
    arbitrary: fc.tuple(arrivals, fc.nat(12)).map(([rows, turns]) => ({ do: 'append-in-work' as const, rows, turns })),
  },
  { weight: 2, arbitrary: fc.nat(20).map((room) => ({ do: 'work-on-full-disk' as const, room })) },
  { weight: 1, arbitrary: fc.nat(6).map((turns) => ({ do: 'abort' as const, turns })) },
  { weight: 2, arbitrary: fc.constant({ do: 'durable' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'compare' as const }) },
  // Below, between and above what makes the next stretch longer or shorter.
  { weight: 1, arbitrary: fc.constantFrom(0, 1_000, 3_000).map((ms) => ({ do: 'pace' as const, ms })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(COUNTER, QUIET), fc.constantFrom(null, 12, 600, 40_000))
      .map(([series, rate]) => ({ do: 'rate' as const, series, rate })),
  },
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

const at = (series: typeof POWER | typeof COUNTER | typeof QUIET, hours: number, value: number, good = true) => ({
  ...{ ...series, ts: T0 + hours * HOUR + 55 * MINUTE, value, good },
});
/** A correction that meets a full disk twice. */
const FULL_TWICE: Action[] = [
  { do: 'settle', until: T0 + 44 * HOUR },
  { do: 'append', rows: [at(POWER, 40, 1246), at(POWER, 0, 1006)] },
  { do: 'work', pieces: 7 },
  { do: 'append-in-work', rows: [at(POWER, 40, 1246, false), at(POWER, 0, 1006)], turns: 0 },
  { do: 'append', rows: [at(COUNTER, 40, 1246), at(POWER, 0, 1006)] },
  { do: 'append-in-work', rows: [at(COUNTER, 0, 1006), at(QUIET, 0, 1006), at(POWER, 0, 1005)], turns: 0 },
  { do: 'work-on-full-disk', room: 4 },
  { do: 'work-on-full-disk', room: 7 },
];

const range = (from: number, step: number, count: number) =>
  Array.from({ length: count + 1 }, (_, i) => from + i * step);
/** Hours, days of the zone (16:00 UTC), days of UTC, unequal windows, and windows off the hour. */
const CUTS = [
  range(T0, HOUR, 72),
  range(T0 - 8 * HOUR, DAY, 4),
  range(T0, DAY, 3),
  [T0 - 8 * HOUR, T0 + 40 * HOUR, T0 + 64 * HOUR],
  [T0 + 3 * HOUR, T0 + 5 * HOUR, T0 + 40 * HOUR, T0 + 41 * HOUR],
  range(T0 + 20 * MINUTE, 5 * HOUR, 12),
];

async function compare(park: Park): Promise<void> {
  for (const fn of WINDOW_FUNCTIONS) {
    for (const edges of CUTS) {
      const answers = await park.windows(SERIES, fn, edges);
      for (const key of SERIES) {
        const name = seriesName(key);
        const points = park.source.goodOf(name, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
        const expected = expectedWindows(key.metric, points, fn, edges, park.rollupMaker.metricOf(key));
        expect(answers.get(name) ?? [], `${fn} of ${name}, ${edges.length} edges`).toEqual(expected);
      }
    }
  }
}

it(
  'roll-ups answer like a fresh look at every reading, whatever came late, failed, crashed or was registered',
  { timeout: 240_000 },
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 25 }), async (actions: readonly Action[]) => {
        const folder = await mkdtemp(join(tmpdir(), 'rollup-model-'));
        const park = new Park(join(folder, 'rollup.sqlite'));
        try {
          for (const step of actions) {
            if (step.do === 'append') park.append(...step.rows);
            else if (step.do === 'settle') park.rollupMaker.settled(step.until);
            else if (step.do === 'work') for (let i = 0; i < step.pieces; i += 1) await park.rollupMaker.work();
            else if (step.do === 'append-in-work') {
              const working = park.rollupMaker.work();
              for (let i = 0; i < step.turns; i += 1) await nextTurn();
              park.append(...step.rows);
              await working;
            } else if (step.do === 'work-on-full-disk') {
              park.store.room = step.room;
              await park.workAll().catch((error) => {
                if (!(error instanceof DiskFull)) throw error;
              });
              park.store.room = Number.POSITIVE_INFINITY;
            } else if (step.do === 'abort') {
              const stop = new AbortController();
              const working = park.rollupMaker.work(stop.signal);
              for (let i = 0; i < step.turns; i += 1) await nextTurn();
              stop.abort();
              await working;
            } else if (step.do === 'rate') park.rates.set(step.series, step.rate);
            else if (step.do === 'pace') park.readMs = step.ms;
            else if (step.do === 'durable') park.makeDurable();
            else if (step.do === 'crash') park.crash();
            else await compare(park);
          }
          await compare(park);
          // What failed twice waits up to an hour for its next try.
          park.uptime += 2 * HOUR;
          await park.workAll(T0 + SPAN + 2 * HOUR);
          expect(park.rollupMaker.stats.dirtySeries > 0).toBe(false);
          for (const { rate, ...series } of park.rates.after(0)) {
            expect(park.rollupMaker.metricOf(series)?.maxRatePerHour).toBe(rate ?? 50_000);
          }
          for (const key of SERIES) expect(park.rollupMaker.usableTo(key)).toBe(park.rollupMaker.rolledTo);
          await compare(park);
        } finally {
          park.close();
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 25, examples: [[FULL_TWICE]] },
    ),
);
