import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, smoke, T0 } from '../alarms/helpers.js';
import { folder, Service } from './helpers.js';

const S = 1_000;
let files: ReturnType<typeof folder>;
let service: Service;

const start = async (limits: object = {}) => {
  service = await Service.start(files.dir, { limits });
};
beforeEach(() => {
  files = folder();
});
afterEach(async () => {
  await service.stop();
  files.remove();
});

describe('a client of /ws/alarms that misbehaves', () => {
  it.each([
    ['no JSON', '{', /not JSON/],
    ['another type', '{"type":"hello"}', /type/],
    ['an unknown field', '{"type":"subscribe","park":"a"}', /park/],
    ['an unknown domain', '{"type":"subscribe","domains":["air"]}', /domains/],
    ['a negative since', '{"type":"subscribe","since":-1}', /since/],
    ['an id that can be none', '{"type":"subscribe","parks":["a/b"]}', /parks/],
    ['too long a message', JSON.stringify({ type: 'subscribe', x: 'x'.repeat(4_096) }), /4096 bytes/],
    ['bytes', Buffer.from('{"type":"subscribe"}'), /text/],
  ])('that sends %s is told what is wrong and closed with 1008', async (_, message, detail) => {
    await start();
    const client = service.client();
    await client.opened;
    client.socket.send(message);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames).toEqual([
      { type: 'error', code: 'invalid_subscribe', detail: expect.stringMatching(detail) },
    ]);
    expect(service.stats.garbage).toBe(1);
  });

  it('is cut off when a frame is out of all bounds', async () => {
    await start();
    const client = service.client();
    await client.opened;
    client.socket.send('x'.repeat(17 * 1024));
    expect((await client.closed).code).toBe(1009);
  });

  it('is closed when it subscribes over and over', async () => {
    await start({ maxMessages: 3 });
    const client = service.client();
    for (let n = 0; n < 4; n += 1) await client.subscribe();
    expect(await client.closed).toMatchObject({ code: 1008, reason: 'too_many_messages' });
  });

  it('is closed when it never subscribes', async () => {
    await start({ idleMs: 20 });
    const client = service.client();
    const good = await service.client().subscribe();
    expect((await client.closed).code).toBe(1008);
    expect(service.stats.idle).toBe(1);
    expect(good.socket.readyState).toBe(good.socket.OPEN);
  });

  it('is dropped when it does not answer pings; others stay', async () => {
    await start({ pingMs: 250 });
    const dead = await service.client().subscribe();
    const alive = await service.client().subscribe();
    await eventually(() => expect(dead.frames).toHaveLength(1));
    dead.socket.pause();
    await eventually(() => expect(service.stats.dead).toBe(1));
    expect(service.stats.clients).toBe(1);
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
  });

  it('is closed with 4008 when it does not read, and can resume; others get everything meanwhile', async () => {
    await start({ recentBytes: 64 * 1024, stallMs: 1_000 });
    const slow = await service.client().subscribe();
    const good = await service.client().subscribe();
    await eventually(() => expect([slow.frames.length, good.frames.length]).toEqual([1, 1]));
    slow.socket.pause();
    let at = T0;
    // What the kernel holds for a socket on loopback is megabytes.
    while (service.stats.slow === 0 && at < T0 + 60_000 * S) {
      at += S;
      await service.send(...Array.from({ length: 200 }, (_, n) => smoke(at, (at - T0) % (2 * S) === S, `s-${n}`)));
    }
    expect(service.stats).toMatchObject({ slow: 1, shed: 0 });
    const head = service.alarms.headSeq();
    await eventually(() => expect(good.seqs().at(-1)).toBe(head));
    expect(good.seqs()).toEqual(Array.from({ length: head }, (_, n) => n + 1));

    slow.socket.resume();
    expect((await slow.closed).code).toBe(4008);
    const got = slow.seqs();
    expect(got).toEqual(Array.from({ length: got.length }, (_, n) => n + 1));
    const again = await service.client().subscribe({ since: got.at(-1)! });
    await eventually(() => expect(again.seqs().at(-1)).toBe(head));
    expect([...got, ...again.seqs()]).toEqual(good.seqs());
    // What was waiting for the slow one was what it had not taken yet, never all that happened since.
    await eventually(() => expect(service.stats.unsentBytes).toBe(0));
  });

  it('is ended when too much is unsent for all together; others stay', async () => {
    const maxUnsentBytes = 100 * 1024;
    await start({ maxUnsentBytes, pieceBytes: 64 * 1024 });
    const clients = await Promise.all(Array.from({ length: 7 }, () => service.client().subscribe()));
    for (const client of clients) await eventually(() => expect(client.frames).toHaveLength(1));
    const [good, ...sleeping] = clients;
    for (const { socket } of sleeping) socket.pause();
    let at = T0;
    while (service.stats.shed === 0 && at < T0 + 60_000 * S) {
      at += S;
      await service.send(...Array.from({ length: 200 }, (_, n) => smoke(at, (at - T0) % (2 * S) === S, `s-${n}`)));
      expect(service.stats.unsentBytes).toBeLessThanOrEqual(maxUnsentBytes);
    }
    expect(service.stats.shed).toBeGreaterThan(0);
    const head = service.alarms.headSeq();
    const everything = Array.from({ length: head }, (_, n) => n + 1);
    await eventually(() => expect(good?.seqs().at(-1)).toBe(head));
    expect(good?.seqs()).toEqual(everything);
    for (const { socket } of sleeping) socket.resume();
    let ended = 0;
    for (const client of sleeping) {
      await eventually(() =>
        expect(client.socket.readyState === client.socket.CLOSED || client.seqs().at(-1) === head).toBe(true),
      );
      if (client.socket.readyState === client.socket.CLOSED) ended += 1;
      expect(client.seqs()).toEqual(everything.slice(0, client.seqs().length));
    }
    expect(ended).toBe(service.stats.shed);
    expect(service.stats.slow).toBe(service.stats.shed);
  });

  it('is closed with 4008 when it does not take its replay in time, and cut off if it never reads', async () => {
    await start({ stallMs: 50, closeGraceMs: 50 });
    for (let n = 0; n < 40; n += 1) {
      await service.send(...Array.from({ length: 500 }, (_, d) => smoke(T0 + n * S, n % 2 === 0, `s-${d}`)));
    }
    const client = await service.client().subscribe({ since: 0 });
    client.socket.pause();
    await eventually(() => expect(service.stats.slow).toBe(1));
    await eventually(() => expect(service.stats.clients).toBe(0));
  });
});

