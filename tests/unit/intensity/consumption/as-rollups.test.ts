import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../simulators/random.js';
import type { BucketChunk, BucketQuery, RawQuery } from '../../../../src/historian/port/queries.js';
import { type Bucket, NO_CARRY } from '../../../../src/historian/rollup/model/bucket.js';
import { cutHours } from '../../../../src/historian/rollup/model/calendar.js';
import { BucketFold, type FoldedMetric } from '../../../../src/historian/rollup/model/fold.js';
import { openConsumption } from '../../../../src/intensity/consumption/consumption.js';
import { registerOf } from '../../../../src/intensity/model/boundary/carriers.js';
import { DEFAULT_LOSS_LIMITS } from '../../../../src/intensity/model/boundary/losses.js';
import type { MeterVersion } from '../../../../src/intensity/model/boundary/tree.js';
import { amountOf, type Quantity } from '../../../../src/intensity/model/quantity/quantity.js';
import { monthOf } from '../../../../src/intensity/model/statistics/period.js';
import { TimeZone } from '../../../../src/model/time/zone.js';

const [HOUR, DAY] = [3_600_000, 86_400_000];
const REGISTER = 'import_energy_kwh';
const METER = { device: 'park-a/m-1', register: REGISTER } as const;
const ZONE = new TimeZone('Asia/Shanghai');
const [FROM, JUNE, NOW] = ['2026-05-20', '2026-06-01', '2026-07-10'].map((day) =>
  Date.parse(`${day}T00:00:00+08:00`),
) as [number, number, number];
interface Reading {
  readonly ts: number;
  readonly value: number;
}

/** What roll-ups and raw readings say of one register, as the historian answers. */
function historyOf(readings: readonly Reading[]) {
  const hours: Bucket[] = [];
  const metric = registerOf('electricity', REGISTER) as unknown as FoldedMetric;
  const fold = new BucketFold(metric, cutHours, { from: FROM, carry: NO_CARRY }, (one) => hours.push({ ...one }));
  for (const { ts, value } of readings) fold.push(ts, value);
  fold.finish(NOW);
  return {
    counted: hours.reduce((sum, { delta }) => sum + delta, 0),
    async *buckets({ series, from, to, level }: BucketQuery) {
      if (level === 'day') throw new RangeError('this zone has no days');
      for (const one of series.filter(({ metric }) => metric === REGISTER)) {
        const own = hours.filter(({ start }) => start >= from && start < to);
        const columns = Object.keys(own[0] ?? {}).map((name) => [
          name,
          Float64Array.from(own, (bucket) => bucket[name as keyof Bucket]),
        ]);
        if (own.length > 0) yield { series: one, ...Object.fromEntries(columns) } as BucketChunk;
      }
    },
    async *raw({ from, to }: RawQuery) {
      const own = readings.filter(({ ts }) => ts >= from && ts < to);
      const [ts, value] = [own.map((one) => one.ts), own.map((one) => one.value)];
      yield { series: { device: METER.device, metric: REGISTER }, ts, value, quality: own.map(() => 0) };
    },
    stats: { rollups: { finalTo: null } },
  };
}

/** kWh of the months, of the days, and of the roll-ups. */
async function consumed(readings: readonly Reading[]) {
  const history = historyOf(readings);
  const version: MeterVersion = {
    ...{ ...METER, carrier: 'electricity', park: 'park-a', role: 'main', owner: { kind: 'park', id: 'park-a' } },
    ...{ parent: null, from: FROM, to: Number.POSITIVE_INFINITY },
  };
  const consumption = openConsumption({
    book: {
      tree: () => [version],
      corrections: () => ({ swaps: [], voids: [], gapRules: [] }),
      lossLimits: () => DEFAULT_LOSS_LIMITS,
      keptSince: () => Number.NEGATIVE_INFINITY,
      onChanged: () => undefined,
    },
    historian: history as never,
    registry: { device: () => undefined },
    zone: ZONE,
    clock: () => NOW,
  });
  const total = (rows: readonly { readonly quantity: Quantity }[]) =>
    rows.reduce((sum, { quantity }) => sum + amountOf(quantity), 0) / 1000;
  const scope = { kind: 'park', park: 'park-a' } as const;
  const months = await consumption.months(scope, 'electricity', monthOf(2026, 5), monthOf(2026, 7));
  const query = {
    park: 'park-a',
    of: { kind: 'park' },
    carrier: 'electricity',
    every: 'day',
    from: FROM,
    to: NOW,
  } as const;
  const { rows } = await consumption.rows({ ...query, maxRows: 100, maxCells: 1_000 });
  return { months: total(months), days: total(rows), rollups: history.counted };
}

