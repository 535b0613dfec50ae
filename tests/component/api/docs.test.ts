import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alarmPayload } from '../../../src/api/alarm-schemas.js';
import { asyncApi } from '../../../src/api/docs/asyncapi.js';
import { EXAMPLES } from '../../../src/api/docs/examples.js';
import {
  alarmMessage,
  readingsPayload,
  rejectionPayload,
  snapshotMessage,
  subscribeToAlarms,
  subscribeToReadings,
} from '../../../src/api/docs/messages.js';
import { decodeReadings } from '../../../src/model/wire/readings.js';
import { REJECTION_CODES } from '../../../src/model/wire/rejection.js';
import { parseStatus } from '../../../src/model/wire/status.js';
import { parseTopic } from '../../../src/model/wire/topic.js';
import { alarmSubscribeSchema, readingsSubscribeSchema } from '../../../src/ws/subscription.js';
import { startHttp } from './docs-service.js';
import { ADMIN, NOW, PARK } from './readings/service.js';

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: object }> }>>;
}

interface OpenApi {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

async function withDocument() {
  const service = await startHttp();
  const document = (await (await service.get('/openapi.json')).json()) as OpenApi;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      method,
      operation,
    })),
  );
  return { ...service, document, operations };
}

/** Whether a value is as a JSON schema of the document says. */
function violations(schema: object, value: unknown): string | null {
  const parsed = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
  return parsed.success ? null : z.prettifyError(parsed.error);
}

