import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RefusedReadings } from '../../../../src/historian/port/store.js';
import { influxEnv } from '../../../helpers/influx/engine.js';
import { FaultProxy } from '../../../helpers/influx/fault-proxy.js';
import type { Engine } from '../../../helpers/influx/influx.js';
import { LocalInflux, localInfluxVersion } from '../../../helpers/influx/local.js';
import { countsIn, eventually, historianOn, PARK, serviceOn } from './influx.js';

const METRIC = 'active_power_kw';
const SERIES = { device: `${PARK}/meter-1`, metric: METRIC } as const;
const MINUTE = 60_000;
const version = localInfluxVersion();
const here = version?.startsWith('1.') === true;
const title = 'an InfluxDB that is written to and cannot be read';

describe.skipIf(!here)(here ? `${title}, ${version}` : `${title}: not run, no influxd 1.x`, () => {
  const engine = new LocalInflux(version!, { auth: true });
  let users = 0;
  beforeAll(() => engine.start());
  afterAll(() => engine.dispose());

  const run = (statement: string) => engine.query('_internal', statement);

  /** Both databases, and a user with permission to write only. */
  async function writeOnly() {
    const bucket = engine.freshBucket();
    users += 1;
    const name = `writer-${users}`;
    await run(`CREATE USER "${name}" WITH PASSWORD 'secret'`);
    for (const one of [bucket, `${bucket}_rollups`]) {
      await engine.create(one);
      await run(`GRANT WRITE ON "${one}" TO "${name}"`);
    }
    const mayRead = async () => {
      for (const one of [bucket, `${bucket}_rollups`]) await run(`GRANT ALL ON "${one}" TO "${name}"`);
    };
    const mayNotRead = async () => {
      for (const one of [bucket, `${bucket}_rollups`]) {
        await run(`REVOKE ALL ON "${one}" FROM "${name}"`);
        await run(`GRANT WRITE ON "${one}" TO "${name}"`);
      }
    };
    return { bucket, token: `${name}:secret`, mayRead, mayNotRead };
  }

  const at = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
  const HISTORY = `/api/v1/readings?device=meter-1&metric=${METRIC}&from=${at}&to=${at + 60 * MINUTE}`;

  it('gets every reading, is named with the permission it lacks, and is read once that is granted', async () => {
    const { bucket, token, mayRead, mayNotRead } = await writeOnly();
    const { meter, metric, health, api, get } = await serviceOn(influxEnv(engine, bucket, { INFLUX_TOKEN: token }));
    const publish = await meter();
    const send = (i: number, value = i) => publish({ ts: at + i * 1_000, values: { [METRIC]: value } });
    for (let i = 0; i < 20; i += 1) await send(i);
    await send(3, 33);
    await eventually(async () => {
      expect((await countsIn(engine, bucket, [METRIC]))[METRIC]).toBe(20);
      expect(await health()).toEqual({ ok: true, problem: expect.stringContaining('permission to read') });
      expect(await metric('park_historian_lag_batches')).toBe(0);
    });
    expect(await metric('park_historian_failing')).toBe(0);
    expect(await metric('park_historian_blind')).toBe(1);
    expect(await metric('park_historian_versions_unkept_total{reason="unanswered"}')).toBeGreaterThan(0);
    const answer = await api(HISTORY);
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'historian_unavailable' }]);

    await mayRead();
    await eventually(async () => expect(await health()).toEqual({ ok: true }));
    const points = async () => (await get(HISTORY)).series[0].points.map(({ value }: { value: number }) => value);
    expect(await points()).toEqual([0, 1, 2, 33, ...Array.from({ length: 16 }, (_, i) => i + 4)]);
    await send(4, 44);
    await eventually(async () => {
      expect((await points())[4]).toBe(44);
      expect(await metric('park_historian_versions')).toBe(2);
    });

    await mayNotRead();
    expect((await api(HISTORY)).status).toBe(503);
    await eventually(async () => {
      expect(await health()).toEqual({ ok: true, problem: expect.stringContaining('permission to read') });
    });
    await send(5, 55);
    await eventually(async () => {
      const [series] = await engine.query(bucket, `SELECT "${METRIC}" FROM "energy" WHERE time = ${at + 5_000}ms`);
      expect(series?.values[0]?.[1]).toBe(55);
    });
  });

  it('is said once in the log, gets no replay that nobody can judge, and all that comes behind it', async () => {
    const { bucket, token } = await writeOnly();
    const { journal, logged, start, publish } = historianOn({ ...reach(engine), token } as Engine, bucket);
    const aside: RefusedReadings[] = [];
    await start(async (refused) => void aside.push(...refused));
    await publish({ ts: at, values: { [METRIC]: 41 } }, at);
    await journal.append({
      park: PARK,
      topic: `parks/${PARK}/energy/meter-1/readings`,
      gateway: 'gw-1',
      receivedAt: at - 1_000,
      replayedAt: at + 1_000,
      payload: Buffer.from(JSON.stringify({ ts: at, values: { [METRIC]: 500 } })),
    });
    await publish({ ts: at + 1_000, values: { [METRIC]: 42 } }, at);
    await eventually(async () => {
      const [series] = await engine.query(bucket, `SELECT "${METRIC}" FROM "energy" WHERE time >= 0`);
      expect(series?.values.map(([, value]) => value)).toEqual([41, 42]);
    });
    expect(aside.map(({ message }) => message.readings.map(({ value }) => value))).toEqual([[500]]);
    expect(logged.filter((message) => message.includes('permission to read'))).toHaveLength(1);
  });

  it('has the last word of each reading right, whatever it met there', async () => {
    const { bucket, token } = await writeOnly();
    const admin = historianOn(engine, bucket);
    const first = await admin.start(async () => undefined);
    await admin.publish([{ ts: at, values: { [METRIC]: 1 }, flags: { [METRIC]: 'D' } }], at + 1_000);
    await first.caughtUp(admin.journal.head());
    await first.close();
    const blind = historianOn({ ...reach(engine), token } as Engine, bucket);
    await blind.start(async () => undefined);
    await blind.publish([{ ts: at, values: { [METRIC]: 2 } }], at + 2_000);
    await eventually(async () => {
      const [series] = await engine.query(bucket, `SELECT "${METRIC}" FROM "energy" WHERE time >= 0`);
      expect(series?.values.map(([, value]) => value)).toEqual([2]);
    });
    const last = historianOn(engine, bucket);
    const again = await last.start(async () => undefined);
    const rows: number[][] = [];
    for await (const { ts, value, flag, receivedAt } of again.raw({
      series: [SERIES],
      from: at,
      to: at + 1,
      limit: 9,
    })) {
      ts.forEach((time, i) => void rows.push([time, value[i]!, flag[i]!, receivedAt[i]!]));
    }
    expect(rows).toEqual([[at, 2, 0, at + 2_000]]);
  });

  it('is written to while every question fails that tells what is overwritten', async () => {
    const proxy = await FaultProxy.start(engine.url);
    onTestFinished(() => proxy.close());
    const bucket = engine.freshBucket();
    const fault = { kind: 'answer', status: 500, body: '{"error":"out of memory"}' } as const;
    const { meter, metric, get } = await serviceOn(influxEnv(engine, bucket, { INFLUX_URL: proxy.url }));
    const publish = await meter();
    for (let i = 0; i < 10; i += 1) await publish({ ts: at + i, values: { [METRIC]: i } });
    await eventually(async () => expect((await countsIn(engine, bucket, [METRIC]))[METRIC]).toBe(10));
    proxy.inject(fault, { on: 'query' });
    await publish({ ts: at + 3, values: { [METRIC]: 33 } });
    await publish({ ts: at + 10, values: { [METRIC]: 10 } });
    await eventually(async () => {
      expect((await countsIn(engine, bucket, [METRIC]))[METRIC]).toBe(11);
      expect(await metric('park_historian_lag_batches')).toBe(0);
    });
    proxy.clear();
    await eventually(async () => {
      const { points } = (await get(HISTORY)).series[0];
      expect(points.map(({ value }: { value: number }) => value)).toEqual([0, 1, 2, 33, 4, 5, 6, 7, 8, 9, 10]);
    });
  });
});

const reach = ({ api, url, org }: Engine) => ({ api, url, org });