const FAULTS = ['high', 'zero', 'two', 'exchange', 'reset', 'gap', 'back', 'gap and high'] as const;

/** A register that rises evenly enough, with faults most of which lie about the edge of two months. */
function registerWith(faults: number, stepMs: number, seed: number) {
  const random = randomStream(seed);
  const perStep = (10 ** (random() * 3 - 0.5) * stepMs) / HOUR;
  const steps = Math.floor((NOW - FROM) / stepMs);
  const edge = Math.floor((JUNE - FROM) / stepMs);
  const places = new Map<number, (typeof FAULTS)[number]>();
  for (let i = 0; i < faults; i += 1) {
    const at = random() < 0.6 ? edge + Math.floor((random() - 0.5) * 20) : Math.floor(steps * (0.1 + 0.8 * random()));
    places.set(at, FAULTS[Math.floor(random() * FAULTS.length)]!);
  }
  const readings: Reading[] = [];
  let [value, silent, second] = [Math.round(random() * 1e8) / 1000, 0, 0];
  for (let i = 0; i < steps; i += 1) {
    value = Math.round((value + perStep * (0.5 + random())) * 1000) / 1000;
    const fault = places.get(i);
    if (fault === 'exchange') value = Math.round(random() * 1000);
    if (fault === 'reset') value = 0;
    let shown = second > 0 ? second + 3 : value;
    if (second > 0) second = 0;
    if (fault === 'high') shown = value + 10 ** (2 + random() * 5);
    if (fault === 'zero') shown = 0;
    if (fault === 'back') shown = Math.max(0, value - perStep / 5);
    if (fault === 'two') shown = second = value + 2_000 + 5_000 * random();
    if (fault === 'gap and high') shown = value + 50_000;
    const isShown = fault !== undefined || silent <= 0;
    silent = fault === 'gap' ? Math.floor(random() * 40) : fault === 'gap and high' ? 20 : silent - 1;
    if (isShown) readings.push({ ts: FROM + i * stepMs, value: Math.min(shown, 1e8) });
  }
  return readings;
}

describe('consumption and roll-ups of the same register', () => {
  it('of a meter read once a day, a glitch counts nothing', async () => {
    const days = Array.from({ length: 51 }, (_, i) => ({ ts: FROM + i * DAY, value: 1_000 + 8 * i }));
    for (const wrong of [30_000, 0]) {
      for (let at = 12; at < 40; at += 3) {
        const readings = days.map((one, i) => (i === at ? { ...one, value: wrong } : one));
        const { months, rollups } = await consumed(readings);
        expect([wrong, at, months, rollups]).toEqual([wrong, at, 400, 400]);
      }
    }
  });

  it('agree whatever befalls the register, at whatever interval, across the edges of months', async () => {
    // Those seen to differ: by 29,500 kWh of 402, and what two months both counted.
    const seen = [281, 23, 149, 59, 124, 46, 65].map(
      (seed) => [seed, [900_000, 1_800_000, HOUR, 300_000, 4 * HOUR, DAY][seed % 6]!] as const,
    );
    const more = Array.from({ length: 60 }, (_, i) => [1_000 + i, [HOUR, 4 * HOUR, DAY][i % 3]!] as const);
    for (const [seed, stepMs] of [...seen, ...more]) {
      const { months, days, rollups } = await consumed(registerWith(3, stepMs, seed));
      // Each idle stretch may keep back what the register's last digits waver by.
      expect(Math.abs(months - rollups), `seed ${seed}: ${months} and ${rollups}`).toBeLessThan(0.2);
      expect(days, `seed ${seed}`).toBeCloseTo(months, 2);
    }
  });
});
