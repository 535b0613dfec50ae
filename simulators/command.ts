import { CommanderError } from 'commander';

const WRONG_OPTIONS = 2;

interface Command<T> {
  /** @throws CommanderError for wrong arguments, and for `--help` */
  readonly read: (argv: readonly string[]) => T;
  /** Returns the exit code. */
  readonly run: (options: T, stop: AbortController) => Promise<number>;
  /** `once`: a second signal ends the process immediately. */
  readonly signals: 'once' | 'on';
}

/** Runs a command line tool that Ctrl-C stops. Returns its exit code. */
export async function runCommand<T>({ read, run, signals }: Command<T>): Promise<number> {
  let options: T;
  try {
    options = read(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : WRONG_OPTIONS;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process[signals](name, () => stop.abort());
  return run(options, stop);
}
