import { startApp } from './app.js';
import { readConfig } from './config.js';
import { endFailedStart, endService } from './ending.js';
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

main().catch(endFailedStart);
