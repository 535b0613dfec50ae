import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeStore } from '../../../src/historian/lake/store.js';
import type { SeriesKey } from '../../../src/historian/port/queries.js';
import { atMost, type BenchOptions, type BenchResult, type Figure, percentile, type Target } from '../report.js';
import { HISTORY_DAYS, type MadeHistory, makeHistory } from './make-history.js';
import { type MadeDevice, PROFILES } from './profile.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ROWS = 50_000_000;
const QUICK_ROWS = 2_000_000;

export interface QueryBenchOptions extends BenchOptions {
  /** Readings in the made history. */
  readonly rows?: number;
  /** The service's data folder; a temporary one otherwise. */
  readonly dir?: string;
}

export interface QueryBench extends BenchResult {
  /** A data folder with the history in it, until `dispose`. */
  readonly dataDir: string;
  dispose(): Promise<void>;
}

/** Reads of the lake, without the API around it, over a history made with the lake's own writer. */
export async function benchQueries(options: QueryBenchOptions): Promise<QueryBench> {
  const dataDir = options.dir ?? mkdtempSync(join(tmpdir(), 'park-bench-'));
  const dispose = () => rm(dataDir, { recursive: true, force: true });
  try {
    const folder = join(dataDir, 'lake');
    const rows = options.rows ?? (options.quick ? QUICK_ROWS : ROWS);
    const history = await makeHistory(folder, rows, options.progress);
    const figures = await measure(folder, history, options.quick ? 10 : 100);
    const remarks = rows < ROWS ? [`over ${rows} readings instead of ${ROWS}`] : [];
    return { figures, remarks, dataDir, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function measure(folder: string, history: MadeHistory, times: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = (name: string, unit: string, value: number, target?: Target) =>
    figures.push({ bench: 'queries', name, value, unit, ...(target && { target }) });

  const openings = await sample(5, async () => {
    const store = new LakeStore({ folder, timeZone: 'Asia/Shanghai' });
    await store.open();
    return () => store.close();
  });
  add('opening the lake, p50', 'ms', percentile(openings, 50), atMost(1000));
  add('opening the lake, longest', 'ms', Math.max(...openings));

  const store = new LakeStore({ folder, timeZone: 'Asia/Shanghai' });
  await store.open();
  const { rows, bytes, files } = store.size();
  add('readings stored', '', rows);
  add('files', '', files);
  add('bytes per reading on disk', 'B', bytes / rows, atMost(3));

  for (const stepMs of [60_000, 10_000]) {
    const devices = history.devices.filter((device) => device.stepMs === stepMs);
    const every = `one series every ${stepMs / 1000} s`;
    const raw = await sample(times, async (i) => drain(store.raw({ ...aDay(history, devices, i), limit: 100_000 })));
    add(`24 h raw, ${every}, p50`, 'ms', percentile(raw, 50), atMost(15));
    add(`24 h raw, ${every}, p99`, 'ms', percentile(raw, 99));
    const hourly = await sample(Math.ceil(times / 2), async (i) => drain(store.windows(aMonth(history, devices, i))));
    add(`hourly means of 30 days, ${every}, p50`, 'ms', percentile(hourly, 50), atMost(40));
    add(`hourly means of 30 days, ${every}, p99`, 'ms', percentile(hourly, 99));
  }
  const delta = await sample(Math.ceil(times / 5), async (i) => {
    const devices = history.devices.filter((device) => device.domain === 'energy');
    const series = [{ device: devices[i % devices.length]!.device, metric: 'import_energy_kwh' }];
    return drain(store.windows({ series, edges: edges(history.to - 30 * DAY, 30, DAY), fn: 'delta' }));
  });
  add('daily consumption of 30 days, p50', 'ms', percentile(delta, 50));
  const latest = await sample(times, async () => void (await store.latest({ park: 'bench-park' })));
  add('latest values of all series, p50', 'ms', percentile(latest, 50));
  add('latest values of all series, p99', 'ms', percentile(latest, 99));
  await store.close();
  return figures;
}

/** Milliseconds of `times` runs, each on other data; what a run returns happens outside the time. */
async function sample(times: number, run: (i: number) => Promise<(() => Promise<void>) | void>): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const startedAt = performance.now();
    const after = await run(i);
    taken.push(performance.now() - startedAt);
    await after?.();
  }
  return taken;
}

async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  let count = 0;
  for await (const _chunk of chunks) count += 1;
  if (count === 0) throw new Error('a benchmark query found nothing');
}

/** Another device and metric for every run. */
function pick(devices: readonly MadeDevice[], i: number): SeriesKey {
  const { device, domain } = devices[(i * 7) % devices.length]!;
  const metrics = PROFILES[domain];
  return { device, metric: metrics[(i * 3) % metrics.length]!.metric };
}

function aDay(history: MadeHistory, devices: readonly MadeDevice[], i: number) {
  const from = history.from + ((i * 11) % (HISTORY_DAYS - 1)) * DAY + 16 * HOUR;
  return { series: [pick(devices, i)], from, to: from + DAY };
}

function aMonth(history: MadeHistory, devices: readonly MadeDevice[], i: number) {
  const from = history.from + (i % (HISTORY_DAYS - 31)) * DAY + 16 * HOUR;
  return { series: [pick(devices, i)], edges: edges(from, 30 * 24, HOUR), fn: 'mean' as const };
}

const edges = (from: number, windows: number, width: number) =>
  Float64Array.from({ length: windows + 1 }, (_, i) => from + i * width);
