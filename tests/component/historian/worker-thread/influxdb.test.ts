import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { InfluxStore } from '../../../../src/historian/influxdb/store.js';
import { Answers } from '../../../../src/historian/worker-thread/answers.js';
import { closeStore } from '../../../../src/historian/worker-thread/closing.js';
import { makeStore } from '../../../../src/historian/worker-thread/open-store.js';
import { QuarantineRelay } from '../../../../src/historian/worker-thread/quarantine-relay.js';
import { Writer } from '../../../../src/historian/worker-thread/writer.js';
import { deviceKey } from '../../../../src/model/ids.js';
import { openDeviceTags } from '../../../../src/registry/reader-port.js';
import { influxEnv } from '../../../helpers/influx/engine.js';
import { FaultProxy } from '../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../helpers/influx/influx.js';
import { LocalInflux, localInfluxVersion } from '../../../helpers/influx/local.js';
import { tempDir } from '../../../helpers/temp.js';
import { versionsOf } from '../versions-model.js';
import { countsIn, eventually, historianOn, PARK, serviceOn } from './influx.js';

const DAY = 86_400_000;
const SERIES = { device: deviceKey(PARK, 'meter-1'), metric: 'active_power_kw' };
const HISTORY = `/api/v1/readings?device=meter-1&metric=${SERIES.metric}`;

async function noneRefused(): Promise<void> {
  throw new Error('nothing should be refused');
}

