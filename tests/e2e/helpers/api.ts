import type { RunningService } from './service.js';
import { until } from './until.js';

type Reachable = Pick<RunningService, 'http' | 'adminToken'>;

/** An answer that was not 2xx, with its problem document. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly body: unknown,
    what: string,
  ) {
    super(`${what} answered ${status}: ${JSON.stringify(body)}`);
  }
}

/** One JSON request as the administrator, or as `token`. Rejects with ApiError unless the answer is 2xx. */
export async function call<T>(
  service: Reachable,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  token = service.adminToken,
): Promise<T> {
  const response = await fetch(service.http + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? null : JSON.parse(text);
  if (!response.ok) throw new ApiError(response.status, parsed, `${method} ${path}`);
  return parsed as T;
}

export const get = <T>(service: Reachable, path: string): Promise<T> => call<T>(service, 'GET', path);

/** Status and body of `/health/ready`, whatever the status. */
export async function readiness(service: Reachable): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(`${service.http}/health/ready`);
  return { status: response.status, body: await response.text() };
}

/** Resolves with the milliseconds it took until `/health/ready` answered 200. */
export async function untilReady(service: Reachable, timeoutMs = 30_000): Promise<number> {
  const startedAt = performance.now();
  let said = '';
  const isReady = async () => {
    const { status, body } = await readiness(service);
    said = body;
    return status === 200;
  };
  await until('the service is ready', isReady, timeoutMs, 5).catch((error: Error) => {
    throw new Error(`${error.message}: ${said}`);
  });
  return performance.now() - startedAt;
}

/** The samples of `/metrics` whose name is, or starts with, `name`; summed over their labels. */
export async function metric(service: Reachable, name: string): Promise<number | undefined> {
  const response = await fetch(`${service.http}/metrics`, {
    headers: { authorization: `Bearer ${service.adminToken}` },
  });
  let sum: number | undefined;
  for (const line of (await response.text()).split('\n')) {
    if (!line.startsWith(`${name} `) && !line.startsWith(`${name}{`)) continue;
    sum = (sum ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
