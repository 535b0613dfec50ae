import { Command, CommanderError, Option } from 'commander';

const KINDS = ['lake', 'influxdb'] as const;
export type HistorianKind = (typeof KINDS)[number];

export interface MigrateOptions {
  readonly from: HistorianKind;
  readonly to: HistorianKind;
}

/** @throws CommanderError for wrong options and for `--help`, after printing the message */
export function readMigrateOptions(argv: readonly string[]): MigrateOptions {
  const command = new Command('migrate')
    .description(
      'Copies all history of one historian to the other, with the service stopped. The stores are those of the ' +
        'environment (PARK_DATA_DIR, INFLUX_…); the source stays as it is. Broken off, it goes on at the next call.',
    )
    .addOption(new Option('--from <historian>', 'where the history is').choices(KINDS).makeOptionMandatory())
    .addOption(new Option('--to <historian>', 'where it is to go').choices(KINDS).makeOptionMandatory())
    .exitOverride();
  command.parse(argv, { from: 'user' });
  const options = command.opts<{ from: HistorianKind; to: HistorianKind }>();
  if (options.from === options.to) {
    process.stderr.write('error: --from and --to name the same historian\n');
    throw new CommanderError(2, 'migrate.same', '--from and --to name the same historian');
  }
  return options;
}