describeOnEngines('the service with its history in InfluxDB', await findEngines(), (engine) => {
  async function behindProxy() {
    const proxy = await FaultProxy.start(engine.url);
    onTestFinished(() => proxy.close());
    const bucket = engine.freshBucket();
    return { proxy, bucket, env: influxEnv(engine, bucket, { INFLUX_URL: proxy.url }) };
  }

  it('keeps and lists every version of a reading with who sent it, over a restart', async () => {
    const { journal, start } = historianOn(engine, engine.freshBucket());
    const t0 = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000;
    const { send, list } = versionsOf(journal, PARK, t0);
    const first = await start(noneRefused);
    await send(1, 640, 0);
    await send(2, 7, 1);
    await send(2, 7, 2);
    expect(await list(first)).toEqual([]);
    await first.close();
    const second = await start(noneRefused);
    await Promise.all([send(1, 41, 3, { gateway: 'gw-2' }), send(1, 42, 4, { gateway: 'gw-2' })]);
    await send(1, 42, 5, { gateway: 'gw-2' });
    expect(await list(second)).toEqual([
      [1, 640, 0, 'gw-1', false],
      [1, 41, 3, 'gw-2', false],
      [1, 42, 4, 'gw-2', true],
    ]);
  });

  it('marks answers that lack what was acknowledged before they were asked, until it has caught up', async () => {
    const { proxy, env } = await behindProxy();
    const { meter, api } = await serviceOn(env);
    const publish = await meter();
    const ts = Date.now() - 60_000;
    await publish({ ts, values: { active_power_kw: 1 } });
    const asked = [`${HISTORY}&from=${ts}&to=${ts + 10}`, '/api/v1/latest'];
    const marks = async () => {
      const answers = await Promise.all(asked.map((path) => api(path)));
      return answers.map(({ status, headers }) => [status, headers.get('history-complete-through')]);
    };
    expect(await marks()).toEqual([
      [200, null],
      [200, null],
    ]);
    const held = proxy.inject({ kind: 'hold' }, { on: 'write' });
    const heldFrom = Date.now();
    await publish({ ts: ts + 1, values: { active_power_kw: 2 } });
    for (const [status, mark] of await marks()) {
      expect(status).toBe(200);
      expect(Date.parse(String(mark))).toBeLessThanOrEqual(heldFrom);
      expect(Date.parse(String(mark))).toBeGreaterThan(ts);
    }
    held.remove();
    await eventually(async () => {
      expect(await marks()).toEqual([
        [200, null],
        [200, null],
      ]);
    });
  });

  it('starts and takes readings while InfluxDB is away, says so, and goes on when it comes', async () => {
    const { proxy, bucket, env } = await behindProxy();
    await proxy.down();
    const { meter, health, metric, api, get } = await serviceOn(env);
    const publish = await meter();
    const from = Date.now() - 60_000;
    for (let i = 0; i < 20; i += 1) await publish({ ts: from + i, values: { active_power_kw: i } });
    await eventually(async () => {
      expect(await health()).toMatchObject({
        ok: false,
        problem: expect.stringContaining('the historian stands still'),
      });
    });
    expect(await metric('park_historian_failing')).toBe(1);
    expect(await metric('park_historian_write_errors_total{kind="unreachable"}')).toBeGreaterThan(0);
    const history = `${HISTORY}&from=${from}&to=${from + 20}`;
    const answer = await api(history);
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'historian_unavailable' }]);

    await proxy.up();
    await eventually(async () => {
      expect(await health()).toEqual({ ok: true });
      expect(await countsIn(engine, bucket, [SERIES.metric])).toEqual({ active_power_kw: 20 });
    });
    expect((await get(history)).series[0].points).toHaveLength(20);
  });

  it.skipIf(!engine.ours)(
    'has all that was acknowledged, once, though the engine is killed and started under load',
    async () => {
      const bucket = engine.freshBucket();
      const { meter, health } = await serviceOn(influxEnv(engine, bucket));
      const publish = await meter();
      const from = Date.now() - 3_600_000;
      let acknowledged = 0;
      let loading = true;
      const load = (async () => {
        while (loading) {
          const first = acknowledged;
          const messages = Array.from({ length: 20 }, (_, i) => {
            const ts = from + first + i;
            return publish({ ts, values: { active_power_kw: first + i } });
          });
          await Promise.all(messages);
          acknowledged += messages.length;
        }
      })();
      const more = async (count: number) => {
        const wanted = acknowledged + count;
        await eventually(() => expect(acknowledged).toBeGreaterThanOrEqual(wanted));
      };
      await more(200);
      await engine.kill();
      await more(200);
      await engine.start();
      await more(200);
      loading = false;
      await load;
      const asked = `SELECT count("active_power_kw"), sum("active_power_kw") FROM "energy" WHERE time >= 0`;
      await eventually(async () => {
        const [series] = await engine.query(bucket, asked);
        expect(series?.values[0]?.slice(1)).toEqual([acknowledged, (acknowledged * (acknowledged - 1)) / 2]);
        expect(await health()).toEqual({ ok: true });
      });
    },
  );

  it('takes from the journal what was taken at its receipt, not what is older than it keeps', async () => {
    const bucket = engine.freshBucket();
    const { meter, get, metric } = await serviceOn(influxEnv(engine, bucket, { PARK_RAW_DAYS: '30' }));
    const publish = await meter();
    const now = Date.now();
    await publish([
      { ts: now - 29 * DAY, values: { active_power_kw: 1 } },
      { ts: now - 31 * DAY, values: { active_power_kw: 2, frequency_hz: 50 } },
      { ts: now - 1_000, values: { active_power_kw: 3 } },
    ]);
    const [message] = (await get('/api/v1/quarantine?code=ts_too_old')).items;
    expect(message.rejections).toMatchObject([
      { index: 1, code: 'ts_too_old', reason: expect.stringContaining('30 days') },
    ]);
    await eventually(async () => {
      expect(await countsIn(engine, bucket, ['active_power_kw', 'frequency_hz'])).toEqual({
        active_power_kw: 2,
        frequency_hz: 0,
      });
    });
    await eventually(async () => expect(await metric('park_historian_readings_total')).toBe(2));
  });

  it('answers a question that works too long at the limit though InfluxDB does not, and the next one too', async () => {
    const { proxy, bucket } = await behindProxy();
    const { start, publish } = historianOn(engine, bucket, proxy.url);
    const historian = await start(noneRefused, { queryTimeoutMs: 300 });
    const ts = Date.now() - 60_000;
    await publish({ ts, values: { active_power_kw: 1 } });
    await historian.caughtUp(1);
    const ask = async () => {
      const values: number[] = [];
      for await (const { value } of historian.raw({ series: [SERIES], from: ts, to: ts + 1, limit: 10 }))
        values.push(...value);
      return values;
    };
    const held = proxy.inject({ kind: 'hold' }, { on: 'query' });
    const cutBefore = proxy.log.cut;
    const outcomes = await Promise.allSettled([ask(), ask(), ask()]);
    expect(outcomes.map((one) => one.status === 'rejected' && (one.reason as Error).name)).toEqual(
      Array(3).fill('QueryTimedOutError'),
    );
    // The requests have ended with their queries.
    await vi.waitFor(() => expect(proxy.log.cut - cutBefore).toBeGreaterThanOrEqual(3));
    held.remove();
    expect(await ask()).toEqual([1]);
  });

  it('lets InfluxDB be silent for as long as a question may work', async () => {
    const { proxy, bucket } = await behindProxy();
    const { dir, state } = historianOn(engine, bucket);
    const { api, token, org } = engine;
    const store = await makeStore(
      {
        kind: 'influxdb',
        folder: join(dir, 'influxdb'),
        url: proxy.url,
        api,
        bucket,
        ...(token !== undefined && { token }),
        ...(org !== undefined && { org }),
      },
      {
        statePath: state.path,
        journalAddress: state.path,
        rawDays: 400,
        timeZone: 'Asia/Shanghai',
        queryTimeoutMs: 600_000,
        keepRefused: noneRefused,
        onBackgroundError: () => undefined,
        onWarning: () => undefined,
      },
    );
    await store.open();
    onTestFinished(() => store.close());
    const ts = Date.now() - 60_000;
    const readings = [{ metric: SERIES.metric, ts, value: 1, flag: 'N', quality: 'good' } as const];
    const message = {
      park: PARK,
      domain: 'energy',
      device: SERIES.device,
      gateway: '',
      receivedAt: ts,
      readings,
    } as const;
    await store.append([{ seq: 1, messages: [message] }]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const held = proxy.inject({ kind: 'hold' }, { on: 'query' });
    const asked = store.counts([SERIES], ts, ts + 1);
    asked.catch(() => undefined);
    while (held.hits === 0) await nextTurn();
    await vi.advanceTimersByTimeAsync(500_000);
    held.remove();
    expect(await asked).toEqual([1]);
  });

  it('is closed while InfluxDB takes a request and never answers; the next start goes on there', async () => {
    const { proxy, bucket } = await behindProxy();
    const { dir, state, start, publish, journal } = historianOn(engine, bucket, proxy.url);
    const folder = join(dir, 'influxdb');
    const { api, token, org } = engine;
    const tags = openDeviceTags(state.path);
    const store = new InfluxStore({
      folder,
      url: proxy.url,
      api,
      bucket,
      ...(token !== undefined && { token }),
      ...(org !== undefined && { org }),
      rawDays: 400,
      timeZone: 'Asia/Shanghai',
      tagsOf: tags.tagsOf,
      keepRefused: noneRefused,
      onWarning: () => undefined,
    });
    await store.open();
    const warned: string[] = [];
    const warn = (message: string) => void warned.push(message);
    const reader = journal.reader();
    const writer = new Writer(store, reader, {
      rawDays: 400,
      countedSeq: 0,
      refused: () => 0,
      report: () => undefined,
      warn,
      onError: () => undefined,
    });
    const ts = Date.now() - 60_000;
    await publish({ ts, values: { active_power_kw: 1 } });
    writer.start();
    await writer.visible(1, 10_000);
    const held = proxy.inject({ kind: 'hold' }, { on: 'write' });
    await publish({ ts: ts + 1, values: { active_power_kw: 2 } });
    writer.poke();
    await vi.waitFor(() => expect(held.hits).toBe(1));
    const answers = new Answers(store, () => undefined, { workMs: 1_000 });
    const refusals = new QuarantineRelay(() => undefined);
    const limits = { flushMs: 100, letGoMs: 10_000 };
    expect(await closeStore({ answers, refusals, writer, store, warn }, limits)).toBe(true);
    expect(warned).toContain('last flush: Error: not done within 0.1 s');
    expect(store.durableSeq()).toBe(1);
    reader.close();
    tags.close();
    held.remove();

    const next = await start(noneRefused);
    await next.caughtUp(2);
    await eventually(async () =>
      expect(await countsIn(engine, bucket, [SERIES.metric])).toEqual({ active_power_kw: 2 }),
    );
  });
});

