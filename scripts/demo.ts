import { resolve } from 'node:path';
import { runCommand } from '../simulators/command.js';
import { closeAll, connectAll, type Fleet } from '../simulators/fleet.js';
import { provision } from '../simulators/provision.js';
import { fillPast, fleetOf } from '../simulators/run.js';
import { ServiceApi } from '../simulators/service-api.js';
import { DAY_MS } from '../src/model/time/duration.js';
import { limitsThatApply } from './demo/limits.js';
import { demoLive } from './demo/live.js';
import { type DemoOptions, readDemoOptions } from './demo/options.js';
import { Service, ServiceError } from './demo/service.js';
import { adminToken, type DemoTokens, roleTokens } from './demo/tokens.js';

const SEED = 1;
const out = process.stdout;

process.exitCode = await runCommand({ read: readDemoOptions, run: main, signals: 'on' });

async function main(options: DemoOptions, stop: AbortController): Promise<number> {
  let service: Service | undefined;
  try {
    const dataDir = resolve(process.env.PARK_DATA_DIR || './data/demo');
    const kept = await adminToken(dataDir, process.env);
    service = await Service.start({ ...process.env, PARK_DATA_DIR: dataDir, PARK_ADMIN_TOKEN: kept.admin }, out);
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
    printAddresses(service.addresses, tokens);
    const limits = await limitsThatApply(
      api,
      fleet.map(({ site }) => site.id),
    );
    out.write(`  wastewater limits    ${limits.join('\n                       ')}\n\n`);
    if (!options.exitAfterBackfill && !signal.aborted) {
      out.write('the parks are simulated live now; Ctrl-C ends it\n');
      await demoLive(fleet, options, SEED, { now: Date.now, signal, log: out });
    }
  } finally {
    await closeAll(fleet);
  }
}

/** The earliest time without past data; the park furthest behind decides. */
async function pastFrom(api: ServiceApi, fleet: Fleet, earliest: number, now: number): Promise<number> {
  let from = now;
  for (const { site } of fleet) {
    const { items } = await api.get<{ items: { ts: string }[] }>(`/latest?park=${site.id}&domain=energy&limit=100`);
    const newest = Math.max(earliest, ...items.map(({ ts }) => Date.parse(ts)));
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
  alarms, live         ${ws}/ws/alarms
  MQTT                 ${mqtt}

  administrator        ${tokens.admin}
  operator             ${tokens.operator}
  inspector            ${tokens.inspector}
  viewer               ${tokens.viewer}

  curl -H 'authorization: Bearer ${tokens.viewer}' '${http}/api/v1/latest?domain=fire'

`);
}

function explain(error: Error): string {
  const port = /port (\d+) is in use/.exec(error.message)?.[1];
  if (port === undefined) return error.message;
  return `port ${port} is in use by another program. Choose others, or free ones with PARK_HTTP_PORT=0 PARK_MQTT_PORT=0.`;
}
