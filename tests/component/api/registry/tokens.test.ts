import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ADMIN, startApi } from '../helpers.js';

const PARK = 'oh-diandu';

describe('tokens', () => {
  it('makes one that works in its role, scope and time, and shows its secret once', async () => {
    const { send, clock } = await startApi();
    const made = await send('POST', '/tokens', ADMIN, {
      name: 'EPA Ouhai',
      role: 'inspector',
      districts: ['ouhai'],
      expiresAt: '2026-11-23T01:00:00Z',
    });
    expect(made).toMatchObject({ status: 201, body: { role: 'inspector', expiresAt: '2026-11-23T09:00:00+08:00' } });
    expect(made.headers['cache-control']).toBe('no-store');
    const { token, ...shown } = made.body;
    expect((await send('GET', '/parks', token)).body.items).toHaveLength(6);
    expect((await send('GET', `/tokens/${shown.id}`)).body).toEqual(shown);
    const list = await send('GET', '/tokens');
    expect(list.body.items).toContainEqual(shown);
    expect(JSON.stringify(list.body)).not.toContain(token.slice(-43));
    clock.now = Date.parse('2026-11-23T09:00:00+08:00');
    expect((await send('GET', '/parks', token)).body.code).toBe('token_expired');
  });

  it('answers 409 to revoking the last admin token, and 404 to one that is gone', async () => {
    const { send, registry } = await startApi();
    const [last] = registry.tokens();
    expect(await send('DELETE', `/tokens/${last?.id}`)).toMatchObject({
      status: 409,
      body: { code: 'last_admin_token' },
    });
    const other = await send('POST', '/tokens', ADMIN, { name: 'second', role: 'admin' });
    expect((await send('DELETE', `/tokens/${last?.id}`)).status).toBe(204);
    expect((await send('GET', '/tokens')).status).toBe(401);
    expect((await send('DELETE', `/tokens/${last?.id}`, other.body.token)).status).toBe(404);
  });

  it.each([
    ['an unknown role', { role: 'boss' }, 'body.role'],
    ['a time without offset', { role: 'viewer', expiresAt: '2027-01-01T00:00:00' }, 'body.expiresAt'],
    ['a time in the past', { role: 'viewer', expiresAt: '2026-01-01T00:00:00Z' }, 'body.expiresAt'],
    ['an unknown park', { role: 'viewer', parks: ['nowhere'] }, 'body.parks'],
    ['a scope for an admin', { role: 'admin', districts: ['ouhai'] }, 'body.parks'],
  ])('answers 422 to %s and names the field', async (_what, body, field) => {
    const { send } = await startApi();
    const answer = await send('POST', '/tokens', ADMIN, { name: 'x', ...body });
    expect([answer.status, answer.body.errors[0].field]).toEqual([422, field]);
  });

  it('takes a PARK_ADMIN_TOKEN in any script over a real socket', async () => {
    const adminToken = '这是一个给管理员用的很长的令牌，不要告诉别人，谢谢';
    const { app } = await startApi({ adminToken });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const authorization = `Bearer ${Buffer.from(adminToken).toString('latin1')}`;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: '/api/v1/parks', headers: { authorization } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.once('error', reject);
      sent.end();
    });
    expect(status).toBe(200);
  });
});

describe('audit', () => {
  it('tells administrators who changed what, page by page', async () => {
    const { send, registry } = await startApi();
    const admin = registry.authenticate(ADMIN)?.id;
    for (const id of ['gw-1', 'gw-2', 'gw-3']) await send('POST', '/gateways', ADMIN, { id, park: PARK });
    const first = await send('GET', '/audit?action=gateway.create&limit=2');
    expect(first.body.items).toMatchObject([
      { who: admin, target: 'gw-3', outcome: 'done', ts: '2026-11-23T08:00:00+08:00', count: 1 },
      { who: admin, target: 'gw-2', detail: { park: PARK, name: 'gw-2' } },
    ]);
    const second = await send('GET', `/audit?action=gateway.create&limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ target: 'gw-1' }], nextCursor: null });
    expect((await send('GET', '/audit?from=2026-11-23T08:00:01%2B08:00')).body.items).toEqual([]);
  });

  it('keeps secrets out of the file, whatever was asked through the API', async () => {
    const { send, registry, state, path } = await startApi();
    const gateway = await send('POST', '/gateways', ADMIN, { id: 'gw-1', park: PARK });
    const rotated = await send('POST', '/gateways/gw-1/secret');
    const token = await send('POST', '/tokens', ADMIN, { name: 'x', role: 'viewer' });
    await send('GET', '/parks', 'a-wrong-token-of-somebody');
    registry.close();
    await state.commit(() => undefined);
    const bytes = [path, `${path}-wal`].map((file) => readFileSync(file).toString('latin1')).join('');
    expect(bytes).toContain('gateway.rotate_secret');
    const secrets = [ADMIN, gateway.body.secret, rotated.body.secret, token.body.token, token.body.token.slice(-43)];
    for (const secret of [...secrets, 'a-wrong-token-of-somebody']) expect(bytes).not.toContain(secret);
  });
});