describe('a client of /ws/alarms that reads', () => {
  it('gets a snapshot part by part, control frames between, and the events after it', async () => {
    await start({ pieceBytes: 4 * 1024 });
    await service.send(...Array.from({ length: 2_000 }, (_, n) => smoke(T0, true, `s-${n}`)));
    const client = service.client();
    await client.subscribe();
    let pongs = 0;
    client.socket.on('pong', () => {
      pongs += 1;
    });
    await eventually(() => {
      client.socket.ping();
      expect(service.stats.snapshots).toBe(1);
    });
    for (let n = 0; n < 20; n += 1) client.socket.ping();
    await eventually(() => expect(pongs).toBeGreaterThanOrEqual(20));
    await service.send(smoke(T0 + S, false, 's-0'));
    await eventually(() => expect(client.seqs()).toEqual([2_001]));
    expect(client.frames[0]?.alarms).toHaveLength(2_000);
  });
});

describe('/ws/readings', () => {
  it('tells live values of the parks and devices asked for', async () => {
    await start();
    const client = await service.client(undefined, '/ws/readings').subscribe({ devices: ['s-1'] });
    await eventually(() => expect(client.frames).toEqual([{ type: 'subscribed' }]));
    await service.send(smoke(T0, true, 's-2'), smoke(T0, true, 's-1'));
    await eventually(() => expect(client.frames).toHaveLength(2));
    expect(client.frames[1]).toEqual({
      type: 'readings',
      park: 'oh-diandu',
      domain: 'fire',
      device: 's-1',
      receivedAt: '2026-11-23T00:00:00.000Z',
      readings: [{ metric: 'smoke_alarm', ts: '2026-11-23T00:00:00.000Z', value: 1, flag: 'N', quality: 'good' }],
    });
  });
});
