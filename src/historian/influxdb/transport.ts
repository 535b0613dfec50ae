import http from 'node:http';
import https from 'node:https';
import { InfluxDB, type SendOptions } from '@influxdata/influxdb-client';
import { describeFailure, InfluxError } from './errors.js';

export type InfluxApi = 'v1' | 'v2' | 'v3';

export interface TransportOptions {
  readonly url: string;
  readonly api: InfluxApi;
  /** For `v1` user:password. */
  readonly token?: string;
  /** For `v2`. */
  readonly org?: string;
  /** Milliseconds for the answer to a write or an administrative request. */
  readonly timeoutMs?: number;
  /** Milliseconds for a query's first bytes, and between any and the next; what the reader takes does not count. */
  readonly queryTimeoutMs?: number;
  /** Called for each request that failed, except those that this side ended. */
  readonly onFailure?: (error: InfluxError) => void;
}

export type QueryParams = Readonly<Record<string, string | number>>;

const TIMEOUT_MS = 60_000;
const QUERY_TIMEOUT_MS = 120_000;
/** An idle connection is given up before servers and what stands between usually do: a request would meet the end. */
const IDLE_MS = 10_000;
/** No Content: how a server answers a write that it took. */
const TAKEN = 204;
/** Rows in one line of an answer at most: what a reader has to hold at once. */
const CHUNKED = { chunked: 'true', chunk_size: '2000' };

/**
 * Talks to one InfluxDB server, over connections that are kept. Whatever fails is thrown as an InfluxError.
 * Nothing here tries again.
 */
export class Transport {
  readonly api: InfluxApi;
  /** The server's address without what must not be shown. */
  readonly where: string;
  private readonly client: InfluxDB;
  private readonly agent: http.Agent;
  private readonly closing = new AbortController();

  constructor(private readonly options: TransportOptions) {
    this.api = options.api;
    this.where = shownAddress(options.url);
    this.agent = keptConnections(options.url.startsWith('https:') ? https.Agent : http.Agent);
    const authorization = authorizationOf(options);
    this.client = new InfluxDB({
      url: options.url,
      timeout: 0,
      transportOptions: { agent: this.agent },
      ...(authorization !== null && { headers: { authorization } }),
    });
  }

  /**
   * Writes lines with times in milliseconds; resolves when the server took all of them.
   * @throws InfluxError
   */
  async write(bucket: string, lines: string, signal?: AbortSignal): Promise<void> {
    const path = writePath(this.api, bucket, this.options.org);
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    let status: number | undefined;
    const started = (given: number | undefined) => {
      status = given;
    };
    await this.request('POST', path, lines, headers, signal, started);
    // By this alone every InfluxDB says that it has all: what else is content was never asked to keep anything.
    if (status === TAKEN) return;
    const message = `what answers at ${this.where} is no InfluxDB: ${status} to a write instead of ${TAKEN}`;
    throw new InfluxError('retry', message, { status });
  }

  /**
   * Runs one InfluxQL statement and gives its answer as it comes, no faster than it is taken; ends the request when the
   * reader stops or `signal` fires. `v1` and `v2` answer in lines of JSON of `/query` with times in epoch milliseconds,
   * `v3` in the CSV of `/api/v3/query_influxql`: read both with `answerBlocks`. `params` are bound as `$name`.
   * @throws InfluxError
   */
  async *query(
    database: string,
    statement: string,
    params: QueryParams = {},
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { path, body, headers } = queryRequest(this.api, database, statement, params);
    const patience = new Patience(this.options.queryTimeoutMs ?? QUERY_TIMEOUT_MS, [this.closing.signal, signal]);
    try {
      const bytes = this.client.transport.iterate(path, body, { method: 'POST', headers, signal: patience.signal });
      try {
        for (;;) {
          patience.begin();
          const next = await bytes.next();
          patience.end();
          if (next.done) return;
          yield next.value;
        }
      } finally {
        await bytes.return?.().catch(() => undefined);
      }
    } catch (error) {
      throw this.failure(error, patience);
    } finally {
      patience.release();
    }
  }

  /**
   * An administrative request with an answer in JSON, undefined when there is none.
   * @throws InfluxError
   */
  async admin(method: string, path: string, body?: object | URLSearchParams, signal?: AbortSignal): Promise<unknown> {
    const form = body instanceof URLSearchParams;
    const text = body === undefined ? '' : form ? body.toString() : JSON.stringify(body);
    const contentType = form ? 'application/x-www-form-urlencoded' : 'application/json';
    return this.request(method, path, text, { 'content-type': contentType, accept: 'application/json' }, signal);
  }