const version = localInfluxVersion();

it.skipIf(!version?.startsWith('1.'))(
  'with a wrong password the service takes readings, and says what to look at; with the right one it goes on',
  async () => {
    const engine = new LocalInflux(version!, { auth: true });
    onTestFinished(() => engine.dispose());
    await engine.start();
    const bucket = engine.freshBucket();
    const dir = tempDir();
    const env = influxEnv(engine, bucket);
    const first = await serviceOn({ ...env, INFLUX_TOKEN: 'admin:wrong' }, dir);
    const publish = await first.meter();
    const ts = Date.now() - 60_000;
    await publish({ ts, values: { active_power_kw: 1 } });
    await eventually(async () => {
      expect((await first.health()).ok).toBe(false);
      expect(await first.metric('park_historian_write_errors_total{kind="credentials"}')).toBeGreaterThan(0);
    });
    const alarms = await first.get('/api/v1/alarms?domain=system');
    expect(JSON.stringify(alarms)).not.toContain('wrong');
    await first.app.close();

    const second = await serviceOn(env, dir);
    await eventually(async () => {
      expect(await second.health()).toEqual({ ok: true });
      expect(await countsIn(engine, bucket, [SERIES.metric])).toEqual({ active_power_kw: 1 });
    });
    expect(await second.get(`/api/v1/devices/meter-1`)).toMatchObject({ park: PARK });
  },
);
