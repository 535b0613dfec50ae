import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accessForScope } from '../../../src/api/auth/access.js';
import { framePlugin } from '../../../src/api/frame.js';
import { problem } from '../../../src/api/problem.js';
import { ResultTooLarge } from '../../../src/historian/port.js';
import { StorageUnavailable } from '../../../src/state/port.js';
import { ADMIN, START, startApi } from './frame-harness.js';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('sign-in', () => {
  it('answers 401 with a challenge to who sends no token', async () => {
    const { send } = await startApi();
    const { status, headers, body } = await send('GET', '/parks', null);
    expect(status).toBe(401);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['www-authenticate']).toBe('Bearer realm="park"');
    expect(body).toEqual({
      type: 'urn:problem:token_missing',
      title: 'Unauthorized',
      status: 401,
      code: 'token_missing',
      detail: 'this needs a token: send the header Authorization: Bearer <token>',
      instance: '/api/v1/parks',
    });
  });

  it.each([
    ['a token that is not known', 'Bearer pk_0123456789abcdef_x', 'token_unknown'],
    ['no token after the scheme', 'Bearer ', 'token_missing'],
    ['another scheme', `Digest ${ADMIN}`, 'token_missing'],
    ['a token of a megabyte', `Bearer ${'x'.repeat(8_000)}`, 'token_missing'],
  ])('answers 401 to %s', async (_what, authorization, code) => {
    const { call } = await startApi();
    const { status, headers, body } = await call({ url: '/api/v1/parks', headers: { authorization } });
    expect([status, body.code]).toEqual([401, code]);
    expect(headers['www-authenticate']).toBe('Bearer realm="park", error="invalid_token"');
  });

  it('answers 401 to an expired token and says that it expired', async () => {
    const api = await startApi();
    const token = api.token('viewer', { expiresAt: START + 1_000 });
    expect((await api.send('GET', '/parks', token)).status).toBe(200);
    api.clock.now = START + 1_000;
    const { status, body } = await api.send('GET', '/parks', token);
    expect([status, body.code, body.detail]).toEqual([
      401,
      'token_expired',
      'this token has expired; ask for a new one',
    ]);
  });

  it('answers 401 to a revoked token at once', async () => {
    const api = await startApi();
    const token = api.token('viewer');
    const id = api.registry.authenticate(token)?.id;
    expect((await api.send('DELETE', `/tokens/${id}`)).status).toBe(204);
    expect((await api.send('GET', '/parks', token)).status).toBe(401);
  });

  it('takes the token as the password of Basic on GET of pages that ask for it, and nowhere else', async () => {
    const access = { access: ['viewer'] as const, basic: true };
    const api = await startApi({
      routes: (app) => {
        app.get('/page', { config: access }, async () => ({ ok: true }));
        app.post('/page', { config: access }, async () => ({ ok: true }));
      },
    });
    const headers = { authorization: `Basic ${Buffer.from(`x:${api.token('viewer')}`).toString('base64')}` };
    expect((await api.call({ url: '/page', headers })).status).toBe(200);
    expect((await api.call({ url: '/page', method: 'POST', headers })).status).toBe(401);
    expect((await api.call({ url: '/api/v1/parks', headers })).status).toBe(401);
    expect((await api.call({ url: '/page' })).headers['www-authenticate']).toContain('Basic realm="park"');
  });

  it('asks for a token also where there is no route, so that routes cannot be found out without one', async () => {
    const api = await startApi();
    expect((await api.call({ url: '/nothing' })).status).toBe(401);
    expect((await api.call({ url: '/nothing', headers: bearer(ADMIN) })).status).toBe(404);
  });
});

