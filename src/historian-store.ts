import { join } from 'node:path';
import type { Config } from './config.js';
import type { StoreOptions } from './historian/worker/protocol.js';

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
    ...(token !== undefined && { token }),
    ...(org !== undefined && { org }),
  };
}
