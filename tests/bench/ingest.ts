import { type Broker, startMosquitto, startScript, startServiceBroker } from './brokers.js';
import { READINGS_PER_MESSAGE } from './load/meter.js';
import { loadGateways } from './load/topology.js';
import { atLeast, atMost, type BenchOptions, type BenchResult, type Figure, median, readable } from './report.js';
import { cpuPerMessage, mainCpuPerMessage, type Round, remarksOn, runRound } from './round.js';

const BENCH = 'ingest';
const GATEWAYS_PER_PARK = 2;
const METERS_PER_GATEWAY = 20;
const TARGET_RATE = 20_000;
const TARGET_SHARE_OF_BARE = 0.6;
const TARGET_MB = 700;
/** Below this growth a run of a minute cannot be told from the garbage collector's own waves. */
const FLAT_MB_PER_MIN = 30;

/**
 * Durable ingest: how many messages a second the service acknowledges, beside a broker that stores nothing and, where
 * it is installed, Mosquitto, in turn under the same load; then a longer run at the target rate.
 */
export async function benchIngest(options: BenchOptions): Promise<BenchResult> {
  const gateways = loadGateways(GATEWAYS_PER_PARK, METERS_PER_GATEWAY);
  const remarks: string[] = [];
  const brokers: Broker[] = [];
  try {
    const service = await startServiceBroker(gateways);
    brokers.push(service, await startScript('bare-aedes', gateways));
    const mosquitto = await startMosquitto(gateways);
    if (mosquitto) brokers.push(mosquitto);
    else remarks.push('skipped: Mosquitto (not on the PATH)');
    const rounds = await compare(brokers, options);
    const mode = { kind: 'open', messagesPerSecond: TARGET_RATE } as const;
    const sustained = await runRound(service, mode, options.quick ? 10_000 : 60_000);
    for (const [name, list] of rounds) for (const round of list) remarks.push(...remarksOn(name, round));
    remarks.push(...remarksOn('service at the target rate', sustained));
    return {
      figures: [...comparison(rounds), ...sustainedFigures(sustained, options.quick)],
      remarks: [...new Set(remarks)],
    };
  } finally {
    for (const broker of brokers) await broker.stop();
  }
}

/** Rounds in turn, in an order that shifts, so that a busy moment of the machine strikes all alike. */
async function compare(brokers: readonly Broker[], options: BenchOptions): Promise<Map<string, Round[]>> {
  const rounds = new Map<string, Round[]>(brokers.map(({ name }) => [name, []]));
  const count = options.quick ? 1 : 3;
  const durationMs = options.quick ? 5_000 : 15_000;
  for (let i = 0; i < count; i += 1) {
    for (let k = 0; k < brokers.length; k += 1) {
      const broker = brokers[(i + k) % brokers.length] as Broker;
      const round = await runRound(broker, { kind: 'closed' }, durationMs);
      rounds.get(broker.name)?.push(round);
      options.progress(
        `round ${i + 1} of ${count}: ${broker.name} ${readable(round.messagesPerSecond)} messages/s, ` +
          `p99 ${readable(round.p99)} ms, ${readable(mainCpuPerMessage(round))} µs of its main thread a message`,
      );
    }
  }
  return rounds;
}

interface Column {
  readonly what: string;
  readonly unit: string;
  readonly pick: (round: Round) => number | undefined;
  readonly note?: string;
}

const COLUMNS: readonly Column[] = [
  { what: 'messages', unit: '1/s', pick: (round) => round.messagesPerSecond },
  { what: 'readings', unit: '1/s', pick: (round) => round.messagesPerSecond * READINGS_PER_MESSAGE },
  { what: 'PUBACK p50', unit: 'ms', pick: (round) => round.p50, note: 'all windows full' },
  { what: 'PUBACK p99', unit: 'ms', pick: (round) => round.p99, note: 'all windows full' },
  { what: 'CPU', unit: 'cores', pick: (round) => round.use.cpu },
  { what: 'CPU a message', unit: 'µs', pick: cpuPerMessage },
  { what: 'main thread a message', unit: 'µs', pick: mainCpuPerMessage },
  { what: 'event-loop delay p99', unit: 'ms', pick: (round) => round.loopDelayMs },
  { what: 'memory at the end', unit: 'MB', pick: (round) => round.use.rssEnd },
  { what: 'load process CPU', unit: 'cores', pick: (round) => round.cpu },
  { what: 'history behind at the end', unit: 's', pick: (round) => round.historyBehindS },
];

/** The middle of each broker's rounds. */
function comparison(rounds: ReadonlyMap<string, readonly Round[]>): Figure[] {
  const figures: Figure[] = [];
  for (const [broker, list] of rounds) {
    for (const { what, unit, pick, note } of COLUMNS) {
      const values = list.map(pick).filter((value) => value !== undefined);
      if (values.length === 0) continue;
      const target = broker === 'service' && what === 'messages' ? { target: atLeast(TARGET_RATE) } : {};
      const figure = { bench: BENCH, name: `${broker}: ${what}`, value: median(values), unit, ...target };
      figures.push(note === undefined ? figure : { ...figure, note });
    }
  }
  const middle = (broker: string, pick: (round: Round) => number) => median((rounds.get(broker) ?? []).map(pick));
  const rate = ({ messagesPerSecond }: Round) => messagesPerSecond;
  figures.push({
    bench: BENCH,
    name: 'service ÷ bare aedes',
    value: middle('service', rate) / middle('bare-aedes', rate),
    unit: '',
    target: atLeast(TARGET_SHARE_OF_BARE),
    note: `by main thread a message ${readable(middle('bare-aedes', mainCpuPerMessage) / middle('service', mainCpuPerMessage))}`,
  });
  return figures;
}

function sustainedFigures(round: Round, quick: boolean): Figure[] {
  const { use } = round;
  const figure = (what: string, value: number, unit: string, more: Partial<Figure> = {}): Figure => ({
    bench: BENCH,
    name: `at ${readable(TARGET_RATE)}/s: ${what}`,
    value,
    unit,
    ...more,
  });
  const fromDue = { note: 'from the time due' };
  return [
    figure('messages', round.messagesPerSecond, '1/s', { target: atLeast(0.99 * TARGET_RATE) }),
    figure('PUBACK p50', round.p50, 'ms', fromDue),
    figure('PUBACK p99', round.p99, 'ms', fromDue),
    figure('PUBACK max', round.max, 'ms', fromDue),
    figure('CPU', use.cpu, 'cores', { note: `main thread ${readable(use.mainThreadCpu)}` }),
    figure('event-loop delay p99', round.loopDelayMs ?? Number.NaN, 'ms'),
    figure('memory, highest', use.rssMax, 'MB', {
      target: atMost(TARGET_MB),
      note: `start ${readable(use.rssStart)}, middle ${readable(use.rssMiddle)}, end ${readable(use.rssEnd)}`,
    }),
    // A few seconds show the waves of sealing, not a trend.
    ...(quick
      ? []
      : [figure('memory, slope of the second half', use.rssSlope, 'MB/min', { target: atMost(FLAT_MB_PER_MIN) })]),
    figure('history behind at the end', round.historyBehindS ?? Number.NaN, 's'),
    figure('load process CPU', round.cpu, 'cores'),
  ];
}
