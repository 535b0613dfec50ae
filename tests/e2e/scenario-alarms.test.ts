import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ADMIN_TOKEN, type RunningService, removeDataDir, startService } from './helpers/service.js';

const CLI = fileURLToPath(new URL('../../dist/simulators/cli.js', import.meta.url));
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
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [CLI, '--broker', `mqtt://${host}:${port}`, '--api', service.http, '--parks', 'lw-fupin,lc-dezheng'].concat([
        '--interval',
        '0.5',
        '--duration',
        '8s',
        '--scenario',
        'fire',
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
    socket.terminate();
  });
});
