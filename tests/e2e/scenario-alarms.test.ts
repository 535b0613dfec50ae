import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { randomStream } from '../../simulators/random.js';
import { SCENARIO_NAMES } from '../../simulators/scenario/index.js';
import { eventsOf } from '../../simulators/verdict/collect.js';
import { compareAlarms } from '../../simulators/verdict/compare.js';
import { compareFeed, holesIn } from '../../simulators/verdict/sequence.js';
import { readingsTopic } from '../../src/model/wire/topic.js';
import { makeGateway } from './helpers/gateways.js';
import { KilledPlay } from './helpers/killed-play.js';
import { readAll } from './helpers/readings.js';
import { ResumingClient } from './helpers/resuming-client.js';
import { ADMIN_TOKEN, type RunningService, removeDataDir, startService } from './helpers/service.js';

const CLI = fileURLToPath(new URL('../../dist/simulators/cli.js', import.meta.url));
const ROUNDS = 7;
const PARKS = ['lc-dezheng', 'lw-fupin', 'lw-shipu', 'oh-diandu'];
const SEED = Number(process.env.PARK_TEST_SEED ?? 20_261_127);
/** Metrics of the fire scenario whose rules have no delay; pressures must last before they alarm. */
const AT_ONCE = ['smoke_alarm', 'heat_alarm', 'manual_call_point'];

interface AlarmMessage {
  readonly type: string;
  readonly seq: number;
  readonly event?: string;
  readonly alarm?: {
    readonly device: string;
    readonly metric: string;
    readonly park: string;
    readonly priority: string;
  };
}

let service: RunningService;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => {
  await service.stop();
  removeDataDir(service.dataDir);
});

describe('a fire played by the simulators', () => {
  it('is on /ws/alarms as it happens: every alarm of its ground truth, raised and cleared once, and no other fire alarm', {
    timeout: 90_000,
  }, async () => {
    const heard: AlarmMessage[] = [];
    const socket = new WebSocket(`${service.http.replace('http', 'ws')}/ws/alarms`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    socket.on('message', (data) => heard.push(JSON.parse(data.toString()) as AlarmMessage));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ type: 'subscribe', domains: ['fire'], minPriority: 'critical' }));
    await vi.waitFor(() => expect(heard).toMatchObject([{ type: 'snapshot', alarms: [] }]));

    const { host, port } = service.mqtt;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [CLI, '--broker', `mqtt://${host}:${port}`, '--api', service.http, '--parks', 'lw-fupin,lc-dezheng'].concat([
        '--interval',
        '0.5',
        '--duration',
        '8s',
        '--scenario',
        'fire',
        '--check',
      ]),
      { env: { PATH: process.env.PATH, PARK_ADMIN_TOKEN: ADMIN_TOKEN }, maxBuffer: 16 * 1024 * 1024 },
    );

    const expected = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
      .filter(({ type, metric }) => type === 'expected_alarm' && AT_ONCE.includes(metric ?? ''))
      .map(({ park, device, metric }) => `${park} ${device} ${metric}`)
      .sort();
    expect(expected).toHaveLength(3);
    const told = (event: string) =>
      heard
        .filter((message) => message.event === event && AT_ONCE.includes(message.alarm?.metric ?? ''))
        .map(({ alarm }) => `${alarm?.park} ${alarm?.device} ${alarm?.metric}`)
        .sort();
    await vi.waitFor(() => expect(told('cleared')).toEqual(expected), { timeout: 5_000 });
    expect(told('raised')).toEqual(expected);
    expect(stderr).toContain('alarms: 4 alarms as the ground truth has them; none that it does not');
    socket.terminate();
  });

  it('is what --check says it is not when something else alarms', { timeout: 60_000 }, async () => {
    const { id, park, secret } = await makeGateway(service, 'gw-stranger', 'lw-fupin');
    const url = `mqtt://${service.mqtt.host}:${service.mqtt.port}`;
    const stranger = await mqtt.connectAsync(url, { clientId: id, username: id, password: secret });
    const message = JSON.stringify({ values: { smoke_alarm: true } });
    // Nobody says when the check begins: another device each time.
    let devices = 0;
    const smoke = setInterval(() => {
      devices += 1;
      stranger.publish(readingsTopic(park, 'fire', `stranger-${devices}`), message, { qos: 1 });
    }, 200);
    const failure = await promisify(execFile)(
      process.execPath,
      [CLI, '--broker', url, '--api', service.http, '--parks', park, '--scenario', 'normal-day'].concat([
        '--duration',
        '3s',
        '--check',
      ]),
      { env: { PATH: process.env.PATH, PARK_ADMIN_TOKEN: ADMIN_TOKEN } },
    ).then(
      () => null,
      (error: Error) => error,
    );
    clearInterval(smoke);
    expect(failure).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /0 alarms as .*; \d+ differences?\n {2}unexpected: smoke-alarm:stranger-\d+: raised \(alarm\)/,
      ),
    });
    await stranger.endAsync();
  });
});

describe('all scenarios, while the service is killed with SIGKILL at random moments', () => {
  let play: KilledPlay;
  let client: ResumingClient | undefined;
  afterAll(async () => {
    client?.close();
    await play.close();
    removeDataDir(play.service.dataDir);
  });

  it(`every alarm of the ground truth is recorded and told once, and no other, after ${ROUNDS} kills and more`, {
    timeout: 120_000,
  }, async () => {
    const random = randomStream(SEED);
    play = await KilledPlay.begin({ parks: PARKS, scenarios: SCENARIO_NAMES, seed: SEED % 1_000, random });
    client = new ResumingClient(() => play.service.http);
    for (let round = 1; round <= ROUNDS; round += 1) await play.round(round / (ROUNDS + 1));
    await play.finish();
    const record = await play.record();
    await vi.waitFor(() => expect(client?.last).toBe(record.at(-1)?.seq), { timeout: 10_000 });
    console.log(`seed ${SEED}: ${record.length} events, the feed was lost ${client.lost} times;`, play.stats);

    expect(play.kills).toBeGreaterThanOrEqual(ROUNDS);
    expect(play.stats).toMatchObject({ pending: 0, dropped: 0 });
    const expected = play.truth.alarms.list();
    expect(expected.filter(({ events, rule }) => events === null && !rule.endsWith('-bad-data'))).toEqual([]);
    expect(expected.length).toBeGreaterThan(14);
    expect(compareAlarms(expected, record)).toEqual([]);
    expect(holesIn(record.map(({ seq }) => seq))).toEqual([]);
    expect(compareFeed(record, client.heard)).toEqual([]);
    for (const id of new Set(record.map(({ alarm }) => alarm.id))) {
      expect(await eventsOf(play.api, id)).toEqual(record.filter(({ alarm }) => alarm.id === id));
    }
    expect(client.others).toEqual([]);
  });

  it('and all that the gateway buffered while it was away is in the history', async () => {
    const { park, device, metric, count } = play.records.find(({ type }) => type === 'expected_history') as unknown as {
      readonly park: string;
      readonly device: string;
      readonly metric: string;
      readonly count: number;
    };
    const [from, to] = [Date.now() - 3_600_000, Date.now() + 60_000];
    expect(await readAll(play.service, device, metric, from, to)).toHaveLength(count);
    const away = play.truth.list().filter((series) => series.device.startsWith(`${park}-`));
    expect(away.length).toBeGreaterThan(50);
    for (const series of away) {
      const stored = await readAll(play.service, series.device, series.metric, from, to);
      expect(series.acknowledged, series.device).toBe(series.sent);
      expect(stored.length, `${series.device} ${series.metric}`).toBe(series.sent);
    }
  });
});
