import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Epoch, InfluxSource } from '../../../../../src/historian/influxdb/influx-source.js';
import { influxGoodReadings } from '../../../../../src/historian/influxdb/read/good-readings.js';
import { KnownMetrics } from '../../../../../src/historian/influxdb/read/known-metrics.js';
import { InfluxLatestValues } from '../../../../../src/historian/influxdb/read/latest-values.js';
import { newestOfDevices } from '../../../../../src/historian/influxdb/read/load-latest.js';
import { SeriesList } from '../../../../../src/historian/influxdb/read/series-list.js';
import type { Transport } from '../../../../../src/historian/influxdb/transport.js';
import { type DeviceKey, deviceKey } from '../../../../../src/model/ids.js';
import type { DeviceReadings, Reading } from '../../../../../src/model/reading.js';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { tempDir } from '../../../../helpers/temp.js';
import { DAY, EPOCH, line, sourceOn, T0 } from './helpers.js';

describeOnEngines('the newest that InfluxDB has', await findEngines(), (engine) => {
  let bucket: string;
  let source: InfluxSource & { readonly transport: Transport };
  let epochs: Map<DeviceKey, Epoch[]>;
  /** Statements that search every device of a domain in all of the past. */
  let looks: string[];

  beforeEach(async () => {
    bucket = engine.freshBucket();
    await engine.create(bucket);
    epochs = new Map();
    looks = [];
    const plain = sourceOn(engine, bucket);
    source = { ...plain, epochs: { of: (device) => epochs.get(device) ?? [] } };
    await put([
      ['m-1', T0, 'a_kw=1,delay_ms=5i'],
      ['m-1', T0 + 9, 'a_kw=2,a_kw_status=12i,delay_ms=6i'],
      // Late, so the point has no delay of its own; the only reading of its series.
      ['m-1', T0 - 200 * DAY, 'b_kw=7,b_kw_status=0i,b_kw_delay_ms=900i'],
      ['m-2', T0 - 300 * DAY, 'a_kw=8,delay_ms=1i'],
      ['m-2', T0 - 301 * DAY, 'a_kw=9,delay_ms=1i'],
      ['m-3', T0 + 1, 'smoke=1,delay_ms=1i', { ...EPOCH, domain: 'fire' }],
    ]);
  });
  afterEach(async () => {
    source.transport.close();
    await engine.drop(bucket);
  });

  async function put(points: readonly (readonly [device: string, ts: number, fields: string, epoch?: Epoch])[]) {
    for (const [device, , , epoch = EPOCH] of points) epochs.set(deviceKey('park-a', device), [{ ...epoch, from: 0 }]);
    await engine.write(bucket, points.map((point) => line(...point)).join('\n'));
  }

  const ALL = [
    ['park-a/m-1', 'a_kw', T0 + 9, 2, 'D'],
    ['park-a/m-1', 'b_kw', T0 - 200 * DAY, 7, 'N'],
    ['park-a/m-2', 'a_kw', T0 - 300 * DAY, 8, 'N'],
    ['park-a/m-3', 'smoke', T0 + 1, 1, 'N'],
  ];

  /** A run of the service: its memory is new, its folder is not. */
  async function life(folder: string, now = T0, keptFrom = Number.NEGATIVE_INFINITY) {
    const { transport } = source;
    const counting: InfluxSource = {
      ...source,
      keptFrom: () => keptFrom,
      transport: {
        api: transport.api,
        write: (...lines) => transport.write(...lines),
        query: (database, text, params, signal) => {
          if (!text.includes('$d') && /last\("[ab]_kw"\)/.test(text)) looks.push(String(params?.from));
          return transport.query(database, text, params, signal);
        },
      },
    };
    const metrics = new KnownMetrics();
    await metrics.load(source);
    const series = SeriesList.open(join(folder, 'series.sqlite'), bucket);
    const oldest = () => influxGoodReadings(counting, metrics).oldest();
    const stopping = new AbortController().signal;
    const current = new InfluxLatestValues({ source: counting, metrics, series, oldest, clock: () => now, stopping });
    const rows = async () => {
      const found = await current.find({});
      return found.map(({ device, metric, ts, value, flag }) => [device, metric, ts, value, flag]).sort();
    };
    return { current, series, rows };
  }

  const message = (device: string, metric: string, ts: number, value: number): DeviceReadings => {
    const reading: Reading = { metric, ts, value, flag: 'N', quality: 'good' };
    return {
      park: 'park-a',
      domain: 'energy',
      device: deviceKey('park-a', device),
      gateway: 'g',
      receivedAt: ts + 1,
      readings: [reading],
    };
  };

  it('point of every device is found, however long ago', async () => {
    expect(await newestOfDevices(source, epochs, T0)).toEqual(
      new Map([
        ['park-a/m-1', T0 + 9],
        ['park-a/m-2', T0 - 300 * DAY],
        ['park-a/m-3', T0 + 1],
      ]),
    );
  });

  it('reading of every series is found, and later without looking at all of time again', async () => {
    const folder = tempDir();
    const first = await life(folder);
    expect(await first.rows()).toEqual(ALL);
    expect(await first.current.find({ device: 'park-a/m-1' })).toContainEqual({
      device: 'park-a/m-1',
      metric: 'b_kw',
      park: 'park-a',
      domain: 'energy',
      ts: T0 - 200 * DAY,
      value: 7,
      flag: 'N',
      quality: 'good',
      receivedAt: T0 - 200 * DAY + 900,
    });
    expect(new Set(looks).size).toBeGreaterThan(4);
    first.series.close();

    looks = [];
    const second = await life(folder);
    expect(await second.rows()).toEqual(ALL);
    expect(new Set(looks).size).toBe(1);
    await second.rows();
    expect(looks).toHaveLength(2);
    second.series.close();
  });

  it('reading of a series that is new in one life is known in the next', async () => {
    const folder = tempDir();
    const first = await life(folder);
    await first.rows();
    await put([['m-4', T0 - 150 * DAY, 'b_kw=3,b_kw_status=0i,b_kw_delay_ms=1i']]);
    first.current.accept([message('m-4', 'b_kw', T0 - 150 * DAY, 3)]);
    const all = [...ALL, ['park-a/m-4', 'b_kw', T0 - 150 * DAY, 3, 'N']];
    expect(await first.rows()).toEqual(all);
    first.series.close();
    const second = await life(folder);
    expect(await second.rows()).toEqual(all);
    second.series.close();
  });

  it('reading is not hidden by an older one that comes before the first question', async () => {
    const folder = tempDir();
    for (let lives = 0; lives < 2; lives += 1) {
      const { current, series, rows } = await life(folder);
      current.accept([message('m-2', 'a_kw', T0 - 310 * DAY, 77)]);
      expect(await rows()).toEqual(ALL);
      series.close();
    }
  });

  it('reading is none that was refused, or is from before what is kept', async () => {
    const { current, series, rows } = await life(tempDir(), T0, T0 - 250 * DAY);
    const refused = message('m-1', 'a_kw', T0 + 99, 5);
    current.refuse([{ message: { ...refused, readings: [...refused.readings] }, reason: 'no' }]);
    current.accept([refused, message('m-5', 'a_kw', T0 - 260 * DAY, 6)]);
    expect(await rows()).toEqual(ALL.filter(([device]) => device !== 'park-a/m-2'));
    current.dropBefore(T0);
    expect(await rows()).toEqual(ALL.filter(([, , ts]) => Number(ts) >= T0));
    series.close();
  });

  it('reading of a new series fails as long as the disk does not take the list, and is listed once it does', async () => {
    const { current, series, rows } = await life(tempDir());
    await rows();
    vi.spyOn(series, 'add').mockImplementationOnce(() => {
      throw new Error('disk is full');
    });
    const fresh = message('m-4', 'b_kw', T0, 3);
    expect(() => current.accept([fresh])).toThrow(/disk is full/);
    current.accept([fresh]);
    expect(series.all()).toContainEqual({ device: 'park-a/m-4', metric: 'b_kw' });
    series.close();
  });
});
