import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { type Engine, HttpEngine, type InfluxApi, type MissingEngine } from './engine.js';
import { untilAnswers } from './http.js';
import { quietPort } from './port.js';

const DAEMON_MS = 15_000;
const PULL_MS = 300_000;
const START_MS = 120_000;
const ORG = 'park';

/** How one image is run. The pinned tags: `latest` has moved from 2 to 3. */
interface Recipe {
  readonly image: string;
  readonly api: InfluxApi;
  readonly port: number;
  readonly org?: string;
  readonly command?: readonly string[];
  readonly environment: (token: string) => Record<string, string>;
}

const RECIPES: readonly Recipe[] = [
  {
    image: 'influxdb:2.8.0',
    api: 'v2',
    port: 8086,
    org: ORG,
    environment: (token) => ({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_USERNAME: 'admin',
      DOCKER_INFLUXDB_INIT_PASSWORD: randomBytes(12).toString('hex'),
      DOCKER_INFLUXDB_INIT_ORG: ORG,
      DOCKER_INFLUXDB_INIT_BUCKET: 'unused',
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: token,
    }),
  },
  {
    image: 'influxdb:3.8.3-core',
    api: 'v3',
    port: 8181,
    // Core refuses queries over many of its ten-minute files unless told how many it may open.
    command: [
      ...['influxdb3', 'serve', '--node-id', 'node0', '--object-store', 'file'],
      ...['--data-dir', '/var/lib/influxdb3/data', '--query-file-limit', '100000'],
    ],
    environment: () => ({}),
  },
];

/** The engines that run as containers where a Docker daemon answers, and why the others do not. */
export async function containerInflux(): Promise<{ engines: Engine[]; missing: MissingEngine[] }> {
  const engines: Engine[] = [];
  const missing: MissingEngine[] = [];
  const client = await daemon();
  for (const recipe of RECIPES) {
    const why = typeof client === 'string' ? client : await withoutImage(client, recipe.image);
    if (why === null) engines.push(new ContainerInflux(recipe));
    else missing.push({ name: `container ${recipe.image}`, why });
  }
  return { engines, missing };
}

/** The Docker daemon, or why there is none. The library takes seconds to load, so it is looked at only where one may be. */
async function daemon(): Promise<ContainerRuntimeClient | string> {
  const none = 'no Docker daemon answers';
  const sockets = [
    '/var/run/docker.sock',
    `/run/user/${process.platform === 'win32' ? '' : userInfo().uid}/docker.sock`,
    join(process.env.XDG_RUNTIME_DIR ?? '/run', 'docker.sock'),
    ...['.docker/run/docker.sock', '.docker/desktop/docker.sock', '.testcontainers.properties'].map((path) =>
      join(homedir(), path),
    ),
  ];
  const told = process.env.DOCKER_HOST !== undefined || process.platform === 'win32';
  if (!told && !sockets.some((path) => existsSync(path))) return none;
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    return await within(DAEMON_MS, getContainerRuntimeClient());
  } catch {
    return none;
  }
}

/** Why the image cannot be had; null when it is there. */
async function withoutImage(client: ContainerRuntimeClient, image: string): Promise<string | null> {
  const { ImageName } = await import('testcontainers');
  const name = ImageName.fromString(image);
  try {
    if (!(await client.image.exists(name))) await within(PULL_MS, client.image.pull(name));
    return null;
  } catch (error) {
    return `the image cannot be had: ${(error as Error).message}`;
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One InfluxDB in a container; the library's reaper removes it when this process is gone. */
class ContainerInflux extends HttpEngine {
  readonly name: string;
  readonly api: InfluxApi;
  readonly org: string | undefined;
  readonly ours = true;
  token: string | undefined;
  url = '';
  private container: StartedTestContainer | null = null;
  private running = false;

  constructor(private readonly recipe: Recipe) {
    super();
    this.name = `container ${recipe.image}`;
    this.api = recipe.api;
    this.org = recipe.org;
  }

  async start(): Promise<void> {
    if (this.running) return;
    if (this.container) {
      await (await this.docker(this.container)).start();
      await untilAnswers(this.url, '/ping', START_MS, () => null);
    } else {
      await this.launch();
    }
    this.running = true;
  }

  async stop(): Promise<void> {
    await this.end('stop');
  }

  async kill(): Promise<void> {
    await this.end('kill');
  }

  async dispose(): Promise<void> {
    await this.container?.stop();
    this.container = null;
    this.running = false;
    this.given.clear();
  }

  private async launch(): Promise<void> {
    const { GenericContainer, Wait } = await import('testcontainers');
    const { api, command, environment, image, port } = this.recipe;
    const host = await quietPort();
    const token = randomBytes(24).toString('hex');
    const container = new GenericContainer(image)
      .withEnvironment(environment(token))
      .withExposedPorts({ container: port, host })
      .withWaitStrategy(Wait.forListeningPorts())
      .withStartupTimeout(START_MS);
    this.container = await (command ? container.withCommand([...command]) : container).start();
    this.url = `http://${this.container.getHost()}:${host}`;
    await untilAnswers(this.url, '/ping', START_MS, () => null);
    this.token = api === 'v3' ? await this.firstToken() : token;
  }

  /** 3 Core makes the first administrator's token itself, and gives it once. */
  private async firstToken(): Promise<string> {
    const response = await fetch(`${this.url}/api/v3/configure/token/admin`, { method: 'POST' });
    const text = await response.text();
    if (!response.ok) throw new Error(`no administrator's token: ${response.status} ${text}`);
    return (JSON.parse(text) as { token: string }).token;
  }

  private async end(how: 'stop' | 'kill'): Promise<void> {
    if (!this.container || !this.running) return;
    this.running = false;
    await (await this.docker(this.container))[how]();
  }

  /** The library's own `stop` would remove the container, and its data with it. */
  private async docker(container: StartedTestContainer) {
    const { getContainerRuntimeClient } = await import('testcontainers');
    return (await getContainerRuntimeClient()).container.getById(container.getId());
  }
}
