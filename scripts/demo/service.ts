import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Addresses from the service's `listening` line. */
export interface Addresses {
  readonly http: string;
  readonly mqtt: string;
}

/** The service did not start, or ended by itself; the message holds its output. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

const SERVER = fileURLToPath(new URL('../../src/server.js', import.meta.url));
const WARN = 40;
const KEPT_LINES = 20;
const STOP_MS = 20_000;

/** The service as a child process. */
export class Service {
  private constructor(
    private readonly child: ChildProcess,
    readonly addresses: Addresses,
    /** Rejects when the service ends before `stop`. */
    readonly ended: Promise<never>,
  ) {}

  /** Starts it and waits for its `listening` line. @throws ServiceError */
  static async start(env: NodeJS.ProcessEnv, log: NodeJS.WritableStream): Promise<Service> {
    // A process group of its own: Ctrl-C reaches only this process, which then stops the service in order.
    const child = spawn(process.execPath, [SERVER], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const said: string[] = [];
    let listening: (addresses: Addresses) => void = () => undefined;
    const ready = new Promise<Addresses>((resolve) => {
      listening = resolve;
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (said.length > KEPT_LINES) said.shift();
        const entry = parse(line);
        if (entry?.msg === 'listening') listening({ http: String(entry.http), mqtt: String(entry.mqtt) });
        else if (entry === null || Number(entry.level) >= WARN) log.write(`service: ${line}\n`);
      });
    }
    const ended = once(child, 'close').then(([code, signal]) => {
      throw new ServiceError(`the service ended (${signal ?? `exit code ${code}`}): ${said.join('\n')}`);
    });
    ended.catch(() => undefined);
    return new Service(child, await Promise.race([ready, ended]), ended);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Asks the service to stop and waits until its process ends. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'close');
    const impatient = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    this.child.kill('SIGTERM');
    await gone;
    clearTimeout(impatient);
  }
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const entry = JSON.parse(line) as unknown;
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
