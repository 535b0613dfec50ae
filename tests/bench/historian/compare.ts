import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeriesKey, WindowFunction } from '../../../src/historian/port/queries.js';
import type { HistorianStore } from '../../../src/historian/port/store.js';
import { type BenchOptions, type BenchResult, type Figure, percentile, readable } from '../report.js';
import { DAY, fill, type MadeMeter, METRICS, PARK, REGISTER } from './made.js';
import { openInflux, openLake } from './stores.js';

const BENCH = 'lake | influxdb';
const HOUR = DAY / 24;
const YEARS = 5;

/** The same readings in both stores, the same questions to both, in turn; through the port, without the API. */
export async function benchCompare(options: BenchOptions): Promise<BenchResult> {
  const dir = mkdtempSync(join(tmpdir(), 'park-compare-'));
  const stores: { name: string; store: HistorianStore; dispose(): Promise<void> }[] = [];
  const remarks: string[] = [];
  const figures: Figure[] = [];
  try {
    stores.push({ name: 'lake', ...(await openLake(join(dir, 'lake'))) });
    const influx = await openInflux(join(dir, 'influxdb'));
    if (influx === null) remarks.push('skipped: InfluxDB (none found, see the README)');
    else {
      stores.push({ name: 'influxdb', ...influx });
      remarks.push(`InfluxDB: ${influx.engine}`);
    }
    const to = Math.floor(Date.now() / DAY) * DAY;
    const meters = madeMeters(to, options.quick ? 3 : 30);
    for (const { name, store } of stores) {
      const startedAt = performance.now();
      const readings = await fill(store, meters, (done) => options.progress(`${name}: ${readable(done)} readings`));
      const filled = performance.now();
      await rollUp(store, to);
      const rolled = performance.now();
      figures.push(
        figure(`${name}: readings`, readings, ''),
        figure(`${name}: filled at`, readings / ((filled - startedAt) / 1000), 'readings/s'),
        figure(`${name}: rolled up in`, (rolled - filled) / 1000, 's'),
      );
    }
    figures.push(...(await ask(stores, to, options)));
    return { figures, remarks };
  } finally {
    for (const { dispose } of stores) await dispose();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Twenty meters every minute and one every ten seconds for `days`, and one every quarter of an hour for five years. */
function madeMeters(to: number, days: number): MadeMeter[] {
  const from = to - days * DAY;
  const slow = Array.from(
    { length: 20 },
    (_, i): MadeMeter => ({ device: `park-a/made-${i}`, stepMs: 60_000, from, to }),
  );
  return [
    ...slow,
    { device: 'park-a/made-fast', stepMs: 10_000, from, to },
    { device: 'park-a/made-old', stepMs: 900_000, from: to - YEARS * 365 * DAY, to },
  ];
}

/** A call of housekeeping that took less had little to do. */
const LITTLE_MS = 300;

/** Housekeeping until all before `to` is rolled up and nothing is left to do. */
async function rollUp(store: HistorianStore, to: number): Promise<void> {
  const now = to + DAY;
  for (let quiet = 0; quiet < 2; ) {
    const startedAt = performance.now();
    await store.maintain(now, 0);
    const stats = store.stats?.().rollups;
    const done = (stats?.rolledTo ?? 0) >= to && stats?.dirtySeries === 0;
    quiet = done && performance.now() - startedAt < LITTLE_MS ? quiet + 1 : 0;
  }
}

interface Question {
  readonly name: string;
  readonly times: number;
  run(store: HistorianStore, i: number): Promise<number>;
}

function questions(to: number, days: number): Question[] {
  const metric = (i: number) => METRICS[(i * 3) % (METRICS.length - 1)]!;
  const fast = (i: number): SeriesKey => ({ device: 'park-a/made-fast', metric: metric(i) });
  const windows = (store: HistorianStore, series: SeriesKey[], from: number, width: number, fn: WindowFunction) =>
    count(store.windows({ series, edges: edges(from, to, width), fn }), ({ start }) => start.length);
  const slow = Array.from(
    { length: 20 },
    (_, i): SeriesKey => ({ device: `park-a/made-${i}`, metric: 'active_power_kw' }),
  );
  return [
    {
      name: '24 h raw, one series every 10 s',
      times: 50,
      run: (store, i) => {
        const from = to - DAY * (1 + (i % (days - 1)));
        return count(store.raw({ series: [fast(i)], from, to: from + DAY, limit: 100_000 }), ({ ts }) => ts.length);
      },
    },
    {
      name: `hourly means of ${days} days, one series every 10 s`,
      times: 50,
      run: (store, i) => windows(store, [fast(i)], to - days * DAY, HOUR, 'mean'),
    },
    {
      name: `daily consumption of ${days} days`,
      times: 50,
      run: (store, i) =>
        windows(store, [{ device: `park-a/made-${i % 20}`, metric: REGISTER }], to - days * DAY, DAY, 'delta'),
    },
    {
      name: `daily means of ${YEARS} years`,
      times: 50,
      run: (store, i) =>
        windows(store, [{ device: 'park-a/made-old', metric: metric(i) }], to - YEARS * 365 * DAY, DAY, 'mean'),
    },
    {
      name: '10-minute maxima of 24 h, 20 devices every minute',
      times: 20,
      run: (store) => windows(store, slow, to - DAY, 600_000, 'max'),
    },
    {
      name: `all ten metrics raw, ${Math.min(days, 7)} days, every 10 s`,
      times: 3,
      run: (store) => {
        const series = METRICS.map((one): SeriesKey => ({ device: 'park-a/made-fast', metric: one }));
        const from = to - Math.min(days, 7) * DAY;
        return count(store.raw({ series, from, to, limit: 10_000_000 }), ({ ts }) => ts.length);
      },
    },
    { name: 'latest values of a park', times: 50, run: async (store) => (await store.latest({ park: PARK })).length },
  ];
}

async function ask(
  stores: readonly { readonly name: string; readonly store: HistorianStore }[],
  to: number,
  options: BenchOptions,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const question of questions(to, options.quick ? 3 : 30)) {
    const times = options.quick ? Math.min(5, question.times) : question.times;
    const taken = new Map<string, number[]>(stores.map(({ name }) => [name, []]));
    const found = new Set<string>();
    for (let i = 0; i < times; i += 1) {
      for (const { name, store } of stores) {
        const startedAt = performance.now();
        const size = await question.run(store, i);
        taken.get(name)!.push(performance.now() - startedAt);
        if (size === 0) throw new Error(`${name} found nothing for: ${question.name}`);
        found.add(`${i}: ${size}`);
      }
    }
    if (found.size !== times) throw new Error(`the stores do not agree on: ${question.name}`);
    for (const [name, list] of taken) {
      figures.push(
        figure(`${question.name}: ${name} p50`, percentile(list, 50), 'ms', `p99 ${readable(percentile(list, 99))}`),
      );
    }
    options.progress(
      `${question.name}: ${[...taken].map(([name, list]) => `${name} ${readable(percentile(list, 50))} ms`).join(', ')}`,
    );
  }
  return figures;
}

const figure = (name: string, value: number, unit: string, note?: string): Figure => ({
  bench: BENCH,
  name,
  value,
  unit,
  ...(note !== undefined && { note }),
});

async function count<C>(chunks: AsyncIterable<C>, size: (chunk: C) => number): Promise<number> {
  let sum = 0;
  for await (const chunk of chunks) sum += size(chunk);
  return sum;
}

function edges(from: number, to: number, width: number): Float64Array {
  return Float64Array.from({ length: Math.round((to - from) / width) + 1 }, (_, i) => from + i * width);
}
