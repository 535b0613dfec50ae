import { metric } from '../e2e/helpers/api.js';
import type { RunningService } from '../e2e/helpers/service.js';
import { type Broker, startMosquitto, startScript, startServiceBroker } from './brokers.js';
import type { LoadJob, LoadMode, LoadResult } from './load/job.js';
import { READINGS_PER_MESSAGE } from './load/meter.js';
import { startLoad } from './load/run-load.js';
import { loadGateways } from './load/topology.js';
import { atLeast, atMost, type BenchOptions, type BenchResult, type Figure, median, readable } from './report.js';
import { type ProcessUse, untilIdle, watchProcess } from './watch.js';

const BENCH = 'ingest';
const GATEWAYS_PER_PARK = 2;
const METERS_PER_GATEWAY = 20;
/** Messages in flight per connection: the default of the common client libraries. */
const WINDOW = 20;
const TARGET_RATE = 20_000;
const IDLE_MS = 120_000;
/** Below this growth a run of a minute cannot be told from the garbage collector's own waves. */
const FLAT_MB_PER_MIN = 30;

interface Round extends LoadResult {
  readonly use: ProcessUse;
  /** Seconds the broker stayed busy after the last message. */
  readonly busyAfterS: number;
}

/**
 * Durable ingest: how many messages a second the service acknowledges, beside a broker that stores nothing and, where
 * it is installed, Mosquitto, in turn under the same load; then a longer run at the target rate.
 */
export async function benchIngest(options: BenchOptions): Promise<BenchResult> {
  const gateways = loadGateways(GATEWAYS_PER_PARK, METERS_PER_GATEWAY);
  const remarks: string[] = [];
  const service = await startServiceBroker(gateways);
  const brokers: Broker[] = [service];
  try {
    brokers.push(await startScript('bare-aedes', gateways));
    const mosquitto = await startMosquitto(gateways);
    if (mosquitto) brokers.push(mosquitto);
    else remarks.push('skipped: Mosquitto (not on the PATH)');
    const rounds = await compare(brokers, options);
    const figures = comparison(brokers, rounds);
    const sustained = await runRound(service, openLoop(TARGET_RATE), options.quick ? 10_000 : 60_000);
    figures.push(...(await sustainedFigures(sustained, service.service)));
    for (const [name, list] of [...rounds, ['service at the target rate', [sustained]] as const]) {
      for (const round of list) remarks.push(...remarksOn(name, round));
    }
    return { figures, remarks: [...new Set(remarks)] };
  } finally {
    for (const broker of brokers) await broker.stop();
  }
}

const openLoop = (messagesPerSecond: number): LoadMode => ({ kind: 'open', messagesPerSecond });

/** Rounds in turn, in an order that shifts, so that a busy moment of the machine strikes all alike. */
async function compare(brokers: readonly Broker[], options: BenchOptions): Promise<Map<string, Round[]>> {
  const rounds = new Map<string, Round[]>(brokers.map(({ name }) => [name, []]));
  const count = options.quick ? 1 : 3;
  const durationMs = options.quick ? 5_000 : 15_000;
  for (let i = 0; i < count; i += 1) {
    for (let k = 0; k < brokers.length; k += 1) {
      const broker = brokers[(i + k) % brokers.length] as Broker;
      const round = await runRound(broker, { kind: 'closed' }, durationMs);
      options.progress(
        `round ${i + 1} of ${count}: ${broker.name} ${readable(round.messagesPerSecond)} messages/s, ` +
          `p99 ${readable(round.p99)} ms, ${readable(cpuPerMessage(round))} µs of CPU a message`,
      );
      rounds.get(broker.name)?.push(round);
    }
  }
  return rounds;
}

async function runRound(broker: Broker, mode: LoadMode, durationMs: number): Promise<Round> {
  const { host, port, gateways, pid } = broker;
  const job: LoadJob = { host, port, gateways, window: WINDOW, burst: 16, mode, warmUpMs: 3_000, durationMs };
  const load = startLoad(job);
  await load.reached('measuring');
  const watch = watchProcess(pid);
  const use = await load.reached('measured').then(watch.stop, watch.stop);
  const result = await load.result;
  const endedAt = performance.now();
  await untilIdle(pid, IDLE_MS);
  return { ...result, use, busyAfterS: Math.max(0, (performance.now() - endedAt) / 1000 - 1) };
}

