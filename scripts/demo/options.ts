import { Command, Option } from 'commander';
import { parseDuration, parseParks, parsePositive } from '../../simulators/options.js';
import { type Language, languageOf } from './verdict.js';

export interface DemoOptions {
  /** Days of past data. */
  readonly days: number;
  readonly parks?: readonly string[];
  /** Seconds between two messages of one device. */
  readonly interval: number;
  /** Milliseconds of live data; without it the demo runs until Ctrl-C. */
  readonly duration?: number;
  readonly exitAfterBackfill: boolean;
  readonly scenarios: boolean;
  /** The years since 2020, and the verdict on them. */
  readonly years: boolean;
  readonly lang: Language;
  readonly scenarioTime: number;
}

/** Reads the arguments after the program's name. @throws CommanderError for wrong ones, and for `--help` */
export function readDemoOptions(argv: readonly string[]): DemoOptions {
  const command = new Command('demo')
    .description('Starts the service with past data of all parks, and simulates the parks live.')
    .option('--days <number>', 'days of past data', parsePositive, 30)
    .option('--parks <ids>', 'park ids between commas (default: all)', parseParks)
    .option('--interval <seconds>', 'seconds between two messages of one device', parsePositive, 10)
    .option('--duration <time>', 'ends after this much live data: 30s, 5m (default: Ctrl-C ends it)', parseDuration)
    .option('--exit-after-backfill', 'ends when the past data is in', false)
    .option('--no-years', 'leaves out the years since 2020 and the verdict on them')
    .addOption(
      new Option('--lang <language>', 'language of the verdict')
        .choices(['zh', 'en'])
        .default(languageOf(process.env), 'from LANG'),
    )
    .option('--no-scenarios', 'nothing out of the ordinary happens')
    .addOption(
      new Option('--scenario-time <time>', 'how long one scenario plays')
        .default(120_000, '2m')
        .argParser(parseDuration),
    )
    .addHelpText(
      'after',
      `
Environment: PARK_DATA_DIR (./data/demo), PARK_HTTP_PORT (8080), PARK_MQTT_PORT (1883) and the service's other
variables. A port of 0 takes a free one. A second run on the same data goes on where the first ended.`,
    )
    .exitOverride();
  command.parse([...argv], { from: 'user' });
  return command.opts<DemoOptions>();
}
