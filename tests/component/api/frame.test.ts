import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ResultTooLargeError } from '../../../src/historian/port/errors.js';
import { accessForScope } from '../../../src/http/auth/access.js';
import { framePlugin } from '../../../src/http/frame.js';
import { problem } from '../../../src/http/problem.js';
import { StorageUnavailableError } from '../../../src/state/port.js';
import { ADMIN, START, startApi } from './helpers.js';

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
    fail('/too-large', () => new ResultTooLargeError(1_000));
    fail('/no-disk', () => new StorageUnavailableError('database or disk is full'));
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