describe('/openapi.json', () => {
  it('has every route that is registered, and no other', async () => {
    const { routes, operations, document } = await withDocument();
    expect(document.openapi).toBe('3.1.0');
    const registered = routes
      .filter((route) => !(route.schema as { hide?: boolean } | undefined)?.hide)
      .flatMap((route) => [route.method].flat().map((method) => `${method} ${route.url.replace(/:(\w+)/g, '{$1}')}`))
      .filter((name) => !name.startsWith('HEAD ') && !name.includes('/docs/'));
    expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(registered)].sort());
    expect(operations.length).toBeGreaterThan(25);
  });

  it('says of every operation what it does, who may use it, what it answers, and under which tag', async () => {
    const { operations, document } = await withDocument();
    const tags = document.tags.map(({ name }) => name);
    for (const { name, operation } of operations) {
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags?.length, name).toBe(1);
      expect(tags, name).toContain(operation.tags?.[0]);
      expect(operation.description, name).toMatch(/Roles: admin|Open to all/);
      expect(Object.keys(operation.responses), name).toContain('default');
      const open = operation.security?.length === 0;
      expect(open, name).toBe(name.includes('/health/'));
    }
  });

  it('describes the answers that the running service gives', async () => {
    const { operations, get, ingest, historian, journal, alarms } = await withDocument();
    const send = (payload: unknown) =>
      ingest.accept({
        gateway: 'gw-1',
        park: PARK,
        topic: `parks/${PARK}/fire/smoke-1/readings`,
        payload: Buffer.from(JSON.stringify(payload)),
      });
    await send({ ts: NOW - 1000, values: { smoke_alarm: true } });
    await send({ ts: NOW - 1000, values: { phlogiston: 1 } });
    alarms.observe('journal_fill_pct', 75, NOW);
    await historian.caughtUp(journal.head());
    const real: Record<string, string> = { park: PARK, device: 'smoke-1' };
    const extra: Record<string, readonly string[]> = {
      '/api/v1/readings': [
        '?device=smoke-1',
        '?device=smoke-1&every=1h&fn=max',
        '?device=smoke-1&limit=1',
        '?device=smoke-1&every=1h&fill=previous&to=2026-11-24T00:00:00%2B08:00',
        '?device=smoke-1&points=10',
      ],
    };
    let checked = 0;
    for (const { name, path, method, operation } of operations) {
      if (method !== 'get') continue;
      const url = path.replace(/\{(\w+)\}/g, (_, key: string) => real[key] ?? '1');
      for (const search of extra[path] ?? ['']) {
        const answer = await get(url + search);
        const documented = operation.responses[answer.status] ?? operation.responses.default;
        const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
        const schema = documented?.content?.[type]?.schema;
        expect(schema, `${name} ${answer.status} ${type}`).toBeDefined();
        if (type !== 'application/json') continue;
        expect(violations(schema!, await answer.json()), `${name}${search}`).toBeNull();
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(15);
  });

  it('describes what is answered to what people do to alarms', async () => {
    const { document, ingest, url, alarms } = await withDocument();
    await ingest.accept({
      gateway: 'gw-1',
      park: PARK,
      topic: `parks/${PARK}/fire/smoke-1/readings`,
      payload: Buffer.from(JSON.stringify({ ts: NOW - 1000, values: { smoke_alarm: true } })),
    });
    const real = 'smoke-alarm:smoke-1';
    const seq = alarms.headSeq();
    const cases: readonly (readonly ['get' | 'post', string, object?])[] = [
      ['get', '/api/v1/alarms/{id}'],
      ['get', '/api/v1/alarms/{id}/events'],
      ['post', '/api/v1/alarms/{id}/acknowledge', { comment: '核实', seq }],
      ['post', '/api/v1/alarms/{id}/acknowledge'],
      ['post', '/api/v1/alarms/{id}/reset', {}],
      ['post', '/api/v1/alarms/{id}/shelve', { comment: '校准', forS: 60 }],
      ['post', '/api/v1/alarms/{id}/unshelve'],
      ['post', '/api/v1/alarms/{id}/out-of-service', { comment: '维护' }],
      ['post', '/api/v1/alarms/{id}/return-to-service'],
      ['post', '/api/v1/alarms/acknowledge', { ids: [real, 'nobody:nowhere'] }],
      ['post', '/api/v1/alarms/reset', { filter: { domain: ['fire'] }, seq }],
    ];
    const statuses = [];
    for (const [method, path, body] of cases) {
      const answer = await fetch(url + path.replace('{id}', real), {
        method,
        headers: { authorization: `Bearer ${ADMIN}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      const { responses } = document.paths[path]![method]!;
      const type = answer.headers.get('content-type')!.split(';')[0]!;
      const schema = (responses[answer.status] ?? responses.default)?.content?.[type]?.schema;
      expect(schema, `${path} ${answer.status}`).toBeDefined();
      if (answer.ok) expect(violations(schema!, await answer.json()), path).toBeNull();
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([200, 200, 200, 409, 409, 422, 409, 200, 200, 200, 200]);
  });

  it('describes every refusal as a problem', async () => {
    const { get, document, url } = await withDocument();
    const { Problem } = document.components.schemas;
    const answers = [
      await get('/api/v1/parks', null),
      await get('/api/v1/parks/atlantis'),
      await get('/api/v1/readings'),
      await get('/api/v1/nothing'),
      await fetch(`${url}/api/v1/readings`, { method: 'DELETE', headers: { authorization: `Bearer ${ADMIN}` } }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([401, 404, 422, 404, 405]);
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(violations(Problem!, await answer.json())).toBeNull();
    }
  });
});

describe('/docs', () => {
  it('serves a page whose scripts and styles its Content-Security-Policy lets run', async () => {
    const { get } = await startHttp();
    const page = await get('/docs/');
    expect(page.status).toBe(200);
    const csp = page.headers.get('content-security-policy') ?? '';
    expect(csp).toContain("script-src 'self';");
    expect(csp).not.toContain('upgrade-insecure-requests');
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style/);
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, path]) => new URL(path!, 'http://x/docs/').pathname,
    );
    expect(assets.length).toBeGreaterThan(4);
    for (const path of assets) expect((await get(path)).status, path).toBe(200);
    expect(((await (await get('/docs/json')).json()) as OpenApi).openapi).toBe('3.1.0');
  });

  it('opens for a token alone, which a browser may give as the password of HTTP Basic', async () => {
    const { get, app } = await startHttp();
    const basic = `Basic ${Buffer.from(`anyone:${ADMIN}`).toString('base64')}`;
    for (const path of ['/docs/', '/docs/json', '/openapi.json', '/asyncapi.json', '/docs/static/swagger-ui.css']) {
      const closed = await get(path, null);
      expect([path, closed.status]).toEqual([path, 401]);
      expect(closed.headers.get('www-authenticate')).toContain('Basic');
      expect([path, (await get(path, basic)).status]).toEqual([path, 200]);
    }
    expect((await get('/api/v1/parks', basic)).status).toBe(401);
    expect(app.swagger).toBeTypeOf('function');
  });
});

describe('/asyncapi.json', () => {
  const document = asyncApi('1.0.0') as Record<string, Record<string, Record<string, unknown>>>;

  it('is served, and all its references lead somewhere', async () => {
    const { get } = await startHttp();
    const served = (await (await get('/asyncapi.json')).json()) as unknown;
    expect(served).toEqual(JSON.parse(JSON.stringify(document)));
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!.split('/'));
    expect(references.length).toBeGreaterThan(20);
    for (const path of references) {
      const target = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect(target, path.join('/')).toBeDefined();
    }
  });

  it('has the addresses of the topic grammar', () => {
    const names = { park: PARK, domain: 'fire', device: 'smoke-1', gateway: 'gw-1', alarm: 'smoke:smoke-1' };
    const kinds = Object.values(document.channels!).flatMap(({ address }) => {
      const topic = String(address).replace(/\{(\w+)\}/g, (_, key: keyof typeof names) => names[key]);
      return topic.startsWith('/ws/') ? [] : [parseTopic(topic)?.kind];
    });
    expect(kinds).toEqual(['readings', 'status', 'rejections', 'alarm']);
  });

  it('gives examples that the decoders take', () => {
    const decode = (payload: unknown) => decodeReadings(JSON.stringify(payload), 'wastewater', NOW);
    for (const example of EXAMPLES.readings) {
      expect(readingsPayload.safeParse(example).success).toBe(true);
      const { readings, rejections } = decode(example);
      expect(rejections).toEqual([]);
      expect(readings.length).toBeGreaterThan(0);
    }
    for (const example of EXAMPLES.status)
      expect(parseStatus(JSON.stringify(example))).toMatchObject({ online: example.online });
    for (const example of EXAMPLES.rejection) expect(rejectionPayload.safeParse(example).success).toBe(true);
    for (const example of EXAMPLES.standingAlarm) expect(alarmPayload.safeParse(example).success).toBe(true);
    for (const example of EXAMPLES.snapshot) expect(snapshotMessage.safeParse(example).success).toBe(true);
    for (const example of EXAMPLES.alarm) expect(alarmMessage.safeParse(example).success).toBe(true);
    for (const example of EXAMPLES.subscribeToAlarms)
      expect(alarmSubscribeSchema.safeParse(example).success).toBe(true);
    for (const example of EXAMPLES.subscribeToReadings)
      expect(readingsSubscribeSchema.safeParse(example).success).toBe(true);
  });

  it.each([
    ['no values', { ts: NOW }],
    ['a value in quotes', { values: { ph: '7' } }],
    ['an unknown metric', { values: { phlogiston: 1 } }],
    ['an unknown flag', { values: { ph: 7 }, flags: { ph: 'X' } }],
    ['a time without offset', { ts: '2026-11-23T08:00:00', values: { ph: 7 } }],
    ['an empty array', []],
    ['a text', 'hello'],
  ])('refuses %s in its schema as the decoder does', (_, payload) => {
    const { payload: schema } = document.components!.messages!.readings as { payload: object };
    expect(violations(schema, payload)).not.toBeNull();
    expect(decodeReadings(JSON.stringify(payload), 'wastewater', NOW).rejections.length).toBeGreaterThan(0);
  });

  it('names every rejection code, and the fields that the WebSockets take', () => {
    const text = JSON.stringify(document.components!.messages!.rejection);
    for (const code of REJECTION_CODES) expect(text).toContain(`"${code}"`);
    expect(Object.keys(subscribeToAlarms.shape)).toEqual(Object.keys(alarmSubscribeSchema.shape));
    expect(Object.keys(subscribeToReadings.shape)).toEqual(Object.keys(readingsSubscribeSchema.shape));
  });
});
