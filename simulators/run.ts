import { backfill } from './backfill.js';
import { buildFleet, closeAll, connectAll, type Fleet, fleetStats } from './fleet.js';
import { GatewayLink } from './link/gateway-link.js';
import { LivePublisher } from './live.js';
import type { SimulateOptions } from './options.js';
import { progressOn } from './progress.js';
import { ProvisionError, type Provisioned, provision, readCredentials, saveCredentials } from './provision.js';
import { randomStream, seedOf } from './random.js';
import { SCENARIOS, type ScenarioName, type Stage } from './scenario/index.js';
import { Claims } from './scenario/stage.js';
import { ServiceApi } from './service-api.js';
import type { Truth } from './truth.js';
import { AlarmCheck, type Verdict, verdictText } from './verdict/check.js';

/** What a run uses of its process. */
interface RunContext {
  readonly now: () => number;
  /** Output for people. */
  readonly log: NodeJS.WritableStream;
  readonly truth: Truth;
  /** Stops the run in order. */
  readonly signal: AbortSignal;
}

/** Longest wait for the last acknowledgements. */
const DRAIN_MS = 15_000;

/** The gateways that the options select. @throws ProvisionError, ApiError */
async function gatewaysOf(options: SimulateOptions): Promise<Provisioned[]> {
  const { api, adminToken = '', credentials, parks, seed, interval } = options;
  const chosen = parks ? { parks } : {};
  if (api === undefined) return readCredentials(credentials ?? '', parks);
  const client = new ServiceApi(api, adminToken);
  const made = await provision(client, { ...chosen, seed, expectedIntervalS: Math.ceil(interval) });
  if (options.saveCredentials !== undefined) await saveCredentials(options.saveCredentials, made);
  return made;
}

export function fleetOf(
  provisioned: readonly Provisioned[],
  { broker, seed }: Pick<SimulateOptions, 'broker' | 'seed'>,
  now: () => number,
): Fleet {
  if (provisioned.length === 0) throw new ProvisionError('no park was chosen');
  const links = new Map(
    provisioned.map(({ site, gateway, secret }) => [
      site.id,
      new GatewayLink({ broker, park: site.id, gateway, secret, now }),
    ]),
  );
  return buildFleet(
    provisioned.map(({ site }) => site),
    (park) => links.get(park)!,
    seed,
  );
}

/** Publishes the past data and shows its progress. */
export async function fillPast(
  fleet: Fleet,
  [from, to]: readonly [number, number],
  { now, log, signal }: Pick<RunContext, 'now' | 'log' | 'signal'>,
) {
  const started = now();
  let shown: ReturnType<typeof progressOn> | undefined;
  const result = await backfill({
    fleet,
    from,
    to,
    signal,
    onProgress: (at) => {
      shown ??= progressOn(log, 'past data', at.totalMessages, now);
      shown.update(at.messages, `${at.readings.toLocaleString('en')} readings`);
    },
  });
  shown?.stop();
  const seconds = (now() - started) / 1_000;
  log.write(`past data: ${result.readings.toLocaleString('en')} readings in ${seconds.toFixed(1)} s\n`);
  return { ...result, seconds };
}

/** Schedules scenarios on a live publisher. */
export function playScenarios(
  names: readonly ScenarioName[],
  stage: Omit<Stage, 'random' | 'claims'>,
  seed: number,
): void {
  const claims = new Claims();
  for (const name of names) SCENARIOS[name].play({ ...stage, claims, random: randomStream(seedOf(name, seed)) });
}

/**
 * One complete run: sign in, past data, live data with scenarios, and its ground truth. Returns the verdict on its
 * alarms; null without `check`.
 */
export async function simulate(options: SimulateOptions, context: RunContext): Promise<Verdict | null> {
  const { now, log, truth, signal } = context;
  const fleet = fleetOf(await gatewaysOf(options), options, now);
  const devices = fleet.reduce((sum, park) => sum + park.devices.length, 0);
  await connectAll(fleet);
  log.write(`${fleet.length} gateways signed in at ${options.broker}, ${devices} devices\n`);
  try {
    if (options.backfill !== undefined) {
      const to = now();
      const { messages, readings, dropped } = await fillPast(fleet, [to - options.backfill, to], context);
      truth.record({ type: 'backfill', from: to - options.backfill, to, messages, readings, dropped });
    }
    if (!options.live || signal.aborted) return null;
    const check = await beginCheck(fleet, options);
    await goLive(fleet, devices, options, context);
    return check && (await judge(check, context));
  } finally {
    await closeAll(fleet);
  }
}

function beginCheck(fleet: Fleet, { check, api, adminToken = '' }: SimulateOptions): Promise<AlarmCheck> | null {
  if (!check || api === undefined) return null;
  return AlarmCheck.begin({ url: api, token: adminToken, parks: new Set(fleet.map(({ site }) => site.id)) });
}

async function judge(check: AlarmCheck, { log, truth }: RunContext): Promise<Verdict> {
  const verdict = await check.verdict(truth);
  truth.record({ type: 'verdict', ...verdict });
  log.write(verdictText(verdict));
  return verdict;
}

async function goLive(fleet: Fleet, devices: number, options: SimulateOptions, context: RunContext): Promise<void> {
  const { now, log, truth, signal } = context;
  const intervalMs = options.rate === undefined ? options.interval * 1_000 : (devices / options.rate) * 1_000;
  const live = new LivePublisher({ fleet, intervalMs, now, truth });
  const start = now();
  const playTime = options.duration ?? options.scenarioTime;
  playScenarios(options.scenario, { fleet, live, truth, now, start, end: start + playTime }, options.seed);
  const length = options.duration ?? (options.check ? playTime : Number.POSITIVE_INFINITY);
  // Events that depend on the service's own clock may come shortly after the last reading.
  const end = options.check ? Math.max(start + length, truth.alarms.over) : start + length;
  await runLive(live, { end, signal, now, onSecond: statusLine(fleet, live, log, now) });
  await drained(fleet);
  truth.report();
  const { pending, ...gateways } = fleetStats(fleet);
  truth.record({ type: 'summary', ...live.stats, gateways, pending, seconds: (now() - start) / 1_000 });
}

/** Publishes until `end` (epoch ms) or the signal. */
export async function runLive(
  live: LivePublisher,
  until: { end: number; signal: AbortSignal; now: () => number; onSecond?: () => void },
): Promise<void> {
  live.start();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      until.onSecond?.();
      if (until.signal.aborted || until.now() >= until.end) done();
    }, 1_000);
    const left = until.end - until.now();
    const last = left < 2 ** 31 ? setTimeout(() => done(), Math.max(0, left)) : undefined;
    const done = () => {
      clearInterval(timer);
      clearTimeout(last);
      until.signal.removeEventListener('abort', done);
      resolve();
    };
    until.signal.addEventListener('abort', done);
    if (until.signal.aborted) done();
  });
  live.tick();
  live.stop();
}

function statusLine(fleet: Fleet, live: LivePublisher, log: NodeJS.WritableStream, now: () => number): () => void {
  let next = now() + 10_000;
  return () => {
    if (now() < next) return;
    next = now() + 10_000;
    const { online, pending, dropped } = fleetStats(fleet);
    const { messages, acknowledged } = live.stats;
    log.write(
      `live: ${messages} messages, ${acknowledged} acknowledged, ${pending} pending, ${dropped} dropped, ` +
        `${online}/${fleet.length} gateways online\n`,
    );
  };
}

async function drained(fleet: Fleet): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_MS);
  });
  await Promise.race([Promise.all(fleet.map(({ link }) => link.idle())), timeout]);
  clearTimeout(timer);
}
