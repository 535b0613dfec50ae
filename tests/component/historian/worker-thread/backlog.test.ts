import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { InfluxStore } from '../../../../src/historian/influxdb/store.js';
import { Writer } from '../../../../src/historian/worker-thread/writer.js';
import { FaultProxy } from '../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../helpers/influx/influx.js';
import { countsIn, eventually, historianOn } from './influx.js';

const MESSAGES = 500;
const ITEMS = 1_000;
/** Small, so that there are many; another test bounds their growth. */
const BATCH_BYTES = 512 * 1024;
/** Memory for two batches in flight. The whole backlog would take about 60 MB. */
const SLACK_BYTES = 20_000_000;

/** Bytes in use after garbage collection. */
function memory(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}

describeOnEngines('a backlog for InfluxDB', await findEngines(), (engine) => {
  it('takes no memory, neither while it grows nor while it is worked off', { timeout: 120_000 }, async () => {
    const proxy = await FaultProxy.start(engine.url);
    onTestFinished(() => proxy.close());
    const bucket = engine.freshBucket();
    const { dir, journal, publish } = historianOn(engine, bucket);
    const { api, token, org } = engine;
    const store = new InfluxStore({
      folder: join(dir, 'influxdb'),
      url: proxy.url,
      api,
      bucket,
      ...(token !== undefined && { token }),
      ...(org !== undefined && { org }),
      rawDays: 400,
      timeZone: 'Asia/Shanghai',
      tagsOf: () => ({ district: 'north', enterprise: '' }),
      keepRefused: () => Promise.reject(new Error('nothing should be refused')),
      onWarning: () => undefined,
    });
    await store.open();
    const inUse = memory();
    const held: number[] = [];
    let failures = 0;
    store.batchBytes = () => BATCH_BYTES;
    const append = store.append.bind(store);
    store.append = (batches) => {
      // The proxy records all requests.
      proxy.log.ended.length = 0;
      held.push(inUse());
      return append(batches);
    };
    const reader = journal.reader();
    const writer = new Writer(store, reader, {
      rawDays: 400,
      countedSeq: 0,
      refused: () => 0,
      report: () => undefined,
      warn: () => undefined,
      onError: () => {
        failures += 1;
        // The service hands nothing to a server that is down.
        held.push(inUse());
      },
    });
    onTestFinished(async () => {
      await writer.stop();
      reader.close();
      await store.close();
    });

    await proxy.down();
    writer.start();
    const from = Date.now() - MESSAGES * ITEMS;
    for (let i = 0; i < MESSAGES; i += 1) {
      const first = from + i * ITEMS;
      await publish(Array.from({ length: ITEMS }, (_, n) => ({ ts: first + n, values: { active_power_kw: n } })));
    }
    const tried = failures;
    await eventually(() => expect(failures).toBeGreaterThan(tried));
    const away = held.splice(0);
    expect(Math.max(...away) - away[0]!).toBeLessThan(SLACK_BYTES);

    await proxy.up();
    await writer.visible(journal.head(), 100_000);
    expect(await countsIn(engine, bucket, ['active_power_kw'])).toEqual({ active_power_kw: MESSAGES * ITEMS });
    expect(held.length).toBeGreaterThan(40);
    expect(Math.max(...held) - away[0]!).toBeLessThan(SLACK_BYTES);
  });
});
