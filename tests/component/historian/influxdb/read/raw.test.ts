import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Epoch, InfluxSource } from '../../../../../src/historian/influxdb/influx-source.js';
import { counts, influxRawChunks } from '../../../../../src/historian/influxdb/read/raw.js';
import type { Transport } from '../../../../../src/historian/influxdb/transport.js';
import { deviceKey } from '../../../../../src/model/ids.js';
import { FaultProxy } from '../../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { DAY, EPOCH, line, MINUTE, rowsOf, sourceOn, T0 } from './helpers.js';

const SPAN = { from: T0 - DAY, to: T0 + DAY };
const LIMIT = 1_000_000;

describeOnEngines('reading from InfluxDB', await findEngines(), (engine) => {
  let bucket: string;
  let source: InfluxSource & { readonly transport: Transport };
  const key = (metric: string, device = 'm-1') => ({ device: deviceKey('park-a', device), metric });

  beforeEach(async () => {
    bucket = engine.freshBucket();
    await engine.create(bucket);
    source = sourceOn(engine, bucket);
  });
  afterEach(async () => {
    source.transport.close();
    await engine.drop(bucket);
  });

  it('takes status and delay of a reading where it has its own, else those of the point', async () => {
    await engine.write(
      bucket,
      [
        line('m-1', T0, 'a_kw=1.5,b_kw=2,b_kw_status=12i,delay_ms=250i'),
        line('m-1', T0 + 1, 'a_kw=3,a_kw_status=0i,a_kw_delay_ms=-70i,b_kw=4,delay_ms=10i'),
        line('m-1', T0 + 2, 'b_kw=5,b_kw_status=1i,b_kw_delay_ms=9i'),
      ].join('\n'),
    );
    const query = { series: [key('b_kw'), key('a_kw'), key('never')], ...SPAN, limit: 10 };
    expect(await rowsOf(influxRawChunks(source, query))).toEqual([
      [
        'park-a/m-1/b_kw',
        [
          [T0, 2, 4, 1, T0 + 250],
          [T0 + 1, 4, 0, 0, T0 + 11],
          [T0 + 2, 5, 1, 0, T0 + 11],
        ],
      ],
      [
        'park-a/m-1/a_kw',
        [
          [T0, 1.5, 0, 0, T0 + 250],
          [T0 + 1, 3, 0, 0, T0 - 69],
        ],
      ],
    ]);
    expect(await counts(source, [key('b_kw'), key('never'), key('x"'), key('a_kw')], SPAN)).toEqual([3, 0, 0, 2]);
  });

  it('gives nothing from before what is kept, though the server still has it', async () => {
    await engine.write(bucket, [line('m-1', T0 - 1, 'a_kw=1'), line('m-1', T0, 'a_kw=2')].join('\n'));
    source = { ...source, keptFrom: () => T0 };
    const query = { series: [key('a_kw')], ...SPAN, limit: 10 };
    expect(await rowsOf(influxRawChunks(source, query))).toEqual([['park-a/m-1/a_kw', [[T0, 2, 0, 0, T0]]]]);
    expect(await counts(source, [key('a_kw')], SPAN)).toEqual([1]);
  });

  it('follows a device from domain to domain and enterprise to enterprise, and reads nothing of another park with it', async () => {
    const epochs: Epoch[] = [
      EPOCH,
      { ...EPOCH, from: T0 + 10, enterprise: 'other' },
      { ...EPOCH, from: T0 + 20, domain: 'fire' },
      { ...EPOCH, from: T0 + 30 },
    ];
    const lines = [0, 10, 20, 30].map((at, i) => line('m-1', T0 + at, `a_kw=${i}`, epochs[i]));
    // Not from the park of the device at that time: another writer's error; and the same id in another park.
    lines.push(line('m-1', T0 + 5, 'a_kw=8', { ...EPOCH, park: 'park-b', district: 'south' }));
    lines.push(line('m-1', T0 + 25, 'a_kw=9', EPOCH));
    await engine.write(bucket, lines.join('\n'));
    source = { ...source, epochs: { of: (device) => (device === 'park-a/m-1' ? epochs : []) } };
    const query = { series: [key('a_kw'), key('a_kw', 'm-2')], ...SPAN, limit: 10 };
    const [[, rows] = [], ...more] = await rowsOf(influxRawChunks(source, query));
    expect(more).toEqual([]);
    expect(rows!.map(([ts, value]) => [ts - T0, value])).toEqual([
      [0, 0],
      [10, 1],
      [20, 2],
      [30, 3],
    ]);
    expect(await counts(source, query.series, SPAN)).toEqual([4, 0]);
  });

  it('reads many devices in the order asked, short series and long ones, each reading once', async () => {
    const long = 70_000;
    const of = (device: string, n: number, every: number) =>
      Array.from({ length: n }, (_, i) => line(device, T0 + i * every, `a_kw=${i},b_kw=${-i},delay_ms=1i`));
    for (const lines of [of('long', long, 400), of('m-1', 3, MINUTE), of('m-2', 4_500, 1)]) {
      await engine.write(bucket, lines.join('\n'));
    }
    const series = [
      key('b_kw', 'm-2'),
      key('a_kw', 'long'),
      key('b_kw', 'long'),
      key('a_kw', 'm-1'),
      key('a_kw', 'm-2'),
      key('a_kw', 'm-1'),
    ];
    const all = 2 * long + 2 * 4_500 + 2 * 3;
    for (const limit of [all, Number.MAX_SAFE_INTEGER]) {
      const seen = await rowsOf(influxRawChunks(source, { series, ...SPAN, limit }));
      expect(seen.map(([name, rows]) => [name, rows.length])).toEqual([
        ['park-a/m-2/b_kw', 4_500],
        ['park-a/long/a_kw', long],
        ['park-a/long/b_kw', long],
        ['park-a/m-1/a_kw', 3],
        ['park-a/m-2/a_kw', 4_500],
        ['park-a/m-1/a_kw', 3],
      ]);
      const [, [, rows] = []] = seen;
      expect(rows!.every(([ts, value], i) => ts === T0 + i * 400 && value === i)).toBe(true);
    }
    const refused = influxRawChunks(source, { series, ...SPAN, limit: all - 1 });
    await expect(refused.next()).rejects.toMatchObject({ name: 'ResultTooLargeError', limit: all - 1 });
  });

  describe('when something is between', () => {
    let proxy: FaultProxy;
    beforeEach(async () => {
      proxy = await FaultProxy.start(engine.url);
      source.transport.close();
      source = sourceOn(engine, bucket, { url: proxy.url });
      const lines = Array.from({ length: 3_000 }, (_, i) => line('m-1', T0 + i, `a_kw=${i},delay_ms=1i`));
      await engine.write(bucket, lines.join('\n'));
    });
    afterEach(() => proxy.close());
    const read = () => rowsOf(influxRawChunks(source, { series: [key('a_kw')], ...SPAN, limit: LIMIT }));

    it('fails when the answer is cut, wherever, and never gives a part for the whole', async () => {
      await read();
      for (const bytes of [0, 1, 60, 150, 5_000, 70_000, 80_000]) {
        proxy.inject({ kind: 'cut-answer', bytes }, { on: 'query', times: 1 });
        await expect(read(), `cut after ${bytes} bytes`).rejects.toMatchObject({
          name: 'InfluxError',
          remedy: 'retry',
        });
      }
      const [[, rows] = []] = await read();
      expect(rows).toHaveLength(3_000);
    });

    it('fails when a whole-looking answer lacks its last line, or a proxy speaks in its place', async () => {
      const first =
        '{"results":[{"statement_id":0,"series":[{"name":"energy","columns":["time","a_kw"],"values":[[1,1]]}],"partial":true}]}\n';
      for (const body of [
        first,
        '',
        '<html>',
        '{}',
        '{"results":[{"statement_id":0,"error":"query interrupted"}]}\n',
      ]) {
        proxy.inject({ kind: 'answer', status: 200, body }, { on: 'query', times: 1 });
        await expect(read(), body).rejects.toMatchObject({ name: 'InfluxError' });
      }
    });

    it('ends its request when the reader stops', async () => {
      const held = proxy.inject({ kind: 'hold' }, { on: 'query' });
      const stop = new AbortController();
      const answer = source.transport.query(bucket, 'SELECT "a_kw" FROM "energy"', {}, stop.signal);
      const next = answer.next();
      await expect.poll(() => held.hits).toBe(1);
      stop.abort();
      await expect(next).rejects.toMatchObject({ name: 'InfluxError' });
      await expect.poll(() => proxy.log.ended.length).toBe(1);
    });
  });
});
