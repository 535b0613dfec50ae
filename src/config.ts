import { join } from 'node:path';
import { z } from 'zod';
import type { StoreOptions } from './historian/worker-thread/protocol.js';

const port = z.coerce.number().int().min(0).max(65_535);
const optionalText = z.string().trim().min(1).optional();

/** Every variable that the service reads. A test compares the README's table with this schema. */
export const configSchema = z.object({
  PARK_DATA_DIR: z
    .string()
    .trim()
    .min(1)
    .default('./data')
    .describe('folder of the state file, the journal and the lake'),
  PARK_HTTP_HOST: z
    .string()
    .trim()
    .min(1)
    .default('127.0.0.1')
    .describe('address the HTTP and WebSocket listener binds'),
  PARK_HTTP_PORT: port.default(8080).describe('HTTP port; 0 takes a free one'),
  PARK_MQTT_HOST: z.string().trim().min(1).default('127.0.0.1').describe('address the MQTT listeners bind'),
  PARK_MQTT_PORT: port.default(1883).describe('MQTT port; 0 takes a free one'),
  PARK_MQTTS_PORT: port.optional().describe('MQTT over TLS port; needs PARK_TLS_CERT and PARK_TLS_KEY'),
  PARK_TLS_CERT: optionalText.describe('file of the TLS certificate chain, PEM'),
  PARK_TLS_KEY: optionalText.describe('file of the TLS private key, PEM'),
  PARK_TIMEZONE: z
    .string()
    .default('Asia/Shanghai')
    .refine(isTimeZone, 'an IANA time zone such as Asia/Shanghai')
    .describe('IANA time zone in which days, months and years are cut'),
  PARK_ADMIN_TOKEN: z
    .string()
    .min(24, 'at least 24 characters')
    .optional()
    .describe('token of the first administrator; without it one is made at the first start and printed once'),
  PARK_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least severe level that is logged'),
  PARK_DISCOVERY: z
    .enum(['on', 'off'])
    .default('on')
    .describe('`on` takes an unknown device on at its first valid reading, `off` quarantines its messages'),
  PARK_RAW_DAYS: z.coerce.number().int().min(1).max(36_500).default(400).describe('days that raw readings are kept'),
  PARK_LAKE_SEAL_ROWS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(20_000_000)
    .default(1_000_000)
    .describe('lake: readings after which the newest are sealed into Parquet files'),
  PARK_LAKE_SEAL_AGE_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(600)
    .describe('lake: seconds after which they are sealed all the same'),
  PARK_JOURNAL_MAX_GB: z.coerce
    .number()
    .min(0.01)
    .max(100_000)
    .default(20)
    .describe(
      'most gigabytes (10^9 bytes) the journal holds for a historian that is behind; beyond, readings are not acknowledged',
    ),
  PARK_QUERY_TIMEOUT_S: z.coerce
    .number()
    .min(0.1)
    .max(3_600)
    .default(60)
    .describe('seconds that one question about history may work'),
  PARK_HISTORIAN: z
    .enum(['lake', 'influxdb'])
    .default('lake')
    .describe('where readings are kept: `lake`, the embedded store, or `influxdb`'),
  INFLUX_URL: z
    .url({ protocol: /^https?$/, error: 'an address such as http://127.0.0.1:8086' })
    .optional()
    .describe('InfluxDB: address of the server'),
  INFLUX_TOKEN: optionalText.describe('InfluxDB: token; for `v1`, `user:password`'),
  INFLUX_ORG: optionalText.describe('InfluxDB: organisation, for `v2`'),
  INFLUX_BUCKET: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'a letter, then letters, digits, _ and -, at most 63')
    .default('park')
    .describe('InfluxDB: bucket (database) of the readings; roll-ups go to the one named `<it>_rollups`'),
  INFLUX_API: z
    .enum(['v1', 'v2', 'v3'])
    .default('v2')
    .describe('InfluxDB: `v1` for 1.6 and later, `v2` for 2.7 and later, `v3` for 3 Core'),
  INFLUX_REWRITE_MB: z.coerce
    .number()
    .min(0)
    .max(100_000)
    .default(256)
    .describe(
      'InfluxDB: megabytes (10^6 bytes) of what was written last that the journal keeps, to write them again after a sign ' +
        'that the server stopped; at most a quarter of PARK_JOURNAL_MAX_GB',
    ),
});

export type Config = z.infer<typeof configSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A variable of the environment has a wrong value; the message names each one and the expected value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration; an empty variable counts as unset.
 * @throws ConfigError naming every wrong variable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.keys(configSchema.shape)
      .filter((name) => env[name] !== undefined && env[name] !== '')
      .map((name) => [name, env[name]]),
  );
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const config = parsed.data;
  if (config.PARK_MQTTS_PORT !== undefined && !(config.PARK_TLS_CERT && config.PARK_TLS_KEY)) {
    throw new ConfigError('PARK_MQTTS_PORT: expects PARK_TLS_CERT and PARK_TLS_KEY to be set too');
  }
  if (config.PARK_HISTORIAN === 'influxdb') {
    if (config.INFLUX_URL === undefined)
      throw new ConfigError('INFLUX_URL: expects the address of the InfluxDB server');
    if (config.INFLUX_API === 'v2' && !(config.INFLUX_TOKEN && config.INFLUX_ORG)) {
      throw new ConfigError('INFLUX_API: v2 expects INFLUX_TOKEN and INFLUX_ORG to be set too');
    }
  }
  return config;
}

/** Largest share of the journal's bound kept for rewriting; the journal needs the rest while the server is away. */
const REWRITE_SHARE = 0.25;

/** Options of the store that the configuration selects. */
export function historianStore(config: Config): StoreOptions {
  if (config.PARK_HISTORIAN === 'lake') {
    return {
      kind: 'lake',
      folder: join(config.PARK_DATA_DIR, 'lake'),
      sealRows: config.PARK_LAKE_SEAL_ROWS,
      sealAgeMs: config.PARK_LAKE_SEAL_AGE_S * 1_000,
    };
  }
  const { INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: org } = config;
  return {
    kind: 'influxdb',
    folder: join(config.PARK_DATA_DIR, 'influxdb'),
    url: url!,
    api: config.INFLUX_API,
    bucket: config.INFLUX_BUCKET,
    rewriteBytes: Math.min(config.INFLUX_REWRITE_MB * 1e6, config.PARK_JOURNAL_MAX_GB * 1e9 * REWRITE_SHARE),
    ...(token !== undefined && { token }),
    ...(org !== undefined && { org }),
  };
}
