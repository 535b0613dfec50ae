import { beforeAll, expect, it } from 'vitest';
import { rollupsBucket } from '../../../../../src/historian/influxdb/schema.js';
import { FaultProxy } from '../../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { batch, expectedRows, message, NOW, reading, seriesOf, WriteSetup } from './helpers.js';

const T = NOW - 3_600_000;
const SERIES = [{ device: 'park-a/meter-1', metric: 'active_power_kw' } as const];
const at = (offset: number, value: number) => [reading('active_power_kw', T + offset, value)];

describeOnEngines('what a device belongs to, in InfluxDB', await findEngines(), (engine) => {
  let proxy: FaultProxy;

  beforeAll(async () => {
    proxy = await FaultProxy.start(engine.url);
    return () => proxy.close();
  });

  /** [time, value, park, enterprise] of the points of the bucket. */
  async function points(bucket: string) {
    const found = await engine.query(bucket, 'SELECT active_power_kw FROM energy GROUP BY park, enterprise');
    const rows = found.flatMap(({ tags, values }) =>
      values.map(([ts, value]) => [Number(ts) - T, value, tags?.park, tags?.enterprise] as const),
    );
    return rows.sort(([a], [b]) => a - b);
  }

  it('changes with the newest reading; what is late or comes again stays with what it belonged to', async () => {
    let enterprise = 'acme';
    const setup = new WriteSetup(engine, { tagsOf: () => ({ district: 'north', enterprise }) });
    await setup.writeLoop.append([batch(1, message('meter-1', at(0, 1)), message('meter-1', at(10, 2)))]);
    enterprise = 'bolt';
    await setup.writeLoop.append([batch(2, message('meter-1', at(20, 3)), message('meter-1', at(5, 4)))]);
    await setup.writeLoop.append([batch(3, message('meter-1', at(10, 5)))]);
    enterprise = 'coal';
    await setup.writeLoop.append([batch(4, message('meter-1', at(30, 6)))]);
    const expected = [
      [0, 1, 'park-a', 'acme'],
      [5, 4, 'park-a', 'acme'],
      [10, 5, 'park-a', 'acme'],
      [20, 3, 'park-a', 'bolt'],
      [30, 6, 'park-a', 'coal'],
    ];
    expect(await points(setup.bucket)).toEqual(expected);
    expect((await setup.rows(SERIES))['park-a/meter-1/active_power_kw']?.map((row) => row[1])).toEqual([1, 4, 5, 3, 6]);
    setup.close();

    enterprise = 'core';
    const next = new WriteSetup(engine, { bucket: setup.bucket, tagsOf: () => ({ district: 'north', enterprise }) });
    await next.writeLoop.append([batch(5, message('meter-1', at(20, 7)), message('meter-1', at(40, 8)))]);
    expected[3] = [20, 7, 'park-a', 'bolt'];
    expect(await points(setup.bucket)).toEqual([...expected, [40, 8, 'park-a', 'core']]);
    expect(next.source.epochs.of('park-a/meter-1').map(({ from }) => (from === 0 ? 0 : from - T))).toEqual([
      0, 11, 21, 31,
    ]);
  });

  it('is known of points that a version wrote which knew devices by their ids alone', async () => {
    const bucket = engine.freshBucket();
    const setup = new WriteSetup(engine, { bucket });
    await setup.writeLoop.contact.ensure();
    const epoch = `devices,device=meter-1 park="park-a",district="north",enterprise="",domain="energy" 0`;
    await engine.write(rollupsBucket(bucket), epoch);
    await engine.write(bucket, `energy,device=meter-1,district=north,park=park-a active_power_kw=1,delay_ms=5i ${T}`);
    setup.close();

    const next = new WriteSetup(engine, { bucket });
    await next.writeLoop.append([
      batch(1, message('meter-1', at(10, 2)), message('meter-1', at(10, 9), { park: 'park-b' })),
    ]);
    const rows = await next.rows([...SERIES, { ...SERIES[0]!, device: 'park-b/meter-1' }]);
    expect(rows['park-a/meter-1/active_power_kw']?.map((row) => row[1])).toEqual([1, 2]);
    expect(rows['park-b/meter-1/active_power_kw']?.map((row) => row[1])).toEqual([9]);
  });

  it('is decided once, whatever becomes of the batch and of the registry meanwhile', async () => {
    let enterprise = 'acme';
    const setup = new WriteSetup(engine, { url: proxy.url, tagsOf: () => ({ district: 'north', enterprise }) });
    await setup.writeLoop.append([batch(1, message('meter-1', at(0, 1)))]);
    enterprise = 'bolt';
    const raw = (path: string) => path.includes(setup.bucket) && !path.includes(`${setup.bucket}_rollups`);
    proxy.inject({ kind: 'cut-after' }, { on: 'write', times: 1, when: ({ path }) => raw(path) });
    const moved = [message('meter-1', at(10, 2)), message('meter-1', at(20, 3))];
    await expect(setup.writeLoop.append([batch(2, ...moved)])).rejects.toMatchObject({ remedy: 'retry' });
    enterprise = 'core';
    await setup.writeLoop.append([batch(2, ...moved)]);
    expect((await points(setup.bucket)).map(([offset, value]) => [offset, value])).toEqual([
      [0, 1],
      [10, 2],
      [20, 3],
    ]);
    const all = [message('meter-1', at(0, 1)), ...moved];
    expect(await setup.rows(seriesOf(all))).toEqual(expectedRows(all));
  });

  it('is not changed without end: a device that flips between two enterprises keeps its readings', async () => {
    let asked = 0;
    const tagsOf = () => ({ district: 'north', enterprise: (asked++ % 2).toFixed(0) });
    const setup = new WriteSetup(engine, { tagsOf });
    const flipping = Array.from({ length: 1_500 }, (_, i) => message('meter-1', at(i, i)));
    await setup.writeLoop.append([batch(1, ...flipping)]);
    expect(setup.source.epochs.of('park-a/meter-1')).toHaveLength(1_000);
    expect(await setup.rows(SERIES)).toEqual(expectedRows(flipping));
  });
});
