import { Command, InvalidArgumentError, Option } from 'commander';
import { isId } from '../src/model/ids.js';
import { isScenario, SCENARIO_NAMES, SCENARIOS, type ScenarioName } from './scenario/index.js';

export interface SimulateOptions {
  readonly broker: string;
  readonly credentials?: string;
  readonly api?: string;
  readonly adminToken?: string;
  readonly saveCredentials?: string;
  readonly parks?: readonly string[];
  readonly seed: number;
  /** Seconds between two messages of one device. */
  readonly interval: number;
  /** Messages a second of all devices, instead of `interval`. */
  readonly rate?: number;
  /** Milliseconds; without it the run lasts until Ctrl-C. */
  readonly duration?: number;
  readonly scenario: readonly ScenarioName[];
  /** Milliseconds that a scenario plays without a duration. */
  readonly scenarioTime: number;
  /** Milliseconds of past data to publish first. */
  readonly backfill?: number;
  readonly live: boolean;
  readonly truth?: string;
  /** Compares the alarms that the service recorded with the ground truth. */
  readonly check: boolean;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `2h`, `30d`; a bare number counts seconds. Milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new InvalidArgumentError('expects a time above 0 such as 30s, 5m, 2h or 30d');
  return ms;
}

export function parsePositive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError('expects a number above 0');
  return number;
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || Math.abs(seed) > 0x7fff_ffff) {
    throw new InvalidArgumentError('expects a whole number of at most 31 bits');
  }
  return seed;
}

export function parseParks(text: string): string[] {
  const parks = text.split(',').map((park) => park.trim());
  const wrong = parks.find((park) => !isId(park));
  if (wrong !== undefined) throw new InvalidArgumentError(`expects park ids between commas; “${wrong}” is none`);
  return [...new Set(parks)];
}

function parseScenarios(text: string): ScenarioName[] {
  return text.split(',').map((given) => {
    const name = given.trim();
    if (!isScenario(name)) throw new InvalidArgumentError(`expects some of ${SCENARIO_NAMES.join(', ')}`);
    return name;
  });
}

function parseUrl(protocols: readonly string[]) {
  return (text: string): string => {
    const protocol = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : '';
    if (!protocols.includes(protocol)) {
      throw new InvalidArgumentError(`expects a URL that starts with ${protocols.map((p) => `${p}://`).join(', ')}`);
    }
    return text;
  };
}

/** The command line of the simulators. Wrong options end with commander's error and exit code 2. */
export function simulateCommand(): Command {
  const scenarios = SCENARIO_NAMES.map((name) => `  ${name.padEnd(22)}${SCENARIOS[name].summary}`).join('\n');
  return new Command('simulate')
    .description('Simulates the gateways and devices of the parks against any MQTT broker.')
    .addOption(
      new Option('--broker <url>', 'broker to publish to')
        .default('mqtt://127.0.0.1:1883')
        .argParser(parseUrl(['mqtt', 'mqtts', 'ws', 'wss'])),
    )
    .option('--credentials <file>', 'JSON file {park: {gateway, secret, areaMu?, industry?}} to sign in with')
    .addOption(
      new Option('--api <url>', "the service's address: makes a gateway in each park and takes the parks' data from it")
        .argParser(parseUrl(['http', 'https']))
        .conflicts('credentials'),
    )
    .addOption(
      new Option('--admin-token <token>', 'token of an administrator, for --api; better set in the environment').env(
        'PARK_ADMIN_TOKEN',
      ),
    )
    .option('--save-credentials <file>', 'with --api: keeps the credentials made, for --credentials')
    .option('--parks <ids>', 'park ids between commas (default: all)', parseParks)
    .option('--seed <number>', 'the same seed gives the same devices and values', parseSeed, 1)
    .option('--interval <seconds>', 'seconds between two messages of one device', parsePositive, 10)
    .addOption(
      new Option('--rate <number>', 'messages a second in all, instead of --interval')
        .argParser(parsePositive)
        .conflicts('interval'),
    )
    .option('--duration <time>', 'how long to publish: 30s, 5m, 2h (default: until Ctrl-C)', parseDuration)
    .addOption(
      new Option('--scenario <names>', 'what happens out of the ordinary, names between commas')
        .default([], 'nothing')
        .argParser(parseScenarios),
    )
    .addOption(
      new Option('--scenario-time <time>', 'how long scenarios play where --duration does not say')
        .default(120_000, '2m')
        .argParser(parseDuration),
    )
    .option('--backfill <time>', 'first fills in this much of the past, such as 30d', parseDuration)
    .option('--no-live', 'ends after the backfill')
    .option('--check', 'with --api: ends once the scenarios are over, compares the alarms with the ground truth', false)
    .option('--truth <file>', 'writes the ground truth there instead of to standard output')
    .addHelpText(
      'after',
      `
Scenarios:
${scenarios}

Ground truth is one JSON object a line: what scenarios did and which alarms, rejections and deltas to expect, and at
the end, for each series, how many readings were sent and acknowledged, with their sum. People read standard error.

Exit codes: 0 done, 1 the run failed, 2 wrong options, 3 with --check: the alarms are not those of the ground truth.

Examples:
  PARK_ADMIN_TOKEN=… simulate --api http://127.0.0.1:8080 --backfill 30d
  PARK_ADMIN_TOKEN=… simulate --api http://127.0.0.1:8080 --parks lw-zhenan --scenario gas-leak --check
  simulate --credentials gateways.json --parks oh-diandu --duration 2m --scenario discharge-exceedance`,
    )
    .exitOverride()
    .action(() => undefined);
}

/** Reads the arguments after the program's name. @throws CommanderError for wrong ones, and for `--help` */
export function readOptions(argv: readonly string[], command = simulateCommand()): SimulateOptions {
  command.parse([...argv], { from: 'user' });
  const options = command.opts<SimulateOptions>();
  const fail = (message: string) => command.error(`error: ${message}`);
  if (options.api === undefined && options.credentials === undefined) {
    fail('gateways need credentials: give --api with an administrator token, or --credentials');
  }
  if (options.api !== undefined && !options.adminToken) {
    fail('--api needs an administrator token: set PARK_ADMIN_TOKEN or give --admin-token');
  }
  if (options.check && options.api === undefined) fail('--check needs --api, to ask the service for its alarms');
  if (options.check && !options.live) fail('--check compares what happens in live data, --no-live has none');
  if (options.saveCredentials !== undefined && options.api === undefined) fail('--save-credentials needs --api');
  if (!options.live && options.backfill === undefined) fail('--no-live without --backfill leaves nothing to do');
  if (!options.live && options.scenario.length > 0) fail('--scenario plays in live data, --no-live has none');
  return options;
}
