import { resolve } from 'node:path';
import { runCommand } from '../simulators/command.js';
import { closeAll, connectAll, type Fleet } from '../simulators/fleet.js';
import { provision } from '../simulators/provision.js';
import { fillPast, fleetOf } from '../simulators/run.js';
import { ServiceApi } from '../simulators/service-api.js';
import { loadYears } from '../simulators/years/load.js';
import { DAY_MS } from '../src/model/time/duration.js';
import { limitsThatApply } from './demo/limits.js';
import { demoLive } from './demo/live.js';
import { type DemoOptions, readDemoOptions } from './demo/options.js';
import { Service, ServiceError } from './demo/service.js';
import { adminToken, type DemoTokens, roleTokens } from './demo/tokens.js';
import { printVerdicts } from './demo/verdict.js';

const SEED = 1;
/** The service keeps raw readings of the years since 2020, and takes them. */
const RAW_DAYS = '4000';
const out = process.stdout;

process.exitCode = await runCommand({ read: readDemoOptions, run: main, signals: 'on' });

async function main(options: DemoOptions, stop: AbortController): Promise<number> {
  let service: Service | undefined;
  try {
    const dataDir = resolve(process.env.PARK_DATA_DIR || './data/demo');
    const kept = await adminToken(dataDir, process.env);
    const env = { PARK_RAW_DAYS: RAW_DAYS, ...process.env, PARK_DATA_DIR: dataDir, PARK_ADMIN_TOKEN: kept.admin };
    service = await Service.start(env, out);
    if (stop.signal.aborted) return 0;
    await Promise.race([run(service, dataDir, kept, options, stop), service.ended]);
    return 0;
  } catch (error) {
    if (stop.signal.aborted && !(error instanceof ServiceError)) return 0;
    process.stderr.write(`demo: ${explain(error as Error)}\n`);
    return 1;
  } finally {
    stop.abort();
    await service?.stop();
  }
}

async function run(
  service: Service,
  dataDir: string,
  kept: DemoTokens,
  options: DemoOptions,
  { signal }: AbortController,
): Promise<void> {
  const { http, mqtt } = service.addresses;
  const api = new ServiceApi(http, kept.admin);
  out.write(`the service listens at ${http}; making gateways and tokens\n`);
  const gateways = await provision(api, {
    ...(options.parks && { parks: options.parks }),
    seed: SEED,
    expectedIntervalS: Math.ceil(options.interval),
  });
  const tokens = await roleTokens(dataDir, kept, api, (token) => signsIn(http, token));
  const fleet = fleetOf(gateways, { broker: mqtt, seed: SEED }, Date.now);
  await connectAll(fleet);
  try {
    const to = Date.now();
    const from = await pastFrom(api, fleet, to - options.days * DAY_MS, to);
    await fillPast(fleet, [from, to], { now: Date.now, log: out, signal });
    const context = { now: Date.now, log: out, signal };
    const years = options.years ? await loadYears(api, fleet, context) : null;
    printAddresses(service.addresses, tokens);
    const limits = await limitsThatApply(
      api,
      fleet.map(({ site }) => site.id),
    );
    out.write(`  wastewater limits    ${limits.join('\n                       ')}\n\n`);
    if (years !== null) await printVerdicts(api, years, options.lang, context);
    if (!options.exitAfterBackfill && !signal.aborted) {
      out.write('the parks are simulated live now; Ctrl-C ends it\n');
      await demoLive(fleet, options, SEED, { now: Date.now, signal, log: out });
    }
  } finally {
    await closeAll(fleet);
  }
}

interface Latest {
  readonly device: string;
  readonly ts: string;
}

/** The earliest time without past data; the park furthest behind decides. */
async function pastFrom(api: ServiceApi, fleet: Fleet, earliest: number, now: number): Promise<number> {
  let from = now;
  for (const { site, devices } of fleet) {
    const live = new Set(devices.map(({ id }) => id));
    let newest = earliest;
    for await (const { device, ts } of api.all<Latest>(`/latest?park=${site.id}&domain=energy&limit=1000`)) {
      if (live.has(device)) newest = Math.max(newest, Date.parse(ts));
    }
    from = Math.min(from, newest);
  }
  return from;
}

async function signsIn(http: string, token: string): Promise<boolean> {
  return new ServiceApi(http, token).parks().then(
    () => true,
    () => false,
  );
}

function printAddresses({ http, mqtt }: { http: string; mqtt: string }, tokens: DemoTokens): void {
  const ws = http.replace(/^http/, 'ws');
  out.write(`
  API and documents    ${http}/docs
  metrics, health      ${http}/metrics  ${http}/health/ready
  the 5 % a year       ${http}/api/v1/intensity?scope=city  ${http}/api/v1/intensity/ranking
  alarms, live         ${ws}/ws/alarms
  MQTT                 ${mqtt}

  administrator        ${tokens.admin}
  operator             ${tokens.operator}
  inspector            ${tokens.inspector}
  viewer               ${tokens.viewer}

  curl -H 'authorization: Bearer ${tokens.viewer}' '${http}/api/v1/latest?domain=fire'
  curl -H 'authorization: Bearer ${tokens.viewer}' '${http}/api/v1/intensity?scope=city'

`);
}

function explain(error: Error): string {
  const port = /port (\d+) is in use/.exec(error.message)?.[1];
  if (port === undefined) return error.message;
  return `port ${port} is in use by another program. Choose others, or free ones with PARK_HTTP_PORT=0 PARK_MQTT_PORT=0.`;
}