describe('access of routes', () => {
  it('refuses to register a route that does not say who may use it', async () => {
    const app = Fastify();
    const { registry } = await startApi();
    await app.register(framePlugin, { registry, audit: registry.audit });
    expect(() => app.get('/forgotten', async () => ({}))).toThrow(
      'route GET /forgotten does not say who may use it: config.access is missing',
    );
  });

  it('gives the routes of a plugin that knows nothing of it the access of its scope', async () => {
    const api = await startApi({
      routes: (app) => {
        app.register(async (scope) => {
          accessForScope(scope, { access: ['viewer'] });
          await scope.register(async (plugin) => plugin.get('/assets', async () => ({ ok: true })));
        });
      },
    });
    expect((await api.call({ url: '/assets' })).status).toBe(401);
    expect((await api.call({ url: '/assets', headers: bearer(api.token('viewer')) })).status).toBe(200);
    expect((await api.call({ url: '/assets', headers: bearer(api.token('inspector')) })).status).toBe(403);
  });

  it('lets anybody use an open route, and names the role that a refused one lacks', async () => {
    const api = await startApi({
      routes: (app) => {
        app.get('/health/live', { config: { access: 'open' } }, async () => ({ ok: true }));
      },
    });
    expect((await api.call({ url: '/health/live' })).status).toBe(200);
    const { status, body } = await api.send('GET', '/tokens', api.token('operator'));
    expect([status, body.code]).toEqual([403, 'role_not_allowed']);
    expect(body.detail).toBe('GET /api/v1/tokens needs the role admin; this token has operator');
    expect(body).toMatchObject({ role: 'operator', allowed: ['admin'] });
  });

  it('never lets an inspector or a viewer write', async () => {
    const api = await startApi();
    const device = { park: 'oh-diandu', domain: 'fire' };
    for (const role of ['inspector', 'viewer'] as const) {
      const token = api.token(role);
      expect((await api.send('PUT', '/devices/d-1', token, device)).status).toBe(403);
      expect((await api.send('PUT', '/enterprises/e-1', token, { park: 'oh-diandu', nameZh: '厂' })).status).toBe(403);
      expect((await api.send('DELETE', '/enterprises/e-1', token)).status).toBe(403);
      expect((await api.send('POST', '/gateways', token, { id: 'gw-1', park: 'oh-diandu' })).status).toBe(403);
      expect((await api.send('POST', '/tokens', token, { name: 'x', role: 'admin' })).status).toBe(403);
    }
  });
});

