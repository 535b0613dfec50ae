import { join } from 'node:path';
import { CommanderError } from 'commander';
import { progressOn } from '../simulators/progress.js';
import { type Config, ConfigError, readConfig } from '../src/config.js';
import { type MoveEvent, moveHistory } from '../src/historian/move/move.js';
import { makeStore } from '../src/historian/worker/open-store.js';
import { historianStore } from '../src/historian-store.js';
import { openJournalReader } from '../src/journal/reader.js';
import { migrations as journalTables } from '../src/journal/schema.js';
import { migrations as registryTables } from '../src/registry/schema.js';
import { openState } from '../src/state/open.js';
import { type HistorianKind, type MigrateOptions, readMigrateOptions } from './migrate/options.js';

const WRONG_OPTIONS = 2;
const out = process.stderr;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let options: MigrateOptions;
  try {
    options = readMigrateOptions(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : WRONG_OPTIONS;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    await run(options, stop.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) out.write('broken off; the same command goes on where it stopped\n');
    else out.write(`migrate: ${(error as Error).message}\n`);
    return 1;
  }
}

async function run({ from, to }: MigrateOptions, signal: AbortSignal): Promise<void> {
  const config = configFor(from, to);
  const statePath = join(config.PARK_DATA_DIR, 'park.sqlite');
  // Takes the data folder for this process: the service must not write meanwhile.
  const state = openState(statePath, { registry: registryTables, journal: journalTables });
  const journal = openJournalReader(statePath);
  const open = async (kind: HistorianKind) => {
    const options = historianStore({ ...config, PARK_HISTORIAN: kind });
    const store = await makeStore(options, {
      statePath,
      rawDays: config.PARK_RAW_DAYS,
      timeZone: config.PARK_TIMEZONE,
      keepRefused: async (refused) => {
        throw new Error(`${kind} refuses a reading: ${refused[0]?.reason ?? ''}`);
      },
      onBackgroundError: (error) => out.write(`${kind}: ${String(error)}\n`),
      onWarning: (message) => out.write(`${kind}: ${message}\n`),
    });
    await store.open();
    return { store, name: nameOf(config, kind) };
  };
  const [source, target] = [await open(from), await open(to)];
  const show = reporter(source.name, target.name);
  try {
    const moved = await moveHistory({
      from: source,
      to: target,
      journal,
      rawDays: config.PARK_RAW_DAYS,
      progressPath: join(config.PARK_DATA_DIR, 'migration.json'),
      signal,
      report: show.report,
    });
    show.end();
    out.write(`${moved.readings.toLocaleString('en')} readings of ${moved.series} series are in both stores\n`);
    out.write(`start the service with PARK_HISTORIAN=${to} to go on with the new one\n`);
  } finally {
    show.end();
    await Promise.allSettled([source.store.close(), target.store.close()]);
    journal.close();
    state.close();
  }
}

/** The service's configuration, with what InfluxDB needs, whichever end it is. @throws ConfigError */
function configFor(from: HistorianKind, to: HistorianKind): Config {
  const needsInflux = from === 'influxdb' || to === 'influxdb';
  const config = readConfig({ ...process.env, PARK_HISTORIAN: needsInflux ? 'influxdb' : 'lake' });
  if (needsInflux && config.INFLUX_URL === undefined) throw new ConfigError('INFLUX_URL: expects an address');
  return config;
}

function nameOf(config: Config, kind: HistorianKind): string {
  return kind === 'lake' ? 'lake' : `influxdb ${config.INFLUX_URL} ${config.INFLUX_BUCKET}`;
}

function reporter(from: string, to: string) {
  let bar: ReturnType<typeof progressOn> | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  let checking = false;
  const report = (event: MoveEvent) => {
    if (event.kind === 'begin') {
      if (event.changed) out.write(`${from} has grown since the move was broken off: it begins anew\n`);
      if (event.resumed) out.write('going on where the move was broken off\n');
      out.write(`${from} → ${to}: ${event.days} days\n`);
      bar = progressOn(out, 'days  ', event.days, Date.now);
    } else if (event.kind === 'day') {
      bar?.update(event.done, `${event.readings.toLocaleString('en')} readings`);
    } else {
      if (!checking) {
        end();
        bar = progressOn(out, 'check ', event.series, Date.now);
      }
      checking = true;
      bar?.update(event.done, 'series counted');
    }
  };
  return { report, end };
}
