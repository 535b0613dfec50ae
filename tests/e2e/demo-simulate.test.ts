import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SeriesTruth, TruthRecord } from '../../simulators/truth.js';
import { ADMIN_TOKEN, makeDataDir, type RunningService, removeDataDir, startService } from './helpers/service.js';

const CLI = fileURLToPath(new URL('../../dist/simulators/cli.js', import.meta.url));

let service: RunningService;
const files = makeDataDir();

beforeAll(async () => {
  service = await startService();
});

afterAll(async () => {
  await service.stop();
  removeDataDir(service.dataDir);
  rmSync(files, { recursive: true, force: true });
});

/** Runs the built command to its end. */
async function simulate(...args: string[]) {
  const { host, port } = service.mqtt;
  const child = spawn(process.execPath, [CLI, '--broker', `mqtt://${host}:${port}`, ...args], {
    env: { PATH: process.env.PATH, PARK_ADMIN_TOKEN: ADMIN_TOKEN },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

const parse = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TruthRecord);

async function stored(device: string, metric: string): Promise<number[]> {
  const [from, to] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 60_000)].map((at) => at.toISOString());
  const query = new URLSearchParams({ device, metric, from: from!, to: to! });
  const response = await fetch(`${service.http}/api/v1/readings?${query}`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  expect(response.status, device).toBe(200);
  const { series } = (await response.json()) as { series: { points: { value: number }[] }[] };
  return series.flatMap(({ points }) => points.map(({ value }) => value));
}

describe('npm run simulate', () => {
  it('makes its gateways, plays scenarios, and its ground truth is what the service stored', {
    timeout: 120_000,
  }, async () => {
    const credentials = join(files, 'gateways.json');
    const { code, out, err } = await simulate(
      ...['--api', service.http, '--parks', 'lc-dezheng,lw-fupin', '--save-credentials', credentials],
      ...['--interval', '0.5', '--duration', '5s', '--scenario', 'fire,gateway-outage,meter-swap,bad-payloads'],
    );
    expect(code, err).toBe(0);
    const records = parse(out);
    const series = records.filter(({ type }) => type === 'series') as unknown as SeriesTruth[];
    expect(series.length).toBeGreaterThan(140);
    expect(records.at(-1)).toMatchObject({ type: 'summary', dropped: 0, pending: 0 });
    await vi.waitFor(async () => {
      const last = series.at(-1)!;
      expect(await stored(last.device, last.metric)).toHaveLength(last.acknowledged);
    });
    for (const { device, metric, sent, acknowledged, sum } of series) {
      const values = await stored(device, metric);
      expect(acknowledged, device).toBe(sent);
      expect(values.length, `${device} ${metric}`).toBe(acknowledged);
      expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(sum, 4);
    }
    const extra = records.find(({ type }) => type === 'expected_readings') as TruthRecord & { device: string };
    expect(await stored(extra.device, 'active_power_kw')).toHaveLength(extra.count as number);
    const rejections = records.filter(({ type }) => type === 'rejection');
    expect(rejections.length).toBe(records.filter(({ type }) => type === 'bad_payload').length);

    const again = await simulate('--credentials', credentials, '--parks', 'lw-fupin', '--duration', '1s');
    expect(again.code, again.err).toBe(0);
    expect(again.err).toContain('1 gateways signed in');
  });

  it('fills in the past alone, with its truth in a file', { timeout: 60_000 }, async () => {
    const truth = join(files, 'truth.ndjson');
    const { code, err } = await simulate(
      ...['--api', service.http, '--parks', 'oh-beicun', '--backfill', '2d', '--no-live', '--truth', truth],
    );
    expect(code, err).toBe(0);
    expect(err).toMatch(/past data: [\d,]+ readings in/);
    const [record] = parse(readFileSync(truth, 'utf8'));
    expect(record).toMatchObject({ type: 'backfill', dropped: 0 });
    expect(record!.readings).toBeGreaterThan(10_000);
  });

  it.each([
    [['--api', 'http://127.0.0.1:1'], 1, 'http://127.0.0.1:1/api/v1 cannot be reached ('],
    [['--credentials', '/no/such/file'], 1, 'no such file'],
    [['--scenario', 'flood'], 2, 'expects some of fire'],
    [[], 2, 'give --api with an administrator token, or --credentials'],
  ])('ends %s with exit code %i and says why', async (args, code, message) => {
    const ended = await simulate(...args);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(message);
  });
});