describe('problems', () => {
  const routes: NonNullable<Parameters<typeof startApi>[0]>['routes'] = (app) => {
    const config = { access: ['viewer'] as const };
    const fail = (path: string, error: () => unknown) =>
      app.get(path, { config }, async () => {
        throw error();
      });
    fail('/too-large', () => new ResultTooLarge(1_000));
    fail('/no-disk', () => new StorageUnavailable('database or disk is full'));
    fail('/bug', () => new Error('the password is hunter2'));
    fail('/teapot', () => problem(409, 'teapot', 'no coffee', { hint: 'tea' }));
    app.get('/wrong-answer', { config, schema: { response: { 200: z.object({ n: z.number() }) } } }, async () => ({
      n: 'x',
    }));
  };

  it.each([
    ['/too-large', 422, 'result_too_large', { limit: 1_000 }],
    ['/no-disk', 503, 'storage_unavailable', {}],
    ['/bug', 500, 'internal_error', {}],
    ['/wrong-answer', 500, 'internal_error', {}],
    ['/teapot', 409, 'teapot', { hint: 'tea', detail: 'no coffee' }],
    ['/nothing', 404, 'not_found', { detail: 'there is nothing at /nothing' }],
  ])('answers %s with %i %s', async (url, status, code, extra) => {
    const { call } = await startApi({ routes });
    const answer = await call({ url, headers: bearer(ADMIN) });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ type: `urn:problem:${code}`, status, code, instance: url, ...extra });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });

  it('answers 405 with the methods that are possible', async () => {
    const { call } = await startApi();
    const answer = await call({ method: 'DELETE', url: '/api/v1/parks/oh-diandu', headers: bearer(ADMIN) });
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed', allowed: ['GET', 'HEAD'] } });
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it.each([
    ['a body that is no JSON', { payload: '{"id": ', headers: { 'content-type': 'application/json' } }, 400],
    ['a body of another type', { payload: '<gateway/>', headers: { 'content-type': 'text/xml' } }, 415],
    ['a body above the bound', { payload: { id: 'x'.repeat(1_100_000), park: 'x' } }, 413],
    [
      'a body that would change prototypes',
      { payload: '{"__proto__": {}}', headers: { 'content-type': 'application/json' } },
      400,
    ],
  ])('answers %s as a problem', async (_what, given, status) => {
    const { call } = await startApi();
    const headers = { ...bearer(ADMIN), ...('headers' in given ? given.headers : {}) };
    const answer = await call({ method: 'POST', url: '/api/v1/gateways', payload: given.payload, headers });
    expect(answer).toMatchObject({ status, body: { status } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('names every wrong field and what is expected of it', async () => {
    const { send } = await startApi();
    const { status, body } = await send('POST', '/gateways', ADMIN, { id: 'North Gate', name: 'a\nb', parc: 'x' });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    expect(body.errors).toEqual([
      {
        field: 'body.id',
        expected: 'lower-case letters, digits and hyphens, at most 63, not starting with a hyphen',
      },
      { field: 'body.park', expected: 'Invalid input: expected string, received undefined' },
      { field: 'body.name', expected: 'one line, without control characters' },
      { field: 'body.parc', expected: 'is not a field of this request' },
    ]);
    const query = await send('GET', '/gateways?limit=0&colour=red');
    expect(query.body.errors.map((error: { field: string }) => error.field)).toEqual(['query.limit', 'query.colour']);
  });

  it('sets the headers that keep browsers careful', async () => {
    const { send } = await startApi();
    const { headers } = await send('GET', '/parks');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
    expect(headers['content-security-policy']).toContain("default-src 'self'");
  });
});

describe('limits', () => {
  it('answers 429 to a token above its requests of a minute, and leaves other tokens alone', async () => {
    const api = await startApi({ requestsPerMinute: 3 });
    const [busy, calm] = [api.token('viewer'), api.token('viewer')];
    for (let n = 0; n < 3; n += 1) expect((await api.send('GET', '/parks', busy)).status).toBe(200);
    const { status, headers, body } = await api.send('GET', '/parks', busy);
    expect([status, body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await api.send('GET', '/parks', calm)).status).toBe(200);
  });

  it('answers 429 to an address after too many failed sign-ins, yet lets a right token through', async () => {
    const api = await startApi({ failuresPerMinute: 3 });
    for (let n = 0; n < 3; n += 1) expect((await api.send('GET', '/parks', `guess-${n}`)).status).toBe(401);
    const { status, headers, body } = await api.send('GET', '/parks', 'guess-4');
    expect([status, body.code]).toEqual([429, 'too_many_failures']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await api.send('GET', '/parks')).status).toBe(200);
    const elsewhere = await api.call({ url: '/api/v1/parks', remoteAddress: '10.1.2.3' });
    expect(elsewhere.status).toBe(401);
  });

  it('never limits health', async () => {
    const api = await startApi({
      requestsPerMinute: 1,
      routes: (app) => {
        app.get('/health/live', { config: { access: 'open' } }, async () => ({ ok: true }));
      },
    });
    for (let n = 0; n < 10; n += 1) expect((await api.call({ url: '/health/live' })).status).toBe(200);
  });
});

describe('audit and log of refusals', () => {
  it('records 401 and 403 with who, what and why, and neither 404 nor 422', async () => {
    const api = await startApi();
    const viewer = api.token('viewer');
    await api.call({ url: '/api/v1/parks?ticket=secret-in-query', remoteAddress: '10.1.2.3' });
    await api.send('GET', '/audit', viewer);
    await api.send('GET', '/parks/nowhere', viewer);
    await api.send('GET', '/parks?limit=0', viewer);
    expect(await api.refusals()).toMatchObject([
      {
        who: api.registry.authenticate(viewer)?.id,
        action: 'GET /api/v1/audit',
        target: '/api/v1/audit',
        detail: { status: 403, code: 'role_not_allowed' },
      },
      {
        who: 'address:10.1.2.3',
        action: 'GET /api/v1/parks',
        target: '/api/v1/parks',
        detail: { status: 401, code: 'token_missing' },
      },
    ]);
  });

  it('fills no disk: a thousand refusals over real sockets become a few rows', async () => {
    const api = await startApi();
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = api.app.server.address() as AddressInfo;
    const statuses = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => statusOf(port, `/api/v1/parks/p-${n}`, `guess-${n}`)),
    );
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect((await api.refusals()).length).toBeLessThanOrEqual(30);
  });

  it('keeps tokens and secrets out of the log, also where a request fails', async () => {
    const api = await startApi({
      routes: (app) => {
        app.get('/bug', { config: { access: [] } }, async () => {
          throw new Error('a bug');
        });
      },
    });
    const made = await api.send('POST', '/gateways', ADMIN, { id: 'gw-1', park: 'oh-diandu' });
    const token = await api.send('POST', '/tokens', ADMIN, { name: 'x', role: 'admin' });
    await api.send('POST', '/gateways/gw-1/secret');
    await api.send('GET', '/parks', 'a-wrong-token-of-somebody');
    await api.call({ url: '/bug?ticket=secret-in-query', headers: bearer(token.body.token) });
    const log = api.log.join('');
    expect(log).toContain('a bug');
    const secrets = [ADMIN, made.body.secret, token.body.token, 'a-wrong-token-of-somebody', 'secret-in-query'];
    for (const secret of secrets) expect(log).not.toContain(secret);
  });
});

function statusOf(port: number, path: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers: bearer(token) }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end();
  });
}
