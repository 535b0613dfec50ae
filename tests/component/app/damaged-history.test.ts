import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { testApp } from '../../helpers/app.js';
import { tempDir } from '../../helpers/temp.js';

const PARK = 'oh-diandu';
const DAY = 86_400_000;
const LONG = { timeout: 20_000, interval: 100 };
type Service = Awaited<ReturnType<typeof testApp>>;

const files = (dir: string) =>
  readdirSync(join(dir, 'lake'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort()
    .map((name) => join(dir, 'lake', name));

/** A data folder with readings of four days, and the sign-in of its gateway. */
async function history(dir: string) {
  const service = await testApp({}, dir);
  const login = await service.gateway('gw-1', PARK);
  const client = await service.mqtt(login);
  const today = Math.floor(Date.now() / DAY) * DAY;
  const times = [4, 3, 2, 1].map((days) => today - days * DAY + 3_600_000);
  const items = times.map((ts, i) => ({ ts, values: { active_power_kw: i } }));
  for (const item of items) {
    await client.publishAsync(`parks/${PARK}/energy/meter-1/readings`, JSON.stringify(item), { qos: 1 });
  }
  const path = `/api/v1/readings?device=meter-1&from=${times[0]! - 1}&to=${times[3]! + 1}`;
  await vi.waitFor(async () => expect((await service.get(path)).series[0].points).toHaveLength(4), LONG);
  await service.app.close();
  return { login, times, path };
}

/** Alarms of fire come, whatever became of history. */
async function raisesFire(service: Service, login: Awaited<ReturnType<typeof history>>['login']) {
  const client = await service.mqtt(login);
  const smoke = JSON.stringify({ ts: Date.now(), values: { smoke_alarm: true } });
  await client.publishAsync(`parks/${PARK}/fire/smoke-1/readings`, smoke, { qos: 1 });
  await vi.waitFor(async () => {
    const { items } = await service.get(`/api/v1/alarms?park=${PARK}`);
    expect(items.map(({ id }: { id: string }) => id)).toContain('smoke-alarm:smoke-1');
  }, LONG);
}

const systemAlarms = async (service: Service) =>
  (await service.get('/api/v1/alarms?domain=system')).items.map(({ id }: { id: string }) => id);

describe('a service whose history is damaged', () => {
  it('serves the rest of it with a mark, raises an alarm about it, and fire alarms too', {
    timeout: 60_000,
  }, async () => {
    const dir = tempDir();
    const { login, times, path } = await history(dir);
    const broken = files(dir)[1]!;
    const whole = readFileSync(broken);
    whole[40] = whole[40]! ^ 0x55;
    writeFileSync(broken, whole);
    const service = await testApp({}, dir);
    const answer = await service.api(path);
    expect(answer.headers.get('history-incomplete')).toContain('T09:00:00+08:00/');
    const body = (await answer.json()) as { series: { points: { value: number }[] }[]; incomplete: { from: string }[] };
    expect(body.series[0]!.points.map(({ value }) => value)).toEqual([0, 2, 3]);
    expect(body.incomplete.map(({ from }) => Date.parse(from))).toEqual([times[1]]);
    const elsewhere = await service.api(`/api/v1/readings?device=meter-1&from=${times[2]! - 1}&to=${times[3]! + 1}`);
    expect(elsewhere.headers.get('history-incomplete')).toBeNull();
    expect(await elsewhere.json()).not.toHaveProperty('incomplete');
    await vi.waitFor(async () => {
      const ready = await service.get('/health/ready');
      expect(ready.checks.historian).toMatchObject({
        ok: true,
        problem: expect.stringContaining('1 files of history'),
      });
    }, LONG);
    await vi.waitFor(async () => {
      const metrics = await (await service.api('/metrics')).text();
      expect(metrics).toMatch(/^park_history_damaged_files 1$/m);
      expect(metrics).toMatch(/^park_history_set_aside_files 1$/m);
    }, LONG);
    await vi.waitFor(async () => expect(await systemAlarms(service)).toContain('history-damaged:history'), LONG);
    await raisesFire(service, login);
  });

  it.each<[string, (lake: string) => void]>([
    [
      'without its manifests',
      (lake) => ['manifest.json', 'manifest.copy.json'].map((name) => rmSync(join(lake, name))),
    ],
    ['without its dictionary', (lake) => truncateSync(join(lake, 'series.ndjson'), 0)],
    ['with damaged roll-ups', (lake) => writeFileSync(join(lake, 'rollup.sqlite'), 'x'.repeat(8192))],
  ])(
    '%s takes readings and raises fire alarms, and says that history is closed',
    { timeout: 60_000 },
    async (_what, damage) => {
      const dir = tempDir();
      const { login, path } = await history(dir);
      const before = files(dir);
      damage(join(dir, 'lake'));
      const service = await testApp({}, dir);
      expect((await service.api(path)).status).toBe(503);
      const ready = await service.api('/health/ready');
      expect(ready.status).toBe(503);
      expect(((await ready.json()) as { checks: { historian: { problem: string } } }).checks.historian.problem).toMatch(
        /damaged/,
      );
      await raisesFire(service, login);
      await vi.waitFor(async () => expect(await systemAlarms(service)).toContain('history-damaged:history'), LONG);
      expect(files(dir)).toEqual(before);
    },
  );
});

describe('a service whose clock is not set', () => {
  it('acknowledges nothing until it is, and says so', { timeout: 60_000 }, async () => {
    let now = Date.UTC(2000, 0, 1);
    const service = await testApp({}, tempDir(), { clock: () => now });
    const login = await service.gateway('gw-1', PARK);
    const client = await service.mqtt(login);
    const topic = `parks/${PARK}/energy/meter-1/readings`;
    const closed = new Promise((resolve) => client.once('close', () => resolve(null)));
    client.publish(topic, JSON.stringify({ values: { active_power_kw: 1 } }), { qos: 1 });
    await closed;
    const ready = (await (await service.api('/health/ready')).json()) as { checks: { journal: { problem: string } } };
    expect(ready.checks.journal.problem).toContain('clock');
    expect(await (await service.api('/metrics')).text()).toMatch(/^park_ingest_clock_refused_total 1$/m);
    now = Date.UTC(2026, 10, 23);
    const again = await service.mqtt(login);
    await again.publishAsync(topic, JSON.stringify({ values: { active_power_kw: 2 } }), { qos: 1 });
    const { items } = await service.get(`/api/v1/latest?park=${PARK}`);
    expect(items.map(({ value }: { value: number }) => value)).toEqual([2]);
  });
});
