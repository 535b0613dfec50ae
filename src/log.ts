import { type Logger, pino } from 'pino';

/** Paths that could carry a secret are cut out of every log line, whoever logs them. */
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
