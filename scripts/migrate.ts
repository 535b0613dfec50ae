import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../simulators/command.js';
import { type Config, ConfigError, historianStore, readConfig } from '../src/config.js';
import { moveHistory } from '../src/historian/move/move.js';
import { makeStore } from '../src/historian/worker-thread/open-store.js';
import { openJournal } from '../src/journal/open.js';
import { migrations as journalTables } from '../src/journal/schema.js';
import { migrations as registryTables } from '../src/registry/schema.js';
import { StateLockedError } from '../src/state/lock.js';
import { openState } from '../src/state/open.js';
import { type HistorianKind, type MigrateOptions, readMigrateOptions } from './migrate/options.js';
import { MoveReport } from './migrate/report.js';

const FAILED = 1;
/** Exit code of a shell for a program that Ctrl-C ended. */
const BROKEN_OFF = 130;
/** The move reads the lake in small parts, because it may run beside other work on the machine. */
const LAKE_MB = 128;
const out = process.stderr;

// A second signal ends the process immediately, which loses nothing either.
process.exitCode = await runCommand({ read: readMigrateOptions, run: main, signals: 'once' });

async function main(options: MigrateOptions, { signal }: AbortController): Promise<number> {
  try {
    await run(options, signal);
    return 0;
  } catch (error) {
    if (signal.aborted) {
      out.write('broken off; the same command goes on where it stopped\n');
      return BROKEN_OFF;
    }
    out.write(`migrate: ${(error as Error).message}\n`);
    return FAILED;
  }
}

async function run({ from, to }: MigrateOptions, signal: AbortSignal): Promise<void> {
  const config = configFor(from, to);
  const { PARK_DATA_DIR: folder, PARK_RAW_DAYS: rawDays, PARK_TIMEZONE: timeZone } = config;
  const statePath = join(folder, 'park.sqlite');
  if (!existsSync(statePath)) throw new Error(`no service has run in ${folder}: set PARK_DATA_DIR`);
  const state = openAlone(statePath);
  // The journal's followers do not run here, so that the journal trims nothing.
  const journal = openJournal(state, () => undefined, { followers: ['historian', 'alarms'] });
  const closing: (() => Promise<void> | void)[] = [() => state.close()];
  const open = async (kind: HistorianKind) => {
    const options = historianStore({ ...config, PARK_HISTORIAN: kind });
    const store = await makeStore(options.kind === 'lake' ? { ...options, memoryMb: LAKE_MB } : options, {
      statePath,
      journalAddress: journal.address,
      rawDays,
      timeZone,
      keepRefused: async (refused) => {
        const [first] = refused;
        throw new Error(`${kind} refuses a reading of ${first?.message.device}: ${first?.reason}`);
      },
      onBackgroundError: (error) => out.write(`${kind}: ${String(error)}\n`),
      onWarning: (message) => out.write(`${kind}: ${message}\n`),
    });
    await store.open();
    closing.unshift(() => store.close());
    return { store, name: nameOf(config, kind) };
  };
  const report = new MoveReport(out);
  try {
    const [source, target] = [await open(from), await open(to)];
    out.write(`${source.name} → ${target.name}\n`);
    const moved = await moveHistory({
      from: source,
      to: target,
      journal,
      rawDays,
      now: Date.now(),
      progressPath: join(folder, 'migration.json'),
      signal,
      report: (event) => report.show(event),
    });
    report.end();
    out.write(`${moved.readings.toLocaleString('en')} readings of ${moved.series} series are in both stores\n`);
    out.write(`start the service with PARK_HISTORIAN=${to} to go on with the new one\n`);
  } finally {
    report.end();
    for (const close of closing) await Promise.resolve(close()).catch(() => undefined);
  }
}

/** Locks the data folder for this process: the service must not write meanwhile. */
function openAlone(statePath: string) {
  try {
    return openState(statePath, { registry: registryTables, journal: journalTables });
  } catch (error) {
    if (!(error instanceof StateLockedError)) throw error;
    throw new Error(`${error.message}: stop it first`);
  }
}

/** The service's configuration, with InfluxDB's variables required for either end. @throws ConfigError */
function configFor(from: HistorianKind, to: HistorianKind): Config {
  const needsInflux = from === 'influxdb' || to === 'influxdb';
  const config = readConfig({ ...process.env, PARK_HISTORIAN: needsInflux ? 'influxdb' : 'lake' });
  if (needsInflux && config.INFLUX_URL === undefined) throw new ConfigError('INFLUX_URL: expects an address');
  return config;
}

/** The store's name for people, without secrets. */
function nameOf(config: Config, kind: HistorianKind): string {
  if (kind === 'lake') return 'lake';
  const { host, pathname } = new URL(config.INFLUX_URL ?? '');
  return `influxdb ${host}${pathname} ${config.INFLUX_ORG ?? ''} ${config.INFLUX_BUCKET}`.replace(/\s+/g, ' ');
}
