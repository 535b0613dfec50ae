import { startApp } from './app.js';
import { ConfigError, readConfig } from './config.js';
import { createLog } from './log.js';

/** Most time for a clean stop before the process exits anyway; acknowledged readings do not depend on it. */
const STOP_MS = 15_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.PARK_LOG_LEVEL);
  const app = await startApp(config, { log });
  if (app.firstAdminToken !== null) {
    process.stdout.write(`Administrator token (shown this once, keep it): ${app.firstAdminToken}\n`);
  }
  const stop = (signal: string) => {
    log.info({ component: 'app', signal }, 'stopping');
    setTimeout(() => process.exit(1), STOP_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error) => {
        log.error({ component: 'app', err: error }, 'some parts did not stop cleanly');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
}

main().catch((error: Error & { code?: string; port?: number }) => {
  const known =
    error instanceof ConfigError || ['StateLockedError', 'SchemaTooNewError', 'StateDamagedError'].includes(error.name);
  if (error.code === 'EADDRINUSE') process.stderr.write(`port ${error.port} is in use by another program\n`);
  else process.stderr.write(`${known ? error.message : (error.stack ?? error.message)}\n`);
  process.exit(known || error.code === 'EADDRINUSE' ? 2 : 1);
});
