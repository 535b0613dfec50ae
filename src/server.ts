import { startApp } from './app.js';
import { ConfigError, readConfig } from './config.js';
import { endService } from './ending.js';
import { createLog } from './log.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.PARK_LOG_LEVEL);
  const app = await startApp(config, { log });
  if (app.firstAdminToken !== null) {
    process.stdout.write(`Administrator token (shown this once, keep it): ${app.firstAdminToken}\n`);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => endService(app, signal, log));
}

main().catch((error: Error & { code?: string; port?: number }) => {
  const known =
    error instanceof ConfigError || ['StateLockedError', 'SchemaTooNewError', 'StateDamagedError'].includes(error.name);
  if (error.code === 'EADDRINUSE') process.stderr.write(`port ${error.port} is in use by another program\n`);
  else process.stderr.write(`${known ? error.message : (error.stack ?? error.message)}\n`);
  process.exit(known || error.code === 'EADDRINUSE' ? 2 : 1);
});
