import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { CommanderError } from 'commander';
import { readOptions, type SimulateOptions } from './options.js';
import { simulate } from './run.js';
import { Truth } from './truth.js';
import type { Verdict } from './verdict/check.js';

const WRONG_OPTIONS = 2;
const WRONG_ALARMS = 3;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let options: SimulateOptions;
  try {
    options = readOptions(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : WRONG_OPTIONS;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    const verdict = await run(options, stop.signal);
    return verdict === null || verdict.differences.length === 0 ? 0 : WRONG_ALARMS;
  } catch (error) {
    process.stderr.write(`simulate: ${(error as Error).message}\n`);
    return 1;
  }
}

async function run(options: SimulateOptions, signal: AbortSignal): Promise<Verdict | null> {
  const file = options.truth === undefined ? null : createWriteStream(options.truth);
  if (file) await once(file, 'open');
  const out = file ?? process.stdout;
  const truth = new Truth((record) => out.write(`${JSON.stringify(record)}\n`));
  const verdict = await simulate(options, { now: Date.now, log: process.stderr, truth, signal });
  if (file) {
    file.end();
    await once(file, 'close');
  }
  return verdict;
}
