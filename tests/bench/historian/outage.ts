import { metric } from '../../e2e/helpers/api.js';
import type { Engine } from '../../helpers/influx/engine.js';
import { type Broker, startServiceBroker } from '../brokers.js';
import { READINGS_PER_MESSAGE } from '../load/meter.js';
import { startLoad } from '../load/run-load.js';
import { loadGateways } from '../load/topology.js';
import { atLeast, atMost, type BenchOptions, type BenchResult, type Figure, median, readable } from '../report.js';
import { type Round, remarksOn, runRound } from '../round.js';
import { watchProcess } from '../watch.js';
import { benchEngine } from './stores.js';

const BENCH = 'outage';
/** One hour at 5,000 readings a second. */
const BACKLOG_READINGS = 18_000_000;
const BACKLOG_RATE = 30_000;
const LIVE_RATE = 500;
const TARGET_CATCH_UP_S = 180;
const TARGET_DRAIN = 150_000;
const TARGET_SHARE = 0.9;
const GIVE_UP_MS = 1_800_000;

/**
 * InfluxDB is down: compares the rate of acknowledged messages with that of the lake; then an hour's backlog builds up,
 * and the time to catch up is measured once it is back, with 5,000 readings a second still coming.
 */
export async function benchOutage(options: BenchOptions): Promise<BenchResult> {
  const engine = await benchEngine();
  if (engine === null) return { figures: [], remarks: ['skipped: InfluxDB (none found, see the README)'] };
  const figures: Figure[] = [];
  const remarks: string[] = [`InfluxDB: ${engine.name}`];
  try {
    // The engine picks its port at the first start and keeps it.
    await engine.start();
    await engine.stop();
    const bucket = engine.freshBucket();
    const gateways = loadGateways(2, 20);
    const startAway = () => startServiceBroker(gateways, { name: 'InfluxDB away', env: influxEnv(engine, bucket) });
    await using(await startServiceBroker(gateways, { name: 'lake' }), (lake) =>
      startAway().then((away) =>
        using(away, async () => {
          figures.push(...(await compare(lake, away, options, remarks)));
        }),
      ),
    );
    // A fresh service: the rounds left a backlog of their own.
    await using(await startAway(), async (away) => {
      figures.push(...(await catchUp(away, engine, options)));
    });
    return { figures, remarks };
  } finally {
    await engine.dispose();
  }
}

async function using<B extends Broker>(broker: B, run: (broker: B) => Promise<void>): Promise<void> {
  try {
    await run(broker);
  } finally {
    await broker.stop();
  }
}

function influxEnv(engine: Engine, bucket: string): Record<string, string> {
  return {
    PARK_HISTORIAN: 'influxdb',
    INFLUX_URL: engine.url,
    INFLUX_API: engine.api,
    INFLUX_BUCKET: bucket,
    ...(engine.token && { INFLUX_TOKEN: engine.token }),
    ...(engine.org && { INFLUX_ORG: engine.org }),
    PARK_JOURNAL_MAX_GB: '100',
  };
}

async function compare(lake: Broker, away: Broker, options: BenchOptions, remarks: string[]): Promise<Figure[]> {
  const rates = new Map<string, number[]>([lake, away].map(({ name }) => [name, []]));
  const count = options.quick ? 1 : 3;
  for (let i = 0; i < count; i += 1) {
    for (const broker of i % 2 === 0 ? [lake, away] : [away, lake]) {
      const round: Round = await runRound(
        { ...broker, ...silent(broker) },
        { kind: 'closed' },
        options.quick ? 5_000 : 15_000,
      );
      rates.get(broker.name)!.push(round.messagesPerSecond);
      remarks.push(...remarksOn(broker.name, round));
      options.progress(`round ${i + 1} of ${count}: ${broker.name} ${readable(round.messagesPerSecond)} messages/s`);
    }
  }
  const middle = (broker: Broker) => median(rates.get(broker.name)!);
  return [
    figure('lake: messages', middle(lake), '1/s'),
    figure('InfluxDB away: messages', middle(away), '1/s'),
    { ...figure('InfluxDB away ÷ lake', middle(away) / middle(lake), ''), target: atLeast(TARGET_SHARE) },
  ];
}

/** A service without InfluxDB never catches up in its history: the round does not wait for it. */
function silent(broker: Broker): Partial<Broker> {
  return broker.name === 'lake' ? {} : { service: undefined as never };
}

async function catchUp(broker: Broker, engine: Engine, options: BenchOptions): Promise<Figure[]> {
  const service = broker.service!;
  const { host, port, gateways, pid } = broker;
  const readings = options.quick ? BACKLOG_READINGS / 10 : BACKLOG_READINGS;
  const load = (messagesPerSecond: number, durationMs: number) =>
    startLoad({
      host,
      port,
      gateways,
      window: 100,
      burst: 16,
      mode: { kind: 'open', messagesPerSecond },
      warmUpMs: 0,
      durationMs,
    }).result;
  await load(BACKLOG_RATE, (readings / READINGS_PER_MESSAGE / BACKLOG_RATE) * 1_000);
  const journal = (await metric(service, 'park_journal_kept_bytes')) ?? Number.NaN;
  options.progress(`a backlog of ${readable(readings)} readings, ${readable(journal / 1e6)} MB`);

  const watch = watchProcess(pid);
  let behind = true;
  const live = (async () => {
    while (behind) await load(LIVE_RATE, 5_000);
  })();
  const startedAt = performance.now();
  await engine.start();
  const seconds = await untilCaughtUp(service, startedAt, options);
  const drained = (await metric(service, 'park_historian_readings_total')) ?? 0;
  behind = false;
  const use = watch.stop();
  await live;
  return [
    figure('backlog and what came meanwhile', drained, 'readings'),
    { ...figure('drained at', drained / seconds, 'readings/s'), target: atLeast(TARGET_DRAIN) },
    {
      ...figure(`caught up ${readable(readings)} readings in`, seconds, 's', 'with 5,000 readings/s coming'),
      ...(options.quick ? {} : { target: atMost(TARGET_CATCH_UP_S) }),
    },
    figure('memory while catching up, highest', use.rssMax, 'MB', `start ${readable(use.rssStart)}`),
  ];
}

const backlog = async (service: NonNullable<Broker['service']>) =>
  (await metric(service, 'park_historian_lag_batches')) ?? 0;

async function untilCaughtUp(
  service: NonNullable<Broker['service']>,
  startedAt: number,
  options: BenchOptions,
): Promise<number> {
  let told = startedAt;
  for (;;) {
    const lag = await backlog(service);
    const now = performance.now();
    // Live readings keep a few batches in flight.
    if (lag < 50) return (now - startedAt) / 1_000;
    if (now - startedAt > GIVE_UP_MS) throw new Error(`still ${lag} batches behind`);
    if (now - told > 15_000) {
      told = now;
      options.progress(`${readable(lag)} batches behind`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const figure = (name: string, value: number, unit: string, note?: string): Figure => ({
  bench: BENCH,
  name,
  value,
  unit,
  ...(note !== undefined && { note }),
});
