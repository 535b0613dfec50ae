import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newWsStats } from '../../../src/ws/port.js';
import { Tickets } from '../../../src/ws/tickets.js';
import { eventually } from '../alarms/helpers.js';
import { folder, Service } from './helpers.js';

let files: ReturnType<typeof folder>;
let service: Service;

beforeEach(async () => {
  files = folder();
  service = await Service.start(files.dir, { limits: { maxClients: 2, pingMs: 500 } });
});
afterEach(async () => {
  await service.stop();
  files.remove();
});

const statusOf = (client: { opened: Promise<void> }) =>
  client.opened.then(
    () => 101,
    (error: Error) => Number(error.message),
  );

describe('signing in to /ws/alarms', () => {
  it('takes a bearer token', async () => {
    expect(await statusOf(service.client())).toBe(101);
  });

  it.each([
    ['no token', null, '/ws/alarms'],
    ['a wrong token', 'not-a-token-of-anybody-0123456789', '/ws/alarms'],
    ['a wrong ticket', null, '/ws/alarms?ticket=abc'],
    ['a wrong ticket beside a right token', undefined, '/ws/alarms?ticket=abc'],
  ])('answers %s with 401 before the socket opens', async (_, token, path) => {
    const client = service.client(token, path);
    expect(await statusOf(client)).toBe(401);
    expect(service.stats).toMatchObject({ unauthorized: 1, opened: 0 });
    expect(service.registry.audit.stats.refusals).toBe(1);
  });

  it('answers a refusal with a problem', async () => {
    const socket = connect(service.port, '127.0.0.1');
    socket.write(
      'GET /ws/alarms HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      status: 401,
      code: 'token_unknown',
      instance: '/ws/alarms',
    });
  });

  it('takes a ticket once', async () => {
    const ticket = await service.ticket();
    expect(await statusOf(service.client(null, `/ws/alarms?ticket=${ticket}`))).toBe(101);
    expect(await statusOf(service.client(null, `/ws/alarms?ticket=${ticket}`))).toBe(401);
  });

  it('takes a ticket for sixty seconds', async () => {
    const [early, late] = [await service.ticket(), await service.ticket()];
    service.now += 59_999;
    expect(await statusOf(service.client(null, `/ws/alarms?ticket=${early}`))).toBe(101);
    service.now += 1;
    expect(await statusOf(service.client(null, `/ws/alarms?ticket=${late}`))).toBe(401);
  });

  it('takes no ticket whose token was revoked meanwhile', async () => {
    const ticket = await service.ticket(service.token('viewer'));
    service.registry.revokeToken(service.registry.tokens().find((token) => token.role === 'viewer')!.id, 'system');
    expect(await statusOf(service.client(null, `/ws/alarms?ticket=${ticket}`))).toBe(401);
  });

  it('gives no ticket without a token', async () => {
    const answer = await service.app.inject({ method: 'POST', url: '/api/v1/ws-tickets' });
    expect(answer.statusCode).toBe(401);
  });

  it('says when a ticket ends', async () => {
    const headers = { authorization: `Bearer ${service.token('viewer')}` };
    const answer = await service.app.inject({ method: 'POST', url: '/api/v1/ws-tickets', headers });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(Buffer.from(answer.json().ticket, 'base64url')).toHaveLength(32);
    expect(Date.parse(answer.json().expiresAt)).toBe(service.now + 60_000);
  });

  it('ends the socket when its token is revoked', async () => {
    const client = service.client(service.token('viewer'));
    await client.opened;
    service.registry.revokeToken(service.registry.tokens().find((token) => token.role === 'viewer')!.id, 'system');
    expect((await client.closed).code).toBe(4401);
  });

  it('ends the socket when its token expires', async () => {
    const input = { name: 'short', role: 'viewer', parks: [], districts: [], expiresAt: service.now + 1_000 } as const;
    const client = service.client(service.registry.createToken(input, 'system').secret);
    await client.opened;
    service.now += 1_000;
    expect((await client.closed).code).toBe(4401);
    expect(service.stats.signedOut).toBe(1);
  });

  it('turns clients beyond the bound away with 503, and takes one again when there is room', async () => {
    const [first, second] = [service.client(), service.client()];
    await Promise.all([first.opened, second.opened]);
    expect(await statusOf(service.client())).toBe(503);
    expect(service.stats.full).toBe(1);
    first.socket.close();
    await eventually(() => expect(service.stats.clients).toBe(1));
    expect(await statusOf(service.client())).toBe(101);
  });

  it('does not use up the ticket of a client that it turns away', async () => {
    const ticket = await service.ticket();
    const [first, second] = [service.client(), service.client()];
    await Promise.all([first.opened, second.opened]);
    expect(await statusOf(service.client(null, `/ws/alarms?ticket=${ticket}`))).toBe(503);
    first.socket.close();
    await eventually(() => expect(service.stats.clients).toBe(1));
    expect(await statusOf(service.client(null, `/ws/alarms?ticket=${ticket}`))).toBe(101);
  });

  it('answers upgrades of other paths with 404', async () => {
    expect(await statusOf(service.client(undefined, '/ws/nothing'))).toBe(404);
    expect(await statusOf(service.client(undefined, '/__proto__'))).toBe(404);
  });
});

describe('upgrades of other rooms', () => {
  it('go to whoever takes their path', async () => {
    const other = folder();
    const seen: string[] = [];
    const service = await Service.start(other.dir, {
      upgrades: {
        '/mqtt': (request, socket) => {
          seen.push(request.url ?? '');
          socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n');
        },
      },
    });
    expect(await statusOf(service.client(null, '/mqtt?x=1'))).toBe(418);
    expect(seen).toEqual(['/mqtt?x=1']);
    await service.stop();
    other.remove();
  });
});

describe('tickets', () => {
  it('are bounded: the oldest goes, and is counted', () => {
    const stats = newWsStats();
    const tickets = new Tickets({ maxTickets: 2, ticketMs: 60_000 }, () => 0, stats);
    const [a, b, c] = ['a', 'b', 'c'].map((token) => tickets.issue(token).ticket) as [string, string, string];
    expect([tickets.redeem(a), tickets.redeem(b), tickets.redeem(c)]).toEqual([null, 'b', 'c']);
    expect(stats).toMatchObject({ tickets: 3, ticketsPushedOut: 1 });
  });
});
