import { mkdirSync } from 'node:fs';
import { InfluxStore } from '../../../src/historian/influxdb/store.js';
import { LakeStore } from '../../../src/historian/lake/store.js';
import type { HistorianStore } from '../../../src/historian/port/store.js';
import { type Engine, findEngines } from '../../helpers/influx/influx.js';

const TIME_ZONE = 'Asia/Shanghai';
const RAW_DAYS = 36_500;

/** The InfluxDB to measure, not started; null without one. */
export async function benchEngine(): Promise<Engine | null> {
  const { engines } = await findEngines();
  return engines.find((engine) => engine.ours) ?? null;
}

export interface OpenStore {
  readonly store: HistorianStore;
  dispose(): Promise<void>;
}

export async function openLake(folder: string): Promise<OpenStore> {
  const store = new LakeStore({ folder, timeZone: TIME_ZONE });
  await store.open();
  return { store, dispose: () => store.close() };
}

export async function openInflux(folder: string): Promise<(OpenStore & { readonly engine: string }) | null> {
  const engine = await benchEngine();
  if (engine === null) return null;
  await engine.start();
  mkdirSync(folder, { recursive: true });
  const store = new InfluxStore({
    folder,
    url: engine.url,
    api: engine.api,
    bucket: engine.freshBucket(),
    rawDays: RAW_DAYS,
    timeZone: TIME_ZONE,
    tagsOf: () => ({ district: 'ouhai', enterprise: '' }),
    keepRefused: async ([first]) => {
      throw new Error(`refused: ${first?.reason}`);
    },
    onWarning: (message) => console.error(message),
    ...(engine.token !== undefined && { token: engine.token }),
    ...(engine.org !== undefined && { org: engine.org }),
  });
  await store.open();
  return {
    store,
    engine: engine.name,
    async dispose() {
      await store.close();
      await engine.dispose();
    },
  };
}
