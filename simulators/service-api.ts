import type { Park } from '../src/model/parks.js';

/** The service answered with an error; the message comes from its problem document. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    message: string,
    /** Of the problem document, for programs. */
    readonly code?: string,
  ) {
    super(message);
  }
}

/** The calls of the service's HTTP API that the simulators use. */
export class ServiceApi {
  private readonly base: string;

  /** @param url where the service listens, such as `http://127.0.0.1:8080` */
  constructor(
    url: string,
    private readonly token: string,
  ) {
    this.base = `${url.replace(/\/+$/, '')}/api/v1`;
  }

  async parks(): Promise<readonly Park[]> {
    return (await this.call<{ items: Park[] }>('GET', '/parks?limit=1000')).items;
  }

  /** Creates a gateway; returns its secret. */
  async createGateway(id: string, park: string, name: string): Promise<string> {
    return (await this.call<{ secret: string }>('POST', '/gateways', { id, park, name })).secret;
  }

  /** Gives a gateway a new secret. */
  async rotateSecret(id: string): Promise<string> {
    return (await this.call<{ secret: string }>('POST', `/gateways/${id}/secret`)).secret;
  }

  async putDevice(id: string, device: Readonly<Record<string, unknown>>): Promise<void> {
    await this.call('PUT', `/devices/${id}`, device);
  }

  /** Creates a token for a person or program; returns its text. */
  async createToken(input: Readonly<Record<string, unknown>>): Promise<string> {
    return (await this.call<{ token: string }>('POST', '/tokens', input)).token;
  }

  async get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path);
  }

  async put<T>(path: string, body: Readonly<Record<string, unknown>>): Promise<T> {
    return this.call<T>('PUT', path, body);
  }

  async post<T>(path: string, body: Readonly<Record<string, unknown>>): Promise<T> {
    return this.call<T>('POST', path, body);
  }

  /**
   * What the service knows now of the 5 %: it reads the years of a scope for the first time in the background, and says
   * so, or answers with what it published before.
   * @param path of `/intensity`
   * @throws ApiError, also after `MOST_COMPUTING` seconds and at the signal
   */
  async assessment<T extends { readonly asKnown: string }>(path: string, signal?: AbortSignal): Promise<T> {
    for (let left = MOST_COMPUTING; ; left -= 1) {
      try {
        const answer = await this.get<T>(path);
        if (answer.asKnown === 'now' || left <= 0 || signal?.aborted) return answer;
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 'computing') || left <= 0 || signal?.aborted) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  /** Sum of a metric over its labels; null where there is none of that name. */
  async metric(name: string): Promise<number | null> {
    const response = await this.send('GET', '/../../metrics', undefined);
    const lines = (await response.text())
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    if (lines.length === 0) return null;
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Every item of a paged list. @param path with a query */
  async *all<T>(path: string): AsyncGenerator<T> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; nextCursor: string | null } = await this.get(path + after);
      yield* page.items;
      cursor = page.nextCursor;
    }
  }

  /** @throws ApiError with the service's own text. After a 429 it waits and tries again. */
  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.send(method, path, body);
      const text = await response.text();
      if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
      if (response.status !== 429 || attempt === MAX_ATTEMPTS) {
        const { detail, code } = problemOf(text);
        throw new ApiError(response.status, `${method} ${path}: ${response.status} ${detail}`, code);
      }
      const seconds = Number(response.headers.get('retry-after')) || 1;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    }
  }

  private async send(method: string, path: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      return await fetch(this.base + path, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const { cause } = error as { cause?: Error & { code?: string } };
      throw new ApiError(0, `${this.base} cannot be reached (${cause?.code ?? cause?.message ?? error})`);
    }
  }
}

const MAX_ATTEMPTS = 5;
/** Seconds. */
const MOST_COMPUTING = 180;

function problemOf(text: string): { readonly detail: string; readonly code?: string } {
  try {
    const { detail, title, code } = JSON.parse(text) as { detail?: string; title?: string; code?: string };
    return { detail: detail ?? title ?? text, ...(code !== undefined && { code }) };
  } catch {
    return { detail: text.slice(0, 200) };
  }
}
