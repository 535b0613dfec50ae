import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { TcpProxy } from '../helpers/tcp-proxy.js';
import { get } from './helpers/api.js';
import { makeGateway } from './helpers/gateways.js';
import { readAll } from './helpers/readings.js';
import { type RunningService, removeDataDir, startService } from './helpers/service.js';

const PARK = 'oh-diandu';
const WAIT = { timeout: 60_000, interval: 50 };
const hasPython = spawnSync('python3', ['-c', 'import sys; assert sys.version_info >= (3, 8)']).status === 0;

let running: RunningService;
beforeAll(async () => {
  running = await startService();
});
afterAll(async () => {
  await running.stop();
  removeDataDir(running.dataDir);
});

/** An example as its user runs it: readings go in by the line, what it says comes out by the line. */
function start(command: readonly [string, string], url: string, gateway: string, secret: string) {
  const child = spawn(command[0], [command[1]], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      MQTT_URL: url,
      PARK,
      GATEWAY: gateway,
      SECRET: secret,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => said.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    said,
    ended,
    read: (reading: object) => void child.stdin.write(`${JSON.stringify(reading)}\n`),
    endOfInput: () => void child.stdin.end(),
    acknowledged: () => said.reduce((sum, line) => sum + Number(/^acknowledged (\d+)$/.exec(line)?.[1] ?? 0), 0),
  };
}

describe.each([
  ['Node.js', true, [process.execPath, 'examples/gateway.mjs']],
  ['Python', hasPython, ['python3', 'examples/gateway.py']],
] as const)('the example of a gateway in %s', (name, canRun, command) => {
  const named = (what: string) => `${what}-${name === 'Python' ? 'py' : 'js'}`;

  it.skipIf(!canRun)('publishes what it buffered while the link was away, each reading at its own time', async () => {
    const id = named('gw-buffers');
    const device = named('em-buffers');
    const { secret } = await makeGateway(running, id, PARK);
    const link = await TcpProxy.start(running.mqtt);
    const gateway = start(command, `mqtt://${link.address}`, id, secret);
    const first = Date.now() - 60_000;
    const reading = (at: number) => ({
      domain: 'energy',
      device,
      ts: first + at,
      values: { active_power_kw: at },
    });
    gateway.read(reading(0));
    await vi.waitFor(() => expect(gateway.acknowledged()).toBe(1), WAIT);

    await link.cut();
    await vi.waitFor(() => expect(gateway.said.join('\n')).toContain('link away'), WAIT);
    for (const at of [1, 2, 3]) gateway.read(reading(at));
    gateway.endOfInput();
    expect(gateway.acknowledged()).toBe(1);
    await link.mend();

    expect(await gateway.ended).toBe(0);
    expect(gateway.acknowledged()).toBe(4);
    expect(gateway.said.filter((line) => line === 'link up')).toHaveLength(2);
    const kept = await readAll(running, device, 'active_power_kw', first, first + 10);
    expect(kept).toEqual([0, 1, 2, 3].map((at) => ({ ts: first + at, value: at })));
    const { items } = await get<{ items: { id: string; online: boolean }[] }>(running, '/api/v1/gateways');
    expect(items.filter(({ online }) => online)).toEqual([]);
  });

  it.skipIf(!canRun)('sends again what was stored while its PUBACK got lost, and it counts once', async () => {
    const id = named('gw-again');
    const device = named('em-again');
    const { secret } = await makeGateway(running, id, PARK);
    const link = await TcpProxy.start(running.mqtt);
    const gateway = start(command, `mqtt://${link.address}`, id, secret);
    const ts = Date.now() - 60_000;
    await vi.waitFor(() => expect(gateway.said).toContain('link up'), WAIT);
    link.mute();
    gateway.read({ domain: 'energy', device, ts, values: { active_power_kw: 7 } });
    const kept = () => readAll(running, device, 'active_power_kw', ts, ts + 1).catch(() => []);
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1), WAIT);
    expect(gateway.acknowledged()).toBe(0);

    await link.cut();
    await link.mend();
    gateway.endOfInput();
    expect(await gateway.ended).toBe(0);
    expect(gateway.acknowledged()).toBe(1);
    expect(await kept()).toEqual([{ ts, value: 7 }]);
  });

  it.skipIf(!canRun)('says what was not taken, and goes on with the rest', async () => {
    const id = named('gw-rejected');
    const device = named('em-rejected');
    const { secret } = await makeGateway(running, id, PARK);
    const { host, port } = running.mqtt;
    const gateway = start(command, `mqtt://${host}:${port}`, id, secret);
    await vi.waitFor(() => expect(gateway.said).toContain('link up'), WAIT);
    gateway.read({ domain: 'energy', device, values: { no_such_metric: 1 } });
    gateway.read({ domain: 'energy', device, values: { active_power_kw: 7 } });
    await vi.waitFor(() => expect(gateway.said.join('\n')).toMatch(/^rejected .*"unknown_metric"/m), WAIT);
    gateway.endOfInput();
    expect(await gateway.ended).toBe(0);
    expect(gateway.acknowledged()).toBe(2);
  });

  it.skipIf(!canRun)('ends with words when the secret is wrong', async () => {
    const id = named('gw-wrong');
    await makeGateway(running, id, PARK);
    const { host, port } = running.mqtt;
    const gateway = start(command, `mqtt://${host}:${port}`, id, 'wrong');
    expect(await gateway.ended).toBe(1);
    expect(gateway.said).toContain('the service does not take this gateway and secret');
  });
});
