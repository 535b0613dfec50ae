import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { randomStream } from '../../simulators/random.js';
import { readingsTopic } from '../../src/model/wire/topic.js';
import { FaultProxy } from '../helpers/influx/fault-proxy.js';
import { findOwnEngine } from '../helpers/influx/influx.js';
import { tempDir } from '../helpers/temp.js';
import { get, untilReady } from './helpers/api.js';
import { makeGateway } from './helpers/gateways.js';
import { makeDataDir, type RunningService, removeDataDir, startService } from './helpers/service.js';
import { until } from './helpers/until.js';

const MIGRATE = fileURLToPath(new URL('../../dist/scripts/migrate.js', import.meta.url));
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PARK = 'oh-diandu';
const DEVICES = ['mig-1', 'mig-2', 'mig-3', 'mig-4'];
const DAYS = 25;

const engine = await findOwnEngine();
const dataDir = makeDataDir();
afterAll(async () => {
  await engine?.dispose();
  removeDataDir(dataDir);
});

interface Run {
  readonly child: ChildProcess;
  /** All it has said so far. */
  output(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** `npm run migrate -- …` without its build. */
function migrate(args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, [MIGRATE, ...args], { env: { PATH: process.env.PATH, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<Awaited<Run['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { child, output: () => output, ended };
}

/** Readings of some weeks, some of them flagged, some late, some sent again with another value. */
async function publish(service: RunningService, login: { id: string; secret: string }, start: number): Promise<void> {
  const random = randomStream(20_261_124);
  const client = await mqtt.connectAsync({
    ...service.mqtt,
    protocolVersion: 4,
    clientId: login.id,
    username: login.id,
    password: login.secret,
  });
  for (const device of DEVICES) {
    let kwh = 1_000;
    for (let day = 0; day < DAYS; day += 1) {
      const items = Array.from({ length: 144 }, (_, i) => {
        const ts = start + day * DAY + i * 10 * MINUTE + Math.floor(random() * MINUTE);
        kwh += random();
        const values = { active_power_kw: Math.round(random() * 1e4) / 100, import_energy_kwh: kwh };
        return { ts, values, ...(random() < 0.05 && { flags: { active_power_kw: 'D' } }) };
      });
      const again = items.filter(() => random() < 0.05).map(({ ts, values }) => ({ ts, values }));
      const topic = readingsTopic(PARK, 'energy', device);
      await client.publishAsync(topic, JSON.stringify(items), { qos: 1 });
      await client.publishAsync(topic, JSON.stringify(again), { qos: 1 });
    }
  }
  await client.endAsync();
}

/** What the API says of the history: raw readings, windows of hours, of days, of no whole hours, the newest. */
async function answers(service: RunningService, start: number): Promise<Map<string, unknown>> {
  const range = `from=${start - DAY}&to=${start + (DAYS + 1) * DAY}`;
  const asked = DEVICES.flatMap((device) => [
    `device=${device}&metric=active_power_kw&${range}&limit=50000`,
    `device=${device}&metric=import_energy_kwh&${range}&limit=50000`,
    `device=${device}&metric=active_power_kw&${range}&every=1h&fn=max`,
    `device=${device}&metric=active_power_kw&${range}&every=1d&fn=count`,
    `device=${device}&metric=import_energy_kwh&${range}&every=1d&fn=last`,
    `device=${device}&metric=active_power_kw&${range}&every=10m&fn=first`,
  ]);
  const found = new Map<string, unknown>();
  for (const query of asked) found.set(query, await get(service, `/api/v1/readings?${query}`));
  for (const device of DEVICES) found.set(device, await get(service, `/api/v1/latest?device=${device}`));
  return found;
}

it('names wrong options and a folder without a history', async () => {
  const env = { PARK_DATA_DIR: tempDir() };
  const wrong = migrate(['--from', 'lake', '--to', 'lake'], env);
  expect(await wrong.ended).toEqual({ code: 2, signal: null });
  expect(wrong.output()).toContain('--from and --to name the same historian');
  const missing = migrate(['--from', 'lake'], env);
  expect(await missing.ended).toEqual({ code: 2, signal: null });
  expect(missing.output()).toContain('--to');
  const help = migrate(['--help'], env);
  expect(await help.ended).toEqual({ code: 0, signal: null });
  expect(help.output()).toContain('--from <historian>');
  const withoutUrl = migrate(['--from', 'lake', '--to', 'influxdb'], env);
  expect(await withoutUrl.ended).toEqual({ code: 1, signal: null });
  expect(withoutUrl.output()).toMatch(/^migrate: .*INFLUX_URL/);
  const empty = migrate(['--from', 'lake', '--to', 'influxdb'], {
    ...env,
    INFLUX_URL: 'http://127.0.0.1:9',
    INFLUX_API: 'v1',
  });
  expect(await empty.ended).toEqual({ code: 1, signal: null });
  expect(empty.output()).toContain('no service has run in');
  expect(existsSync(join(env.PARK_DATA_DIR, 'park.sqlite'))).toBe(false);
});

describe.skipIf(engine === null)(
  engine ? `a move to ${engine.name}` : 'a move to InfluxDB: not run, there is none that may be killed',
  () => {
    it('is killed midway, goes on at the next call, and the service answers as before', {
      timeout: 240_000,
    }, async () => {
      const db = engine!;
      await db.start();
      const proxy = await FaultProxy.start(db.url);
      onTestFinished(() => proxy.close());
      const influx = {
        PARK_DATA_DIR: dataDir,
        INFLUX_URL: proxy.url,
        INFLUX_API: db.api,
        INFLUX_BUCKET: db.freshBucket(),
        ...(db.token !== undefined && { INFLUX_TOKEN: db.token }),
        ...(db.org !== undefined && { INFLUX_ORG: db.org }),
      };
      const there = ['--from', 'lake', '--to', 'influxdb'];
      const start = async (env: Readonly<Record<string, string>> = {}) => {
        const service = await startService({ dataDir, env });
        onTestFinished(() => service.kill());
        await untilReady(service);
        return service;
      };
      const begin = Math.floor(Date.now() / DAY) * DAY - (DAYS + 1) * DAY;

      const first = await start();
      await publish(first, await makeGateway(first, 'mig-gw', PARK), begin);
      const wanted = await answers(first, begin);
      const locked = migrate(there, influx);
      expect(await locked.ended).toEqual({ code: 1, signal: null });
      expect(locked.output()).toMatch(/in use by another running service: stop it first/);
      // Part of it is in the journal alone.
      await first.kill();

      const held = proxy.inject({ kind: 'hold' }, { on: 'write', when: () => proxy.log.count('write') > 3 });
      const broken = migrate(there, influx);
      await until('a write is held', () => held.hits > 0);
      const { movedTo } = JSON.parse(readFileSync(join(dataDir, 'migration.json'), 'utf8')) as { movedTo: number };
      broken.child.kill('SIGKILL');
      expect(await broken.ended).toEqual({ code: null, signal: 'SIGKILL' });
      expect(movedTo).toBeGreaterThan(begin);
      expect(movedTo).toBeLessThan(begin + DAYS * DAY);

      const interrupted = migrate(there, influx);
      await until('it is held again', () => held.hits > 1);
      interrupted.child.kill('SIGINT');
      held.remove();
      held.release();
      expect(await interrupted.ended).toEqual({ code: 130, signal: null });
      expect(interrupted.output()).toContain('broken off; the same command goes on where it stopped');

      const whole = migrate(there, influx);
      expect(await whole.ended).toEqual({ code: 0, signal: null });
      expect(whole.output()).toContain('going on where the move was broken off');
      expect(whole.output()).toMatch(/check {2}100 % series counted\n28,800 readings of 8 series are in both stores\n/);
      expect(existsSync(join(dataDir, 'migration.json'))).toBe(false);

      for (const env of [{ ...influx, PARK_HISTORIAN: 'influxdb' }, {}]) {
        const service = await start(env);
        for (const [query, answer] of await answers(service, begin)) expect(answer, query).toEqual(wanted.get(query));
        // It goes on with the journal.
        const { id, secret } = await makeGateway(service, `mig-${Object.keys(env).length}`, PARK);
        const client = await mqtt.connectAsync({ ...service.mqtt, clientId: id, username: id, password: secret });
        const topic = readingsTopic(PARK, 'energy', `new-${Object.keys(env).length}`);
        await client.publishAsync(topic, JSON.stringify({ values: { active_power_kw: 1 } }), { qos: 1 });
        await client.endAsync();
        const path = `/api/v1/readings?device=new-${Object.keys(env).length}&metric=active_power_kw`;
        expect(await get(service, path)).toMatchObject({ series: [{ points: [{ value: 1 }] }] });
        await service.stop();
      }
    });
  },
);
