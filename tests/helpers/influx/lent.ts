import { HttpEngine, type InfluxApi } from './engine.js';

const ASKED = ['TEST_INFLUX_URL', 'TEST_INFLUX_TOKEN', 'TEST_INFLUX_ORG', 'TEST_INFLUX_API'] as const;

/**
 * The server that `TEST_INFLUX_URL` names; null when it names none. `TEST_INFLUX_API` is `v2` when left out.
 * @throws when the API is none of v1, v2, v3
 */
export function lentInflux(env: Readonly<Record<string, string | undefined>>): LentInflux | null {
  const [url, token, org, api] = ASKED.map((name) => env[name] || undefined);
  if (url === undefined) return null;
  if (api !== undefined && !['v1', 'v2', 'v3'].includes(api)) throw new Error('TEST_INFLUX_API: expects v1, v2 or v3');
  return new LentInflux(url.replace(/\/+$/, ''), (api ?? 'v2') as InfluxApi, token, org);
}

/** A server that is not ours to stop; only what tests made there is removed. */
class LentInflux extends HttpEngine {
  readonly name: string;
  readonly ours = false;

  constructor(
    readonly url: string,
    readonly api: InfluxApi,
    readonly token: string | undefined,
    readonly org: string | undefined,
  ) {
    super();
    this.name = `InfluxDB (${api}) of TEST_INFLUX_URL`;
  }

  async start(): Promise<void> {
    await fetch(`${this.url}/ping`, { signal: AbortSignal.timeout(10_000) }).catch((error: Error) => {
      throw new Error(`TEST_INFLUX_URL ${this.url} does not answer: ${error.message}`);
    });
  }

  stop(): Promise<void> {
    return Promise.reject(new Error('the server of TEST_INFLUX_URL is not ours to stop'));
  }

  kill(): Promise<void> {
    return this.stop();
  }

  dispose(): Promise<void> {
    return this.dropGiven();
  }
}
