import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../../../dist/src/server.js', import.meta.url));
const START_MS = 30_000;
const STOP_MS = 20_000;
const LOG_LINES = 2_000;

export const ADMIN_TOKEN = 'test-admin-token-0123456789abcdef';

interface StartOptions {
  /** An empty temporary folder is made when left out; it is the caller's to remove either way. */
  readonly dataDir?: string;
  /** Added to, and winning over, what a service needs to run beside others. The log must let `info` through. */
  readonly env?: Readonly<Record<string, string>>;
  /** Command and arguments put before node, such as `prlimit --fsize=…`. It must `exec`, so that the pid is node's. */
  readonly prefix?: readonly string[];
  /** Told the process as soon as there is one; to end it while it starts. */
  readonly onSpawn?: (child: ChildProcess) => void;
}

/** The built service as a child process on free loopback ports. */
export interface RunningService {
  readonly pid: number;
  /** Base address, `http://127.0.0.1:…`. */
  readonly http: string;
  readonly mqtt: { readonly host: string; readonly port: number };
  readonly adminToken: string;
  readonly dataDir: string;
  /** The newest log lines, parsed. */
  readonly log: readonly LogLine[];
  /** Milliseconds from spawn to the log line `listening`. */
  readonly startedInMs: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** SIGTERM, and resolves once it ended by itself; rejects when it does not. */
  stop(): Promise<void>;
  /** SIGKILL, and resolves once it is gone. */
  kill(): Promise<void>;
}

type LogLine = Readonly<Record<string, unknown>>;

export function makeDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'park-'));
}

export function removeDataDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

/** Starts the built service and resolves once it listens. Rejects with its last output when it ends before that. */
export async function startService(options: StartOptions = {}): Promise<RunningService> {
  const dataDir = options.dataDir ?? makeDataDir();
  const [command = process.execPath, ...args] = [...(options.prefix ?? []), process.execPath, SERVER];
  const startedAt = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PARK_DATA_DIR: dataDir,
      PARK_HTTP_PORT: '0',
      PARK_MQTT_PORT: '0',
      PARK_ADMIN_TOKEN: ADMIN_TOKEN,
      ...options.env,
    },
  });
  options.onSpawn?.(child);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const log: LogLine[] = [];
  const listening = await untilListening(child, log);
  return {
    pid: child.pid as number,
    http: withScheme(listening.http, 'http'),
    mqtt: address(listening.mqtt),
    adminToken: options.env?.PARK_ADMIN_TOKEN ?? ADMIN_TOKEN,
    dataDir,
    log,
    startedInMs: performance.now() - startedAt,
    exited,
    stop: () => stop(child, exited, log),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Starts a service and kills it after so long, whether it listens by then or not. */
export async function killWhileStarting(options: Omit<StartOptions, 'onSpawn'>, afterMs: number): Promise<void> {
  const onSpawn = (child: ChildProcess) => void setTimeout(() => child.kill('SIGKILL'), afterMs);
  // A fast start may be over before the kill: either way the process is gone.
  await startService({ ...options, onSpawn }).then(
    (service) => service.exited,
    () => undefined,
  );
}

function untilListening(child: ChildProcess, log: LogLine[]): Promise<LogLine> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      reject(new Error(`the service ${why}\n${log.map((line) => JSON.stringify(line)).join('\n')}`));
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, START_MS);
    const onLine = (text: string) => {
      const line = parseLine(text);
      log.push(line);
      if (log.length > LOG_LINES) log.shift();
      if (line.msg !== 'listening') return;
      clearTimeout(timer);
      resolve(line);
    };
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface(stream).on('line', onLine);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // Output may still be on its way when the process is gone.
      setTimeout(() => fail(late ? 'does not listen in time' : `ended with ${signal ?? code} before it listened`), 100);
    });
  });
}

function parseLine(text: string): LogLine {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as LogLine) : { msg: text };
  } catch {
    return { msg: text };
  }
}

async function stop(child: ChildProcess, exited: RunningService['exited'], log: LogLine[]): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), STOP_MS);
  });
  const end = await Promise.race([exited, late]);
  clearTimeout(timer);
  if (end !== 'late') return;
  child.kill('SIGKILL');
  await exited;
  throw new Error(
    `the service did not end on SIGTERM\n${log
      .slice(-20)
      .map((line) => JSON.stringify(line))
      .join('\n')}`,
  );
}

function withScheme(value: unknown, scheme: string): string {
  const text = String(value);
  return (text.includes('://') ? text : `${scheme}://${text}`).replace(/\/$/, '');
}

function address(value: unknown): { host: string; port: number } {
  const url = new URL(withScheme(value, 'mqtt'));
  return { host: url.hostname, port: Number(url.port) };
}
