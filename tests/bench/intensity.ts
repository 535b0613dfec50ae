import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServiceBroker } from './brokers.js';
import { benchEngine } from './historian/stores.js';
import { askAll, dayStart, memory, pause, restatements, timesOf, turn, untilComputed } from './intensity/asking.js';
import { influxHistory, lakeHistory, type MadeHistory } from './intensity/histories.js';
import { fillState, type MadeMeter, metersOf } from './intensity/made-city.js';
import { loadGateways } from './load/topology.js';
import { atLeast, atMost, type BenchOptions, type BenchResult, type Figure, percentile, readable } from './report.js';
import { type Round, remarksOn, runRound } from './round.js';

const RATE = 5_000;
type Running = Awaited<ReturnType<typeof startServiceBroker>>;

interface City {
  readonly meters: readonly MadeMeter[];
  readonly now: number;
  readonly hourlyDays: number;
}

/** Takes figures and remarks as they come. */
class Report {
  readonly figures: Figure[] = [];
  readonly remarks = new Set<string>();

  constructor(readonly options: BenchOptions) {}

  add(name: string, value: number, unit: string, more: Partial<Figure> = {}): void {
    this.figures.push({ bench: 'intensity', name, value, unit, ...more });
    this.options.progress(`${name}: ${readable(value)} ${unit}`);
  }
}

/**
 * The 5 % of a city of 17 parks with 100 meters each and years of registers: recomputing every scope after a restatement,
 * answers while ingest runs, what both cost ingest and memory, and what a restart costs. With
 * `PARK_BENCH_CITY` the lake's city is made in that folder, and used again where it is there; readings end when it was made.
 */
export async function benchIntensity(options: BenchOptions): Promise<BenchResult> {
  const { city, report } = begin(options);
  await inFolder(process.env.PARK_BENCH_CITY, async (folder) => {
    if (!existsSync(join(folder, 'park.sqlite'))) await fill(folder, city, lakeHistory, options);
    const without = await withoutMeters(options);
    await onService(folder, lakeHistory, async (broker) => {
      await recompute(broker, city, lakeHistory, report);
      await besideIngest(broker, city, without, report);
      await afterRestart(broker, report);
    });
  });
  return { figures: report.figures, remarks: [...report.remarks] };
}

/** What restatements take with the same city's registers in InfluxDB. */
export async function benchIntensityInflux(options: BenchOptions): Promise<BenchResult> {
  const engine = await benchEngine();
  if (engine === null) return { figures: [], remarks: ['skipped: InfluxDB (none found, see the README)'] };
  const { city, report } = begin(options);
  try {
    await engine.start();
    const history = influxHistory(engine, engine.freshBucket());
    await inFolder(undefined, async (folder) => {
      await fill(folder, city, history, options);
      await onService(folder, history, (broker) => recompute(broker, city, history, report));
    });
  } finally {
    await engine.dispose();
  }
  return { figures: report.figures, remarks: [...report.remarks] };
}

function begin(options: BenchOptions): { readonly city: City; readonly report: Report } {
  const { quick } = options;
  const city: City = { meters: metersOf(quick ? 1 : 10), now: Date.now(), hourlyDays: quick ? 20 : 35 };
  const report = new Report(options);
  if (quick) report.remarks.add(`over ${city.meters.length} meters instead of 1,700`);
  return { city, report };
}

