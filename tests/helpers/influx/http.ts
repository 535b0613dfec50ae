import type { InfluxSeries, Reachable } from './engine.js';

export function authorization({ api, token }: Reachable): Record<string, string> {
  if (token === undefined) return {};
  if (api === 'v1') return { authorization: `Basic ${Buffer.from(token).toString('base64')}` };
  return { authorization: `${api === 'v2' ? 'Token' : 'Bearer'} ${token}` };
}

/** The text of a 2xx answer. @throws with status and body otherwise */
export async function ask(engine: Reachable, method: string, path: string, body?: string): Promise<string> {
  const response = await fetch(engine.url + path, {
    method,
    headers: { ...authorization(engine), ...(body?.startsWith('{') && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.trim()}`);
  return text;
}

interface InfluxAnswer {
  readonly results?: readonly { readonly series?: readonly InfluxSeries[]; readonly error?: string }[];
}

export async function askInfluxql(engine: Reachable, bucket: string, influxql: string): Promise<InfluxSeries[]> {
  const parameters = new URLSearchParams({ db: bucket, q: influxql, epoch: 'ms' });
  const reads = /^\s*(select|show)\b/i.test(influxql);
  const answer = JSON.parse(await ask(engine, reads ? 'GET' : 'POST', `/query?${parameters}`)) as InfluxAnswer;
  return (answer.results ?? []).flatMap(({ series, error }) => {
    if (error !== undefined) throw new Error(`${influxql}: ${error}`);
    return series ?? [];
  });
}

export async function writeLines(engine: Reachable, bucket: string, lines: string): Promise<void> {
  if (engine.api === 'v1') {
    await ask(engine, 'POST', `/write?${new URLSearchParams({ db: bucket, precision: 'ms' })}`, lines);
    return;
  }
  const parameters = new URLSearchParams({ bucket, precision: 'ms', ...(engine.org && { org: engine.org }) });
  await ask(engine, 'POST', `/api/v2/write?${parameters}`, lines);
}

export async function createBucket(engine: Reachable, bucket: string): Promise<void> {
  if (engine.api === 'v1') {
    await askInfluxql(engine, '', `CREATE DATABASE "${bucket}"`);
    return;
  }
  if (engine.api === 'v3') {
    await unless(
      /409|already exists/i,
      ask(engine, 'POST', '/api/v3/configure/database', JSON.stringify({ db: bucket })),
    );
    return;
  }
  const { orgs } = JSON.parse(await ask(engine, 'GET', `/api/v2/orgs?org=${encodeURIComponent(engine.org ?? '')}`)) as {
    orgs: readonly { readonly id: string }[];
  };
  const wanted = { orgID: orgs[0]?.id, name: bucket, retentionRules: [] };
  await unless(/422|already exists/i, ask(engine, 'POST', '/api/v2/buckets', JSON.stringify(wanted)));
}

export async function dropBucket(engine: Reachable, bucket: string): Promise<void> {
  if (engine.api === 'v1') {
    await askInfluxql(engine, '', `DROP DATABASE "${bucket}"`);
    return;
  }
  if (engine.api === 'v3') {
    const parameters = new URLSearchParams({ db: bucket });
    await unless(/404|not found/i, ask(engine, 'DELETE', `/api/v3/configure/database?${parameters}`));
    return;
  }
  const path = `/api/v2/buckets?${new URLSearchParams({ name: bucket, org: engine.org ?? '' })}`;
  const found = await unless(/404|not found/i, ask(engine, 'GET', path));
  if (found === undefined) return;
  const { buckets: all } = JSON.parse(found) as { buckets: readonly { readonly id: string }[] };
  for (const { id } of all) await ask(engine, 'DELETE', `/api/v2/buckets/${id}`);
}

async function unless(expected: RegExp, answer: Promise<string>): Promise<string | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (expected.test((error as Error).message)) return undefined;
    throw error;
  }
}

/** Resolves once `path` answers anything; `alive` tells why it never will. */
export async function untilAnswers(
  url: string,
  path: string,
  timeoutMs: number,
  alive: () => string | null,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const ended = alive();
    if (ended !== null) throw new Error(ended);
    const up = await fetch(url + path, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        await response.arrayBuffer();
        return true;
      },
      () => false,
    );
    if (up) return;
    if (performance.now() > giveUpAt) throw new Error(`${url}${path} does not answer after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
