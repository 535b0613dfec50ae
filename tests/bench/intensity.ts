import { cpSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeStore } from '../../src/historian/lake/store.js';
import { DAY_MS, HOUR_MS } from '../../src/model/time/duration.js';
import { DISTRICTS, PARKS } from '../../src/registry/parks/data/parks.js';
import { ApiError, call, get, metric } from '../e2e/helpers/api.js';
import type { RunningService } from '../e2e/helpers/service.js';
import { type Broker, startServiceBroker } from './brokers.js';
import { fillHistory, fillState, type MadeMeter, metersOf, statistic } from './intensity/made-city.js';
import { loadGateways } from './load/topology.js';
import { atLeast, atMost, type BenchOptions, type BenchResult, type Figure, percentile, readable } from './report.js';
import { type Round, remarksOn, runRound } from './round.js';

const BENCH = 'intensity';
const RATE = 5_000;
const COLD_MS = 600_000;
const SCOPES = ['city', ...DISTRICTS.map(({ id }) => `district:${id}`), ...PARKS.map(({ id }) => `park:${id}`)];
const CARRIERS = ['energy', 'wastewater'];
type Running = Broker & { readonly service: RunningService };

/**
 * The 5 % of a city of 17 parks with 100 meters each and years of registers: recomputing every scope after a restatement,
 * answers while ingest runs, and what both cost ingest.
 */