async function inFolder(kept: string | undefined, work: (folder: string) => Promise<void>): Promise<void> {
  if (kept !== undefined) {
    mkdirSync(kept, { recursive: true });
    return work(kept);
  }
  const folder = mkdtempSync(join(tmpdir(), 'park-city-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string, city: City, history: MadeHistory, { progress }: BenchOptions): Promise<void> {
  const { meters, now, hourlyDays } = city;
  const startedAt = performance.now();
  await history.fill(folder, meters, { to: dayStart(now), hourlyDays, progress });
  // Last, so that a folder with a state is a whole city.
  fillState(join(folder, 'park.sqlite'), meters, now);
  progress(`${history.name}: ${meters.length} meters made in ${readable((performance.now() - startedAt) / 1_000)} s`);
}

async function onService(folder: string, { env }: MadeHistory, work: (broker: Running) => Promise<void>) {
  const prepare = (dataDir: string) => cpSync(folder, dataDir, { recursive: true });
  const broker = await startServiceBroker(loadGateways(2, 20), { env, prepare });
  try {
    await work(broker);
  } finally {
    await broker.stop();
  }
}

const rounds = ({ quick }: BenchOptions) => ({ ms: quick ? 4_000 : 8_000, count: quick ? 1 : 2 });
const paced = (broker: Running, ms: number) => runRound(broker, { kind: 'open', messagesPerSecond: RATE }, ms);

/** Memory of a service that has the same load and no meter to assess, MB. */
async function withoutMeters(options: BenchOptions): Promise<{ readonly rss: number; readonly heap: number }> {
  const broker = await startServiceBroker(loadGateways(2, 20));
  try {
    await paced(broker, rounds(options).ms);
    return await memory(broker.service);
  } finally {
    await broker.stop();
  }
}

async function recompute({ service }: Running, { now }: City, { name }: MadeHistory, report: Report): Promise<void> {
  const { quick } = report.options;
  await turn(service);
  report.add(`first computation of all scopes, ${name}`, (await untilComputed(service)) / 1_000, 's');
  report.add(`longest turn of the event loop, first computation, ${name}`, await turn(service), 'ms');
  let longest = 0;
  for (const [what, say] of restatements(service, now)) {
    const taken: number[] = [];
    for (let i = 0; i < (quick ? 2 : 4); i += 1) {
      const startedAt = performance.now();
      await say(i);
      await askAll(service);
      taken.push(performance.now() - startedAt);
      longest = Math.max(longest, await turn(service));
    }
    report.options.progress(taken.map(readable).join(', '));
    report.add(`all scopes after ${what}, longest, ${name}`, Math.max(...taken), 'ms', { target: atMost(2_000) });
  }
  report.add(`longest turn of the event loop, restatements, ${name}`, longest, 'ms', { target: atMost(15) });
}

async function besideIngest(
  broker: Running,
  { now }: City,
  without: { readonly rss: number; readonly heap: number },
  report: Report,
): Promise<void> {
  const { service } = broker;
  const { ms, count } = rounds(report.options);
  const idle = await timesOf(service, report.options.quick ? 100 : 400);
  report.add('GET /intensity idle, p99', percentile(idle, 99), 'ms', { note: `p50 ${readable(percentile(idle, 50))}` });
  const answers: number[] = [];
  const offered = await besides(
    () => paced(broker, ms),
    async () => void answers.push(...(await timesOf(service, 1)), ...(await pause(40))),
  );
  report.add(`GET /intensity at ${readable(RATE)} messages/s, p99`, percentile(answers, 99), 'ms', {
    target: atMost(30),
    note: `p50 ${readable(percentile(answers, 50))}, ${answers.length} answers, ${readable(offered.messagesPerSecond)}/s`,
  });
  for (const remark of remarksOn('offered', offered)) report.remarks.add(remark);
  const there = await memory(service);
  report.add('memory beside a service without meters', there.rss - without.rss, 'MB', {
    target: atMost(100),
    note: `${readable(without.rss)} MB without; JavaScript ${readable(there.heap - without.heap)} MB more`,
  });

  // In turn, so that what the machine does else meets both.
  const ratios: number[] = [];
  const [[, say]] = restatements(service, now) as [[string, (i: number) => Promise<void>]];
  let said = 100;
  const recomputing = async () => {
    said += 1;
    await say(said);
    await askAll(service);
    await pause(3_000);
  };
  for (let i = 0; i < count; i += 1) {
    const alone = () => runRound(broker, { kind: 'closed' }, ms);
    const pair = { alone: Number.NaN, beside: Number.NaN };
    for (const which of i % 2 === 0 ? (['alone', 'beside'] as const) : (['beside', 'alone'] as const)) {
      const round = await (which === 'alone' ? alone() : besides(alone, recomputing));
      for (const remark of remarksOn(which, round)) report.remarks.add(remark);
      pair[which] = round.messagesPerSecond;
    }
    ratios.push(pair.beside / pair.alone);
    report.options.progress(`flat out: ${readable(pair.alone)} messages/s, ${readable(pair.beside)} beside`);
  }
  const mean = ratios.reduce((sum, one) => sum + one, 0) / ratios.length;
  report.add('ingest flat out beside a restatement every 3 s ÷ alone', mean, '', {
    target: atLeast(0.95),
    note: ratios.map(readable).join(', '),
  });
}

/** Stopped and started on the same folder: what was settled need not be read again. */
async function afterRestart(broker: Running, report: Report): Promise<void> {
  const service = await broker.restart();
  report.add('all scopes after a restart', (await untilComputed(service)) / 1_000, 's');
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
