import { type Logger, pino } from 'pino';

/** Paths that can carry a secret; pino removes them from every log line. */
const SECRETS = [
  'secret',
  'token',
  'password',
  'authorization',
  '*.secret',
  '*.token',
  '*.password',
  '*.authorization',
];

/** The service's log: JSON lines on standard output. */
export function createLog(level: string): Logger {
  return pino({ level, redact: { paths: SECRETS, censor: '[redacted]' }, timestamp: pino.stdTimeFunctions.isoTime });
}
