import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeGateways } from '../e2e/helpers/gateways.js';
import { makeDataDir, type RunningService, removeDataDir, startService } from '../e2e/helpers/service.js';
import type { LoadGateway } from './load/job.js';

const HOST = '127.0.0.1';
const START_MS = 10_000;

/** Something that takes the load: a process and the gateways it lets in. */
export interface Broker {
  readonly name: string;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly gateways: readonly LoadGateway[];
  /** The service's own addresses; undefined for other brokers. */
  readonly service?: RunningService;
  /** Ends the process and removes what it stored. */
  stop(): Promise<void>;
}

/** The built service on an empty data folder, its gateways made through the API. */
export async function startServiceBroker(
  gateways: readonly LoadGateway[],
  {
    name = 'service',
    env = {},
    prepare,
  }: {
    readonly name?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Fills the data folder before the service starts on it. */
    readonly prepare?: (dataDir: string) => void;
  } = {},
): Promise<
  Broker & {
    readonly service: RunningService;
    /** Stops the service and starts it on the same folder; `pid`, `port` and `service` stay those of the first. */
    restart(): Promise<RunningService>;
  }
> {
  const dataDir = makeDataDir();
  prepare?.(dataDir);
  const service = await startService({ dataDir, env });
  let running = service;
  return {
    name,
    service,
    async restart() {
      await running.stop();
      running = await startService({ dataDir, env });
      return running;
    },
    pid: service.pid,
    ...service.mqtt,
    gateways: await makeGateways(service, gateways),
    async stop() {
      await running.stop();
      removeDataDir(dataDir);
    },
  };
}

/** A script that sends its port: the bare broker, or the sink that shows the generator's ceiling. */
export async function startScript(script: 'bare-aedes' | 'sink', gateways: readonly LoadGateway[]): Promise<Broker> {
  const file = fileURLToPath(new URL(`./load/${script}.ts`, import.meta.url));
  const child = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
  return { name: script, pid: child.pid as number, host: HOST, port, gateways, stop: () => end(child) };
}

/** Mosquitto, in memory and open to all; null where it is not on the PATH. */
export async function startMosquitto(gateways: readonly LoadGateway[]): Promise<Broker | null> {
  try {
    execFileSync('mosquitto', ['-h'], { stdio: 'ignore' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  }
  const dir = mkdtempSync(join(tmpdir(), 'park-mosquitto-'));
  const port = await freePort();
  const config = join(dir, 'mosquitto.conf');
  const lines = [`listener ${port} ${HOST}`, 'allow_anonymous true', 'persistence false', 'log_type none'];
  // Started by root, it would change to a user that may not be there.
  writeFileSync(config, [...lines, `user ${userInfo().username}`, ''].join('\n'));
  const child = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
  await untilOpen(port);
  return {
    name: 'mosquitto',
    pid: child.pid as number,
    host: HOST,
    port,
    gateways,
    async stop() {
      await end(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === 'object' ? address.port : 0));
    });
  });
}

async function untilOpen(port: number): Promise<void> {
  const giveUpAt = Date.now() + START_MS;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, HOST, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    if (Date.now() > giveUpAt) throw new Error('mosquitto does not listen');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
