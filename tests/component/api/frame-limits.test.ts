import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ADMIN, startApi } from './helpers.js';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

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
    const api = await startApi({ door: { failuresPerMinute: 3 } });
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
