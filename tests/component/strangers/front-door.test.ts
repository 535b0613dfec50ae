import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { DoorBounds } from '../../../src/http/auth/front-door.js';
import { ADMIN, startApi } from '../api/helpers.js';
import { folder, Service } from '../ws/helpers.js';

const HEALTH = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';

/** What the service says to `text`, sent in one write, until it closes the connection or `enough` has come. */
async function exchange(port: number, text: string, enough: (answer: string) => boolean = () => false) {
  const socket = connect(port, '127.0.0.1');
  socket.write(text, 'latin1');
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    if (enough(answer)) break;
  }
  return {
    answer,
    statuses: answer
      .split('HTTP/1.1 ')
      .slice(1)
      .map((text) => Number(text.slice(0, 3))),
  };
}

async function start(door: Partial<DoorBounds>) {
  const api = await startApi({
    door: { holdMs: 0, ...door },
    routes: (app) => {
      app.get('/health/live', { config: { access: 'open' } }, async () => ({ ok: true }));
    },
  });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  const get = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as { code?: string } };
  };
  return { api, port, get };
}

describe('requests of strangers', () => {
  it('are counted by address, health too, and answered 429 beyond the bound', async () => {
    const { api, get } = await start({ requests: 5 });
    for (let n = 0; n < 5; n += 1) expect((await get('/health/live')).status).toBe(200);
    const { status, headers, body } = await get('/health/live');
    expect([status, body.code, headers.get('content-type')]).toEqual([
      429,
      'too_many_requests',
      'application/problem+json',
    ]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(api.app.frontDoor.stats).toMatchObject({ turnedAway: 1, addresses: 1 });
  });

  it('never keep out who comes from the same address with a right token, nor are theirs counted', async () => {
    const { get } = await start({ requests: 3 });
    for (let n = 0; n < 10; n += 1) expect((await get('/api/v1/parks', ADMIN)).status).toBe(200);
    for (let n = 0; n < 3; n += 1) expect((await get('/api/v1/parks', `guess-${n}`)).status).toBe(401);
    expect((await get('/api/v1/parks', 'guess-4')).status).toBe(429);
    expect((await get('/health/live')).status).toBe(429);
    expect((await get('/api/v1/parks', ADMIN)).status).toBe(200);
  });

  it('that come by the hundred on one connection without waiting get few answers, then the connection ends', async () => {
    const { api, port } = await start({ pipelined: 4 });
    const { statuses } = await exchange(port, HEALTH.repeat(1_000));
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect(api.app.frontDoor.stats.pipelined).toBe(1);
  });

  it('may be pipelined in small numbers', async () => {
    const { port } = await start({ pipelined: 4 });
    const { statuses } = await exchange(port, HEALTH.repeat(4), (answer) => answer.split('HTTP/1.1').length > 4);
    expect(statuses).toEqual([200, 200, 200, 200]);
  });

  it('are turned away at once when too many are kept waiting already', async () => {
    const { get } = await start({ requests: 0, held: 0, holdMs: 3_600_000 });
    expect((await get('/health/live')).status).toBe(429);
  });

  it.each([
    ['blanks behind Bearer', `Authorization: Bearer ${' '.repeat(4_080)}\u00ff`],
    ['blanks before the scheme', `Authorization: ${' '.repeat(4_000)}Bearer`],
    ['a long word', `Authorization: ${'a'.repeat(4_090)} b`],
    ['Basic of blanks', `Authorization: Basic ${' '.repeat(4_000)}`],
    ['Accept of commas', `Accept: ${','.repeat(8_000)}`],
    ['If-Match of digits', `If-Match: ${'1'.repeat(8_000)}x`],
    ['Content-Type of semicolons', `Content-Type: a/b${'; '.repeat(4_000)}`],
    ['a ticket of blanks', `X: y\r\nCookie: ${'a=;'.repeat(2_000)}`],
  ])('with %s are answered 401 like any other', async (_, header) => {
    const { port } = await start({});
    const { statuses } = await exchange(
      port,
      `GET /api/v1/parks HTTP/1.1\r\nHost: a\r\n${header}\r\nConnection: close\r\n\r\n`,
    );
    expect(statuses).toEqual([401]);
  });
});

describe('upgrades of strangers', () => {
  const upgrade = (path: string, more = '') =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

  async function serve() {
    const files = folder();
    const service = await Service.start(files.dir, {
      upgrades: { '/mqtt': (_request, socket) => void socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n') },
    });
    return {
      service,
      stop: async () => {
        await service.stop();
        files.remove();
      },
    };
  }

  it('with wrong tokens are answered 429 as failed sign-ins are, and a right token is let in', async () => {
    const { service, stop } = await serve();
    const seen: number[] = [];
    for (let n = 0; n < 35; n += 1) {
      const path = n % 2 ? '/ws/alarms?ticket=wrong' : '/ws/readings';
      seen.push(...(await exchange(service.port, upgrade(path, 'Authorization: Bearer wrong\r\n'))).statuses);
    }
    expect(seen).toEqual([...Array.from({ length: 30 }, () => 401), ...Array.from({ length: 5 }, () => 429)]);
    expect(service.stats).toMatchObject({ unauthorized: 30, limited: 5 });
    const api = await service.app.inject({ url: '/api/v1/ws-tickets', method: 'POST' });
    expect(api.statusCode).toBe(429);
    await service.client().opened;
    await service.client(null, `/ws/alarms?ticket=${await service.ticket()}`).opened;
    await stop();
  });

  it('of /mqtt, and of paths that nobody takes, are counted too', async () => {
    const { service, stop } = await serve();
    const door = service.app.frontDoor;
    const address = { socket: { remoteAddress: '127.0.0.1' }, headers: {}, method: 'GET' } as never;
    let letIn = 0;
    while (door.upgrade(address, true) === null) letIn += 1;
    expect(letIn).toBe(1_600);
    expect((await exchange(service.port, upgrade('/mqtt'))).statuses).toEqual([429]);
    expect((await exchange(service.port, upgrade('/nothing'))).statuses).toEqual([429]);
    await stop();
  });
});
