import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InfluxStore } from '../../../src/historian/influxdb/store.js';
import { connectionTo } from '../../helpers/influx/engine.js';
import { describeOnEngines, findEngines } from '../../helpers/influx/influx.js';
import { historianConformance } from './suite.js';

describeOnEngines('the conformance suite', await findEngines(), (engine) => {
  historianConformance('InfluxDB', async (rates) => {
    const folder = await mkdtemp(join(tmpdir(), 'influx-store-'));
    const bucket = engine.freshBucket();
    return {
      store: () =>
        new InfluxStore({
          folder,
          bucket,
          ...connectionTo(engine),
          rawDays: 36_500,
          timeZone: 'Asia/Shanghai',
          rates,
          tagsOf: () => ({ district: 'north', enterprise: '' }),
          keepRefused: (refused) => Promise.reject(new Error(`refused: ${refused[0]?.reason}`)),
          onWarning: () => undefined,
        }),
      dispose: async () => {
        await engine.drop(bucket);
        await engine.drop(`${bucket}_rollups`);
        await rm(folder, { recursive: true, force: true });
      },
    };
  });
});