const cpuPerMessage = (round: Round) => (round.use.cpu * 1e6) / round.messagesPerSecond;

function comparison(brokers: readonly Broker[], rounds: ReadonlyMap<string, readonly Round[]>): Figure[] {
  const middle = (name: string, pick: (round: Round) => number) => median((rounds.get(name) ?? []).map(pick));
  const rate = (name: string) => middle(name, (round) => round.messagesPerSecond);
  const figures: Figure[] = [];
  for (const { name } of brokers) {
    const add = (what: string, value: number, unit: string, more: Partial<Figure> = {}) =>
      figures.push({ bench: BENCH, name: `${name}: ${what}`, value, unit, ...more });
    add('messages', rate(name), '1/s', name === 'service' ? { target: atLeast(TARGET_RATE) } : {});
    add('readings', rate(name) * READINGS_PER_MESSAGE, '1/s');
    add(
      'PUBACK p50',
      middle(name, ({ p50 }) => p50),
      'ms',
      { note: 'all windows full' },
    );
    add(
      'PUBACK p99',
      middle(name, ({ p99 }) => p99),
      'ms',
      { note: 'all windows full' },
    );
    add(
      'CPU',
      middle(name, ({ use }) => use.cpu),
      'cores',
    );
    add(
      'CPU, main thread',
      middle(name, ({ use }) => use.mainThreadCpu),
      'cores',
    );
    add('CPU a message', middle(name, cpuPerMessage), 'µs');
    add(
      'load process CPU',
      middle(name, ({ cpu }) => cpu),
      'cores',
    );
  }
  figures.push({
    bench: BENCH,
    name: 'service ÷ bare aedes',
    value: rate('service') / rate('bare-aedes'),
    unit: '',
    target: atLeast(0.6),
  });
  figures.push({
    bench: BENCH,
    name: 'service: history behind after a round',
    value: middle('service', ({ busyAfterS }) => busyAfterS),
    unit: 's',
  });
  return figures;
}

async function sustainedFigures(round: Round, service: RunningService): Promise<Figure[]> {
  const { use } = round;
  const add = (what: string, value: number, unit: string, more: Partial<Figure> = {}): Figure => ({
    bench: BENCH,
    name: `at ${TARGET_RATE.toLocaleString('en-US')}/s: ${what}`,
    value,
    unit,
    ...more,
  });
  const lag = await metric(service, 'nodejs_eventloop_lag_p99_seconds');
  return [
    add('messages', round.messagesPerSecond, '1/s', { target: atLeast(0.99 * TARGET_RATE) }),
    add('PUBACK p50', round.p50, 'ms', { note: 'from the time due' }),
    add('PUBACK p99', round.p99, 'ms', { note: 'from the time due' }),
    add('PUBACK max', round.max, 'ms', { note: 'from the time due' }),
    add('CPU', use.cpu, 'cores', { note: `main thread ${readable(use.mainThreadCpu)}` }),
    add('memory, highest', use.rssMax, 'MB', {
      target: atMost(700),
      note: `start ${readable(use.rssStart)}, middle ${readable(use.rssMiddle)}, end ${readable(use.rssEnd)}`,
    }),
    add('memory, slope of the second half', use.rssSlope, 'MB/min', { target: atMost(FLAT_MB_PER_MIN) }),
    ...(lag === undefined
      ? []
      : [add('event-loop delay p99', lag * 1000, 'ms', { note: 'as the service reports it' })]),
    add('history behind afterwards', round.busyAfterS, 's'),
  ];
}

function remarksOn(name: string, round: Round): string[] {
  const remarks: string[] = [];
  if (round.bottleneck) remarks.push(`${name}: the load generator may be the bottleneck: ${round.bottleneck}`);
  if (round.unacknowledged > 0) remarks.push(`${name}: ${round.unacknowledged} messages were never acknowledged`);
  if (round.unexpectedAcks > 0) remarks.push(`${name}: ${round.unexpectedAcks} acknowledgements of nothing in flight`);
  if (round.lostConnections > 0) {
    remarks.push(`${name}: ${round.lostConnections} connections were lost (${round.lostReason})`);
  }
  return remarks;
}