export async function benchIntensity(options: BenchOptions): Promise<BenchResult> {
  const { quick, progress } = options;
  const made = mkdtempSync(join(tmpdir(), 'park-city-'));
  const meters = metersOf(quick ? 1 : 10);
  const now = Date.now();
  try {
    await fill(made, meters, now, options);
    const broker = await startServiceBroker(loadGateways(2, 20), {
      prepare: (dataDir) => cpSync(made, dataDir, { recursive: true }),
    });
    try {
      const { figures, remarks } = await measure(broker, now, options);
      const size = `${meters.length} meters`;
      if (quick) remarks.push(`over ${size} instead of 1,700`);
      progress(size);
      return { figures, remarks };
    } finally {
      await broker.stop();
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

async function fill(folder: string, meters: readonly MadeMeter[], now: number, { quick, progress }: BenchOptions) {
  fillState(join(folder, 'park.sqlite'), meters, now);
  const store = new LakeStore({ folder: join(folder, 'lake'), timeZone: 'Asia/Shanghai', rawDays: 400 });
  await store.open();
  const to = dayStart(now);
  await fillHistory(store, meters, { to, hourlyDays: quick ? 20 : 62, progress });
  await store.close();
}

/** Start of the day in Wenzhou. */
const dayStart = (ts: number) => Math.floor((ts + 8 * HOUR_MS) / DAY_MS) * DAY_MS - 8 * HOUR_MS;

async function measure(broker: Running, now: number, { quick, progress }: BenchOptions) {
  const { service } = broker;
  const figures: Figure[] = [];
  const remarks: string[] = [];
  const add = (name: string, value: number, unit: string, more: Partial<Figure> = {}) =>
    figures.push({ bench: BENCH, name, value, unit, ...more });
  const rssAtStart = await memory(service);
  await turn(service);

  add('first computation of all scopes', (await untilComputed(service)) / 1_000, 's');
  let longest = await turn(service);
  add('longest turn of the event loop, first computation', longest, 'ms');
  progress(`computed first in ${readable(figures[0]!.value)} s`);

  longest = 0;
  for (const [name, say] of restatements(service, now)) {
    const taken: number[] = [];
    for (let i = 0; i < (quick ? 2 : 5); i += 1) {
      const startedAt = performance.now();
      await say(i);
      await askAll(service);
      taken.push(performance.now() - startedAt);
      longest = Math.max(longest, await turn(service));
    }
    add(`all scopes after ${name}, longest`, Math.max(...taken), 'ms', { target: atMost(2_000) });
    progress(`${name}: ${taken.map(readable).join(', ')} ms`);
  }
  add('longest turn of the event loop, restatements', longest, 'ms', { target: atMost(10) });
  add('memory since the start', (await memory(service)) - rssAtStart, 'MB', { target: atMost(100) });

  const idle = await timesOf(service, quick ? 100 : 400);
  add('GET /intensity idle, p50', percentile(idle, 50), 'ms');
  add('GET /intensity idle, p99', percentile(idle, 99), 'ms');

  progress(`idle: p50 ${readable(percentile(idle, 50))} ms, p99 ${readable(percentile(idle, 99))} ms`);

  const ms = quick ? 5_000 : 15_000;
  const beside = { answers: [] as number[] };
  const offered = await besides(
    () => runRound(broker, { kind: 'open', messagesPerSecond: RATE }, ms),
    async () => void beside.answers.push(...(await timesOf(service, 1)), ...(await pause(40))),
  );
  add(`GET /intensity at ${readable(RATE)} messages/s, p50`, percentile(beside.answers, 50), 'ms');
  add(`GET /intensity at ${readable(RATE)} messages/s, p99`, percentile(beside.answers, 99), 'ms', {
    target: atMost(30),
    note: `${beside.answers.length} answers, ${readable(offered.messagesPerSecond)} messages/s`,
  });
  remarks.push(...remarksOn('offered', offered));
  progress(`at ${readable(RATE)}/s: p99 ${readable(percentile(beside.answers, 99))} ms`);

  // In turn, so that what the machine does else meets both.
  const rates: Record<'alone' | 'beside', number[]> = { alone: [], beside: [] };
  const [[, say]] = restatements(service, now) as [[string, (i: number) => Promise<void>]];
  let said = 100;
  for (let i = 0; i < (quick ? 1 : 2); i += 1) {
    const alone = await runRound(broker, { kind: 'closed' }, ms);
    const recomputing = await besides(
      () => runRound(broker, { kind: 'closed' }, ms),
      async () => {
        said += 1;
        await say(said);
        await askAll(service);
        await pause(3_000);
      },
    );
    for (const [name, round] of [
      ['alone', alone],
      ['beside', recomputing],
    ] as const) {
      rates[name].push(round.messagesPerSecond);
      remarks.push(...remarksOn(name, round));
    }
    progress(
      `flat out: ${readable(alone.messagesPerSecond)} messages/s, ${readable(recomputing.messagesPerSecond)} beside`,
    );
  }
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
  add('ingest flat out beside a restatement every 3 s ÷ alone', mean(rates.beside) / mean(rates.alone), '', {
    target: atLeast(0.95),
    note: `${readable(mean(rates.alone))} messages/s alone`,
  });
  return { figures, remarks: [...new Set(remarks)] };
}

type Restatement = readonly [name: string, say: (i: number) => Promise<void>];

/** What people may say that changes figures; each time of another meter, day or month. */
function restatements(service: RunningService, now: number): Restatement[] {
  const register = 'import_energy_kwh';
  const parkOf = (i: number) => PARKS[i % PARKS.length]!.id;
  const at = (days: number, hours = 0) => new Date(dayStart(now) - days * DAY_MS + hours * HOUR_MS).toISOString();
  const post = async (path: string, body: object) => void (await call(service, 'POST', `/api/v1${path}`, body));
  return [
    [
      'a void',
      (i) => {
        const meter = { park: parkOf(i), device: 'meter-0', register };
        const hour = Math.floor(i / PARKS.length) % 20;
        return post('/meters/voids', { ...meter, from: at(10, hour), to: at(10, hour + 1), reason: 'bench' });
      },
    ],
    [
      'a swap',
      (i) => {
        const meter = { park: parkOf(i), device: 'meter-1', register };
        return post('/meters/swaps', { ...meter, ts: at(9, 0.5), closing: 9e7, opening: 1, reason: 'bench' });
      },
    ],
    [
      'a revised statistic',
      async (i) => {
        const { figure, ...entry } = statistic(`enterprise:${parkOf(i)}/firm-0`, 2025, 6, i + 1);
        const entries = [{ ...entry, figure }];
        await call(service, 'PUT', '/api/v1/statistics', { source: 'bench', reason: 'bench', entries });
      },
    ],
  ];
}

/** Every scope of both carriers, as a client would ask for them one after the other. */
async function askAll(service: RunningService): Promise<void> {
  for (const carrier of CARRIERS) {
    for (const scope of SCOPES) await get(service, `/api/v1/intensity?scope=${scope}&carrier=${carrier}`);
  }
}

/** Milliseconds until every scope is answered from what is known now. */
async function untilComputed(service: RunningService): Promise<number> {
  const startedAt = performance.now();
  const open = CARRIERS.flatMap((carrier) =>
    SCOPES.map((scope) => `/api/v1/intensity?scope=${scope}&carrier=${carrier}`),
  );
  while (open.length > 0) {
    try {
      const { asKnown } = await get<{ asKnown: string }>(service, open[0]!);
      if (asKnown === 'now') open.shift();
      else await pause(500);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 503)) throw error;
      await pause(500);
    }
    if (performance.now() - startedAt > COLD_MS) throw new Error('the first computation did not end');
  }
  return performance.now() - startedAt;
}

async function timesOf(service: RunningService, times: number): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const scope = SCOPES[Math.floor(Math.random() * SCOPES.length)]!;
    const startedAt = performance.now();
    await get(service, `/api/v1/intensity?scope=${scope}`);
    taken.push(performance.now() - startedAt);
  }
  return taken;
}

/** Does something again and again while the round runs. */
async function besides(run: () => Promise<Round>, again: () => Promise<void>): Promise<Round> {
  let isOver = false;
  const round = run().finally(() => {
    isOver = true;
  });
  while (!isOver) await again();
  return round;
}

async function pause(ms: number): Promise<never[]> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return [];
}

const memory = async (service: RunningService) =>
  ((await metric(service, 'process_resident_memory_bytes')) ?? Number.NaN) / 1e6;

/** The longest delay of the event loop since it was asked for last, ms; the monitor counts its own interval of 10 ms. */
async function turn(service: RunningService): Promise<number> {
  return Math.max(0, ((await metric(service, 'nodejs_eventloop_lag_max_seconds')) ?? Number.NaN) * 1_000 - 10);
}
