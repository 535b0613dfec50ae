import type { App } from './app.js';

/** Most time for a clean stop; acknowledged readings do not depend on it. */
const STOP_MS = 15_000;
/** Time after which the signal had no effect: the first process of a container does not get its own. */
const ABORT_MS = 1_000;

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
  app: Pick<App, 'close'>,
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
