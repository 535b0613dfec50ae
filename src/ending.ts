/** Most time for a clean stop; acknowledged readings do not depend on it. */
const STOP_MS = 15_000;
/** Time after which the signal had no effect: the first process of a container does not get its own. */
const ABORT_MS = 1_000;

/** The start failed, and undoing it too: threads may still run native code. */
export class UncleanStartError extends Error {
  override readonly name = 'UncleanStartError';
  constructor(
    /** Why the start failed. */
    readonly failure: unknown,
    options: { readonly cause: unknown },
  ) {
    super('the start failed, and some parts did not stop', options);
  }
}

/** Errors that the message alone explains: the surroundings are at fault. */
const KNOWN = ['ConfigError', 'StateLockedError', 'SchemaTooNewError', 'StateDamagedError'];

/** Where the end of the service is told. */
interface EndingLog {
  info(obj: object, msg: string): void;
  error(obj: object, msg: string): void;
}

/**
 * Stops the service and ends the process: with code 0 after a clean stop, else by the signal that asked for it, at most
 * `stopMs` later. The signal ends all threads at once. `process.exit` would end each in turn: it waits for native code
 * that still runs, such as a statement of DuckDB, and aborts the process when that returns.
 */
export function endService(
  app: { close(): Promise<void> },
  signal: 'SIGINT' | 'SIGTERM',
  log: EndingLog,
  stopMs = STOP_MS,
): void {
  log.info({ component: 'app', signal }, 'stopping');
  const endAll = (error: unknown) => {
    log.error({ component: 'app', err: error }, 'some parts did not stop cleanly');
    process.removeAllListeners(signal);
    setTimeout(() => process.abort(), ABORT_MS);
    process.kill(process.pid, signal);
  };
  const late = setTimeout(endAll, stopMs, new Error(`not stopped within ${stopMs / 1_000} s`));
  app.close().then(
    () => process.exit(0),
    (error) => {
      clearTimeout(late);
      endAll(error);
    },
  );
}

/** Says why the start failed, and ends the process: with code 2 where its surroundings are at fault, else 1. */
export function endFailedStart(error: unknown): void {
  const unclean = error instanceof UncleanStartError;
  const failure = (unclean ? error.failure : error) as Error & { readonly code?: string; readonly port?: number };
  const inUse = failure.code === 'EADDRINUSE';
  const isKnown = inUse || KNOWN.includes(failure.name);
  const words = isKnown ? failure.message : (failure.stack ?? failure.message);
  process.stderr.write(`${inUse ? `port ${failure.port} is in use by another program` : words}\n`);
  const code = isKnown ? 2 : 1;
  if (unclean) endAtOnce(code);
  else process.exit(code);
}

/** Ends the process without its threads, one of which may be in native code; see `endService`. */
function endAtOnce(code: number): void {
  // From Node.js 22.15 on another program can take the place of the process, and end with the code.
  const { execve } = process as { execve?: (file: string, args: string[], env: object) => void };
  execve?.call(process, process.execPath, [process.execPath, '-e', `process.exit(${code})`], {});
  setTimeout(() => process.abort(), ABORT_MS);
  process.kill(process.pid, 'SIGTERM');
}
