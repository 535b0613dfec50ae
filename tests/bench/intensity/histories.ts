import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InfluxStore } from '../../../src/historian/influxdb/store.js';
import { LakeStore } from '../../../src/historian/lake/store.js';
import type { Engine } from '../../helpers/influx/engine.js';
import { fillHistory, type MadeMeter } from './made-city.js';

const ZONE = 'Asia/Shanghai';

/** A historian that a service can be started on. */
export interface MadeHistory {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Writes the city's registers, into the data folder or the database. */
  fill(folder: string, meters: readonly MadeMeter[], filling: Parameters<typeof fillHistory>[2]): Promise<void>;
}

export const lakeHistory: MadeHistory = {
  name: 'lake',
  env: {},
  async fill(folder, meters, filling) {
    const store = new LakeStore({ folder: join(folder, 'lake'), timeZone: ZONE, rawDays: 400 });
    await store.open();
    await fillHistory(store, meters, filling);
    await store.close();
  },
};

/** A database of a running InfluxDB. */
export function influxHistory(engine: Engine, bucket: string): MadeHistory {
  const { name, url, api, token, org } = engine;
  const signIn = { ...(token && { token }), ...(org && { org }) };
  return {
    name,
    env: {
      PARK_HISTORIAN: 'influxdb',
      INFLUX_URL: url,
      INFLUX_API: api,
      INFLUX_BUCKET: bucket,
      ...(token && { INFLUX_TOKEN: token }),
      ...(org && { INFLUX_ORG: org }),
    },
    async fill(folder, meters, filling) {
      const own = join(folder, 'influxdb');
      mkdirSync(own, { recursive: true });
      const store = new InfluxStore({
        ...{ folder: own, url, api, bucket, rawDays: 400, timeZone: ZONE, ...signIn },
        tagsOf: () => ({ district: '', enterprise: '' }),
        keepRefused: async ([first]) => {
          throw new Error(`refused: ${first?.reason}`);
        },
        onWarning: (message) => filling.progress(message),
      });
      await store.open();
      await fillHistory(store, meters, filling);
      await store.close();
    },
  };
}
