import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';

const DEMO = fileURLToPath(new URL('../../dist/scripts/demo.js', import.meta.url));
const PARKS = 'lc-dezheng,oh-diandu';

const running: ChildProcess[] = [];
const dirs: string[] = [];

afterEach(async () => {
  await Promise.all(
    running.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }),
  );
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'park-demo-'));
  dirs.push(dir);
  return dir;
}

/** The built demo as a child process on free ports. */
function demo(dir: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [DEMO, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, PARK_DATA_DIR: dir, PARK_HTTP_PORT: '0', PARK_MQTT_PORT: '0', ...env },
  });
  running.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    ended,
    text: () => text,
    /** Waits until the demo has said something. */
    says: async (what: string) => vi.waitFor(() => expect(text).toContain(what), { timeout: 60_000, interval: 50 }),
    http: () => /http:\/\/127\.0\.0\.1:\d+/.exec(text)![0],
    past: () => Number(/past data: ([\d,]+) readings in/.exec(text)![1]!.replaceAll(',', '')),
  };
}

const tokensIn = (dir: string) => JSON.parse(readFileSync(join(dir, 'demo-tokens.json'), 'utf8'));

async function get(base: string, path: string, token: string) {
  const response = await fetch(`${base}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status, path).toBe(200);
  return (await response.json()) as { items: { domain: string; ts: string; device: string; metric: string }[] };
}

describe('npm run demo', () => {
  it('fills in the past, then goes on where it ended, and shows four domains live', { timeout: 120_000 }, async () => {
    const dir = dataDir();
    const first = demo(dir, ['--parks', PARKS, '--days', '2', '--exit-after-backfill']);
    expect(await first.ended, first.text()).toBe(0);
    expect(first.past()).toBeGreaterThan(50_000);
    const tokens = tokensIn(dir);
    for (const role of ['admin', 'operator', 'inspector', 'viewer']) expect(first.text()).toContain(tokens[role]);
    expect(first.text()).toMatch(/electroplating: COD 80 mg\/L, NH3-N 15 mg\/L \([^)]*oh-diandu/);
    expect(first.text()).toMatch(/the years since 2020: [\d,]+ readings, trees and statistics in/);
    expect(first.text()).toContain(`/api/v1/intensity?scope=city`);
    expect(first.text()).toMatch(/City \d{4} energy per added value: /);
    expect(first.text()).toMatch(
      /Dezheng Industrial Zone +not assessable +not assessable\n +Ouhai Electroplating Base +off track −2\.\d\d % +on track −6\.\d\d %/,
    );
    expect(first.text()).toContain('Dezheng Industrial Zone: added value is missing');
    expect(statSync(join(dir, 'demo-tokens.json')).mode & 0o077).toBe(0);

    const second = demo(dir, ['--parks', PARKS, '--days', '2', '--interval', '1', '--no-scenarios', '--lang', 'zh']);
    await second.says('simulated live now');
    expect(second.text()).toContain('the years since 2020: 0 readings');
    expect(second.text()).toMatch(/瓯海电镀基地 +落后 −2\.\d\d %/);
    expect(second.past()).toBeLessThan(first.past() / 100);
    expect(tokensIn(dir)).toEqual(tokens);

    const since = Date.now();
    await vi.waitFor(
      async () => {
        const { items } = await get(second.http(), '/latest?park=oh-diandu&limit=1000', tokens.viewer);
        const live = items.filter(({ ts }) => Date.parse(ts) > since);
        expect(new Set(live.map(({ domain }) => domain)).size).toBe(4);
      },
      { timeout: 30_000, interval: 500 },
    );
    const { items } = await get(second.http(), '/devices?park=oh-diandu&limit=1000', tokens.viewer);
    expect(items).toContainEqual(expect.objectContaining({ id: 'oh-diandu-ww-01', limitProfile: 'electroplating' }));
    expect(items).toContainEqual(expect.objectContaining({ id: 'oh-diandu-em-01', limitProfile: 'transformer' }));
    expect(items).toContainEqual(expect.objectContaining({ id: 'oh-diandu-em-02', limitProfile: 'low-voltage' }));

    second.child.kill('SIGINT');
    expect(await second.ended, second.text()).toBe(0);
    await expect(fetch(`${second.http()}/health/live`)).rejects.toThrow();
  });

  it('ends by itself after its duration, having played scenarios', { timeout: 90_000 }, async () => {
    const options = [
      '--parks',
      PARKS,
      '--days',
      '1',
      '--interval',
      '1',
      '--duration',
      '4s',
      '--scenario-time',
      '3s',
      '--no-years',
    ];
    const run = demo(dataDir(), options);
    expect(await run.ended, run.text()).toBe(0);
    expect(run.text()).toContain('scenario fire in');
    expect(run.text()).toMatch(/-fire-01 smoke_alarm is true/);
  });

  it('can be ended while it fills in the past', { timeout: 90_000 }, async () => {
    const run = demo(dataDir(), ['--days', '2000', '--parks', PARKS]);
    await run.says('past data');
    run.child.kill('SIGINT');
    expect(await run.ended, run.text()).toBe(0);
    expect(run.text()).not.toContain('simulated live now');
  });

  it('names the port that is taken, and ends', { timeout: 60_000 }, async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const run = demo(dataDir(), [], { PARK_HTTP_PORT: String(port) });
    expect(await run.ended).toBe(1);
    other.close();
    expect(run.text()).toContain(`demo: port ${port} is in use by another program`);
  });

  it('says when the data folder is in use by another demo', { timeout: 60_000 }, async () => {
    const dir = dataDir();
    const one = demo(dir, ['--parks', 'lc-dezheng', '--days', '1', '--no-scenarios', '--no-years']);
    await one.says('simulated live now');
    const other = demo(dir, ['--parks', 'lc-dezheng', '--days', '1']);
    expect(await other.ended).toBe(1);
    expect(other.text()).toMatch(/demo: .*in use by another running service/);
  });

  it.each([
    [['--parks', 'no-such-park'], 1, 'there is no park no-such-park; there are lc-xiedu-1'],
    [['--days', 'many'], 2, 'expects a number above 0'],
    [['--bogus'], 2, "unknown option '--bogus'"],
    [['--help'], 0, 'PARK_DATA_DIR'],
  ])('answers %s with exit code %i', async (args, code, message) => {
    const run = demo(dataDir(), args);
    expect(await run.ended).toBe(code);
    expect(run.text()).toContain(message);
  });
});
