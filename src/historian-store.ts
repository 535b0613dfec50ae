import { join } from 'node:path';
import type { Config } from './config.js';
import type { StoreOptions } from './historian/worker-thread/protocol.js';

/** Share of the journal's bound that may be kept to be written again: most of it is for when the server is away. */
const REWRITE_SHARE = 0.25;

/** The store that the configuration names. */
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