  /** Ends the requests in flight; they fail. */
  close(): void {
    this.closing.abort();
    this.agent.destroy();
  }

  private async request(
    method: string,
    path: string,
    body: string,
    headers: Record<string, string>,
    signal?: AbortSignal,
    started?: (status: number | undefined) => void,
  ): Promise<unknown> {
    const patience = new Patience(this.options.timeoutMs ?? TIMEOUT_MS, [this.closing.signal, signal]);
    patience.begin();
    try {
      const options: SendOptions = { method, headers, signal: patience.signal };
      return await this.client.transport.request(path, body, options, (_, status) => started?.(status));
    } catch (error) {
      throw this.failure(error, patience);
    } finally {
      patience.release();
    }
  }

  private failure(error: unknown, patience: Patience): InfluxError {
    const failure = this.explained(error, patience);
    if (patience.expired || !patience.signal.aborted) this.options.onFailure?.(failure);
    return failure;
  }

  private explained(error: unknown, patience: Patience): InfluxError {
    if (patience.expired) {
      const seconds = Math.round(patience.limitMs / 1_000);
      const message = `InfluxDB at ${this.where} gave no answer for ${seconds} s`;
      return new InfluxError('retry', message, { timedOut: true, cause: error });
    }
    if (this.closing.signal.aborted) {
      return new InfluxError('retry', `the connection to InfluxDB at ${this.where} was closed`, { cause: error });
    }
    return describeFailure(error, this.where, Date.now());
  }
}

/**
 * A request's signal must end that request alone: node would tie the connection to the first one it serves. And a
 * connection that is ended between two requests has nobody else to take its error.
 */
function keptConnections(Base: typeof http.Agent): http.Agent {
  return new (class extends Base {
    override createConnection(...[options, done]: Parameters<http.Agent['createConnection']>) {
      const connection = super.createConnection({ ...options, signal: undefined } as http.ClientRequestArgs, done);
      return connection?.on('error', () => undefined);
    }
  })({ keepAlive: true, maxFreeSockets: 8, timeout: IDLE_MS });
}

/** Ends a request when the server lets it wait too long, or one of the signals fires. */
class Patience {
  expired = false;
  private readonly controller = new AbortController();
  private readonly signals: readonly AbortSignal[];
  private timer: NodeJS.Timeout | null = null;
  private readonly onAbort = () => this.controller.abort();

  constructor(
    readonly limitMs: number,
    signals: readonly (AbortSignal | undefined)[],
  ) {
    this.signals = signals.filter((signal) => signal !== undefined);
    for (const signal of this.signals) {
      if (signal.aborted) this.controller.abort();
      signal.addEventListener('abort', this.onAbort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  begin(): void {
    this.timer = setTimeout(() => {
      this.expired = true;
      this.controller.abort();
    }, this.limitMs);
  }

  end(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  release(): void {
    this.end();
    for (const signal of this.signals) signal.removeEventListener('abort', this.onAbort);
  }
}

function shownAddress(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

function authorizationOf({ api, token }: TransportOptions): string | null {
  if (token === undefined) return null;
  if (api === 'v1') return `Basic ${Buffer.from(token, 'utf8').toString('base64')}`;
  return `${api === 'v2' ? 'Token' : 'Bearer'} ${token}`;
}

function writePath(api: InfluxApi, bucket: string, org: string | undefined): string {
  const name = encodeURIComponent(bucket);
  if (api === 'v1') return `/write?db=${name}&precision=ms`;
  if (api === 'v2') return `/api/v2/write?org=${encodeURIComponent(org ?? '')}&bucket=${name}&precision=ms`;
  return `/api/v3/write_lp?db=${name}&precision=millisecond&accept_partial=true`;
}

function queryRequest(api: InfluxApi, database: string, statement: string, params: QueryParams) {
  if (api === 'v3') {
    // The parameters of 3 Core's /query were long ignored; those of its own path are bound.
    const body = JSON.stringify({ db: database, q: statement, params, format: 'csv' });
    return {
      path: '/api/v3/query_influxql',
      body,
      headers: { accept: 'text/csv', 'content-type': 'application/json' },
    };
  }
  // Not CSV: it leaves out an error that ends a statement midway, and nothing tells its short answer from a whole one.
  const form = { db: database, q: statement, params: JSON.stringify(params), epoch: 'ms', ...CHUNKED };
  return {
    path: '/query',
    body: new URLSearchParams(form).toString(),
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
  };
}
