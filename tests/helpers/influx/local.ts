import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpEngine } from './engine.js';
import { untilAnswers } from './http.js';
import { quietPort } from './port.js';
import { ServerProcess } from './process.js';

const START_MS = 30_000;
const START_TRIES = 3;

/** Version of the `influxd` on the PATH, such as `1.6.7~rc0`; null when there is none. */
export function localInfluxVersion(): string | null {
  try {
    const said = execFileSync('influxd', ['version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /InfluxDB v?(\d\S*)/.exec(said)?.[1] ?? null;
  } catch {
    return null;
  }
}

interface LocalInfluxOptions {
  /** Asks for a user and password; `token` is then the administrator's. */
  readonly auth?: boolean;
  /** Largest body of a request, else the server's own 25 MB. */
  readonly maxBodyBytes?: number;
}

const USER = 'admin';
const PASSWORD = 'only-for-tests';

/** An `influxd` 1.x of the PATH with a folder of its own, on loopback. */
export class LocalInflux extends HttpEngine {
  readonly name: string;
  readonly api = 'v1';
  readonly org = undefined;
  readonly ours = true;
  readonly token: string | undefined;
  url = '';
  private dir: string | null = null;
  private ports: { readonly http: number; readonly rpc: number } | null = null;
  private running: ServerProcess | null = null;

  constructor(
    version: string,
    private readonly options: LocalInfluxOptions = {},
  ) {
    super();
    this.name = `InfluxDB ${version} of the PATH`;
    this.token = options.auth ? `${USER}:${PASSWORD}` : undefined;
  }

  /** Of the server's process while it runs. */
  get pid(): number | undefined {
    return this.running?.pid;
  }

  /** Where its write-ahead logs are; there once it was started. */
  get walFolder(): string {
    return join(this.dir ?? '', 'wal');
  }

  async start(): Promise<void> {
    if (this.running?.ended === null) return;
    this.dir ??= mkdtempSync(join(tmpdir(), 'park-influxd-'));
    const first = this.ports === null;
    for (let tries = 1; ; tries += 1) {
      this.ports ??= { http: await quietPort(), rpc: await quietPort() };
      try {
        await this.launch(this.dir, this.ports);
        break;
      } catch (error) {
        // Another program may have been faster on the port; later starts must come back on the same one.
        if (!first || tries === START_TRIES) throw error;
        this.ports = null;
      }
    }
    if (first && this.options.auth) await this.createAdmin();
  }

  async stop(): Promise<void> {
    await this.running?.end('SIGTERM');
    this.running = null;
  }

  async kill(): Promise<void> {
    await this.running?.end('SIGKILL');
    this.running = null;
  }

  async dispose(): Promise<void> {
    await this.kill();
    if (this.dir) rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
    this.dir = null;
    this.ports = null;
    this.given.clear();
  }

  private async launch(dir: string, ports: { readonly http: number; readonly rpc: number }): Promise<void> {
    for (const folder of ['meta', 'data', 'wal']) mkdirSync(join(dir, folder), { recursive: true });
    const file = join(dir, 'influxdb.conf');
    writeFileSync(file, configuration(dir, ports, this.options));
    this.url = `http://127.0.0.1:${ports.http}`;
    const running = new ServerProcess(['influxd', 'run', '-config', file]);
    try {
      await untilAnswers(this.url, '/ping', START_MS, () => running.ended);
      this.running = running;
    } catch (error) {
      await running.end('SIGKILL');
      throw new Error(`${(error as Error).message}\n${running.output.join('\n')}`);
    }
  }

  /** The one statement a server without any user takes unsigned. */
  private async createAdmin(): Promise<void> {
    const q = `CREATE USER ${USER} WITH PASSWORD '${PASSWORD}' WITH ALL PRIVILEGES`;
    const response = await fetch(`${this.url}/query?${new URLSearchParams({ q })}`, { method: 'POST' });
    if (!response.ok) throw new Error(`${q}: ${response.status} ${await response.text()}`);
  }
}

/** What is not named keeps the server's default. */
function configuration(
  dir: string,
  ports: { readonly http: number; readonly rpc: number },
  { auth = false, maxBodyBytes = 25_000_000 }: LocalInfluxOptions,
): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${ports.rpc}"
[meta]
  dir = ${JSON.stringify(join(dir, 'meta'))}
  logging-enabled = false
[data]
  dir = ${JSON.stringify(join(dir, 'data'))}
  wal-dir = ${JSON.stringify(join(dir, 'wal'))}
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${ports.http}"
  log-enabled = false
  auth-enabled = ${auth}
  max-body-size = ${maxBodyBytes}
[continuous_queries]
  enabled = false
[logging]
  level = "error"
  suppress-logo = true
`;
}
