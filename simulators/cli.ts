import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { runCommand } from './command.js';
import { readOptions, type SimulateOptions } from './options.js';
import { simulate } from './run.js';
import { Truth } from './truth.js';
import type { Verdict } from './verdict/check.js';

const WRONG_ALARMS = 3;

process.exitCode = await runCommand({ read: readOptions, run: main, signals: 'once' });

async function main(options: SimulateOptions, { signal }: AbortController): Promise<number> {
  try {
    const verdict = await run(options, signal);
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
