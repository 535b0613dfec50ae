import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { influxEnv } from '../../../helpers/influx/engine.js';
import { LocalInflux, localInfluxVersion } from '../../../helpers/influx/local.js';
import { tearNewest } from '../../../helpers/influx/torn-tail.js';
import { tempDir } from '../../../helpers/temp.js';
import { countsIn, eventually, serviceOn } from './influx.js';

const METRIC = 'active_power_kw';
const HOUR = 3_600_000;
const version = localInfluxVersion();
const here = version?.startsWith('1.') === true;

/** Three hours of one past day: all of them are rolled up. */
const FROM = Math.floor(Date.now() / HOUR - 30) * HOUR;

describe.skipIf(!here)(
  here ? `what InfluxDB ${version} takes back` : 'what InfluxDB takes back: not run, no influxd 1.x',
  () => {
    const engine = new LocalInflux(version!);
    beforeAll(() => engine.start());
    afterAll(() => engine.dispose());

    /** Leaves the files like a power cut during a write. */
    async function powerCut() {
      await engine.kill();
      expect(tearNewest(engine.walFolder)).toBe(true);
      await engine.start();
    }

    async function parkOn(more: Record<string, string> = {}, dir = tempDir()) {
      const bucket = engine.freshBucket();
      const env = influxEnv(engine, bucket, more);
      const service = await serviceOn(env, dir);
      const caughtUp = () =>
        eventually(async () => {
          expect(await service.metric('park_historian_lag_batches')).toBe(0);
          expect(await service.metric('park_historian_failing')).toBe(0);
        });
      const count = async () => (await countsIn(engine, bucket, [METRIC]))[METRIC];
      return { ...service, env, dir, bucket, caughtUp, count };
    }

    const item = (i: number, value = i) => ({ ts: FROM + i * 1_000, values: { [METRIC]: value } });
    const items = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => item(from + i));

    it('is written again once the server has been killed twice, with nobody writing meanwhile', async () => {
      const { meter, caughtUp, count, metric } = await parkOn();
      const publish = await meter();
      await publish(items(0, 500));
      await caughtUp();
      await powerCut();
      await publish(items(500, 1_000));
      await caughtUp();
      await engine.kill();
      await engine.start();
      await eventually(async () => expect(await count()).toBe(1_000));
      // The server has the readings before the metrics show it.
      await eventually(async () => {
        expect(await metric('park_historian_rewrites_total')).toBeGreaterThanOrEqual(1);
        expect(await metric('park_historian_readings_total')).toBe(1_000);
        expect(await metric('park_historian_rewrite_kept_bytes')).toBeGreaterThan(0);
      });
    });

    it('is written again in order, so that corrections win, and roll-ups with it', async () => {
      const { meter, caughtUp, bucket, get } = await parkOn();
      const publish = await meter();
      await publish(items(0, 10));
      await caughtUp();
      await powerCut();
      for (let value = 1; value <= 5; value += 1) {
        await publish(Array.from({ length: 10 }, (_, i) => item(i * 400, value)));
      }
      await publish({ ts: FROM + 24 * HOUR, values: { [METRIC]: 1 } });
      await caughtUp();
      const rolled = async () => {
        const [series] = await engine.query(`${bucket}_rollups`, 'SELECT "sum" FROM "energy_1h" WHERE time >= 0');
        return series?.values.length ?? 0;
      };
      await eventually(async () => expect(await rolled()).toBeGreaterThanOrEqual(2));
      await engine.kill();
      await engine.start();
      await eventually(async () => {
        const [series] = await engine.query(bucket, `SELECT "${METRIC}" FROM "energy" WHERE time >= 0`);
        const values = series!.values.filter(([ts]) => (Number(ts) - FROM) % 400_000 === 0).map(([, value]) => value);
        expect(values.slice(0, 10)).toEqual(Array(10).fill(5));
        expect(await rolled()).toBeGreaterThanOrEqual(2);
      });
      const span = `from=${FROM}&to=${FROM + 2 * HOUR}`;
      await eventually(async () => {
        const answer = await get(`/api/v1/readings?device=meter-1&metric=${METRIC}&${span}&every=1h&fn=max`);
        expect(answer.series[0].points.map(({ value }: { value: number }) => value)).toEqual([9, 5]);
      });
    });

    it('is written again at the start of the service, which did not see the server stop', async () => {
      const first = await parkOn();
      const publish = await first.meter();
      await publish(items(0, 100));
      await first.caughtUp();
      await powerCut();
      await publish(items(100, 200));
      await first.caughtUp();
      await first.app.close();
      await engine.kill();
      await engine.start();
      expect(await first.count()).toBe(100);
      const second = await serviceOn(first.env, first.dir);
      await eventually(async () => expect(await first.count()).toBe(200));
      await eventually(async () => expect(await second.metric('park_historian_lag_batches')).toBe(0));
    });

    it('is written again also where it corrects hours of long ago, in order, and their roll-ups with it', async () => {
      const first = await parkOn();
      const publish = await first.meter();
      const old = FROM - 20 * 24 * HOUR;
      const correct = (value: number) => publish({ ts: old, values: { [METRIC]: value } });
      const storedValue = async () => {
        const [series] = await engine.query(first.bucket, `SELECT "${METRIC}" FROM "energy" WHERE time = ${old}ms`);
        return series?.values[0]?.[1];
      };
      await correct(1);
      await publish(items(0, 10));
      await first.caughtUp();
      await powerCut();
      for (let value = 2; value <= 5; value += 1) await correct(value);
      await first.caughtUp();
      await eventually(async () => expect(await storedValue()).toBe(5));
      await first.app.close();
      await engine.kill();
      await engine.start();
      expect(await storedValue()).toBe(1);
      const second = await serviceOn(first.env, first.dir);
      await eventually(async () => expect(await storedValue()).toBe(5));
      const asked = `device=meter-1&metric=${METRIC}&from=${old}&to=${old + HOUR}&every=1h&fn=max`;
      await eventually(async () => {
        const { series } = await second.get(`/api/v1/readings?${asked}`);
        expect(series[0].points.map(({ value }: { value: number }) => value)).toEqual([5]);
      });
    });

    it('is all there after kills at random moments under load', { timeout: 90_000 }, async () => {
      const { meter, caughtUp, count, metric } = await parkOn();
      const publish = await meter();
      let sent = 0;
      let load = true;
      const loading = (async () => {
        while (load) {
          await publish(items(sent, sent + 20));
          sent += 20;
        }
      })();
      for (let kills = 0; kills < 6; kills += 1) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
        await powerCut();
      }
      load = false;
      await loading;
      await engine.kill();
      await engine.start();
      await eventually(async () => expect(await count()).toBe(sent));
      await caughtUp();
      expect(await count()).toBe(sent);
      expect(await metric('park_journal_refused_total')).toBe(0);
    });

    it('keeps no more of the journal for that than it may', async () => {
      const small = await parkOn({ PARK_JOURNAL_MAX_GB: '0.01' });
      await eventually(async () => expect(await small.metric('park_historian_rewrite_max_bytes')).toBe(2_500_000));
      const { meter, caughtUp, metric } = await parkOn({ INFLUX_REWRITE_MB: '0.02' });
      await eventually(async () => expect(await metric('park_historian_rewrite_max_bytes')).toBe(20_000));
      const publish = await meter();
      for (let i = 0; i < 100; i += 1) await publish(items(i * 20, (i + 1) * 20));
      await caughtUp();
      expect(await metric('park_historian_rewrite_kept_bytes')).toBeLessThanOrEqual(20_000);
      await eventually(async () => expect(await metric('park_journal_held_bytes')).toBeLessThanOrEqual(40_000));
    });
  },
);
