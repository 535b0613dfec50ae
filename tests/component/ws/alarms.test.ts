import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cod, eventually, PARK, smoke, T0 } from '../alarms/helpers.js';
import { type Client, folder, Service } from './helpers.js';

const S = 1_000;
const OTHER = 'lc-xiedu-1';
let files: ReturnType<typeof folder>;
let service: Service;

const start = async (...options: Parameters<typeof Service.start> extends [string, ...infer R] ? R : never) => {
  service = await Service.start(files.dir, ...options);
  return service;
};
beforeEach(() => {
  files = folder();
});
afterEach(async () => {
  await service.stop();
  files.remove();
});

const framesOf = (client: Client, count: number) =>
  eventually(() => {
    expect(client.frames.length).toBeGreaterThanOrEqual(count);
    return client.frames;
  });

describe('/ws/alarms', () => {
  it('answers a subscription with a snapshot, then with each event', async () => {
    await start();
    await service.send(smoke(T0, true, 'smoke-1'));
    const client = await service.client().subscribe();
    expect(await framesOf(client, 1)).toEqual([
      {
        type: 'snapshot',
        seq: 1,
        alarms: [
          expect.objectContaining({
            id: 'smoke-alarm:smoke-1',
            state: 'unack_active',
            priority: 'critical',
            message: { zh: '感烟探测器火警', en: 'Smoke detected' },
            raisedAt: '2026-11-23T00:00:00.000Z',
            clearedAt: null,
            seq: 1,
          }),
        ],
      },
    ]);
    await service.send(smoke(T0 + S, true, 'smoke-2'));
    await service.send(smoke(T0 + 2 * S, false, 'smoke-1'));
    const [, raised, cleared] = await framesOf(client, 3);
    expect(raised).toMatchObject({ type: 'alarm', seq: 2, event: 'raised', alarm: { id: 'smoke-alarm:smoke-2' } });
    expect(cleared).toMatchObject({
      type: 'alarm',
      seq: 3,
      event: 'cleared',
      alarm: { id: 'smoke-alarm:smoke-1', state: 'latched_rtn', clearedAt: '2026-11-23T00:00:02.000Z' },
    });
  });

  it('tells of the service itself who is not limited to parks, and did not ask for something else', async () => {
    await start();
    const limited = service.token('operator', { parks: [PARK] });
    const clients = {
      all: await service.client().subscribe(),
      named: await service.client().subscribe({ parks: [PARK], domains: ['fire', 'system'] }),
      park: await service.client().subscribe({ parks: [PARK] }),
      fire: await service.client().subscribe({ domains: ['fire'] }),
      limited: await service.client(limited).subscribe(),
      limitedNamed: await service.client(limited).subscribe({ domains: ['fire', 'system'] }),
    };
    for (const client of Object.values(clients)) await framesOf(client, 1);
    service.alarms.observe('journal_fill_pct', 75, T0);
    await service.send(smoke(T0, true));
    const told = new Map<string, string[]>();
    for (const [name, client] of Object.entries(clients)) {
      await eventually(() => expect(client.frames.at(-1)?.alarm?.id).toBe('smoke-alarm:smoke-1'));
      told.set(
        name,
        client.frames.slice(1).map(({ alarm }) => alarm.id),
      );
    }
    const both = ['journal-filling:journal', 'smoke-alarm:smoke-1'];
    const others = ['smoke-alarm:smoke-1'];
    expect(Object.fromEntries(told)).toEqual({
      all: both,
      named: both,
      park: others,
      fire: others,
      limited: others,
      limitedNamed: others,
    });
    const late = await service.client(limited).subscribe({ since: 0 });
    await framesOf(late, 1);
    expect(late.seqs()).toEqual([2]);
    expect((await framesOf(await service.client(limited).subscribe(), 1))[0]?.alarms).toHaveLength(1);
    expect((await framesOf(await service.client().subscribe(), 1))[0]?.alarms).toHaveLength(2);
  });

  it('shows what was asked for: parks, domains and least priority', async () => {
    await start();
    const here = await service.client().subscribe({ parks: [PARK] });
    const water = await service.client().subscribe({ domains: ['wastewater'] });
    const urgent = await service.client().subscribe({ minPriority: 'critical' });
    const all = await service.client().subscribe({ parks: [], domains: [] });
    for (const client of [here, water, urgent, all]) await framesOf(client, 1);
    await service.send(smoke(T0, true, 's-here'), { ...smoke(T0, true, 's-other'), park: OTHER }, cod(T0, 900));
    await service.send(cod(T0 + 60 * S, 900));
    await framesOf(all, 4);
    const ids = (client: Client) => client.frames.slice(1).map((frame) => frame.alarm.id);
    expect(ids(all)).toEqual(['smoke-alarm:s-here', 'smoke-alarm:s-other', 'cod-high:outlet-1']);
    expect(ids(here)).toEqual(['smoke-alarm:s-here', 'cod-high:outlet-1']);
    expect(ids(water)).toEqual(['cod-high:outlet-1']);
    expect(ids(urgent)).toEqual(['smoke-alarm:s-here', 'smoke-alarm:s-other']);
  });

  it('never shows what is outside the scope of the token, in snapshot, replay or live', async () => {
    await start();
    await service.send(smoke(T0, true, 's-1'), { ...smoke(T0, true, 's-2'), park: OTHER });
    const scoped = service.token('operator', { parks: [PARK] });
    const district = service.token('viewer', { districts: ['lucheng'] });
    const clients = await Promise.all([
      service.client(scoped).subscribe({ parks: [PARK, OTHER] }),
      service.client(scoped).subscribe({ parks: [OTHER] }),
      service.client(scoped).subscribe({ since: 0 }),
      service.client(district).subscribe(),
    ]);
    await Promise.all([
      framesOf(clients[0]!, 1),
      framesOf(clients[1]!, 1),
      framesOf(clients[2]!, 1),
      framesOf(clients[3]!, 1),
    ]);
    await service.send(smoke(T0 + S, false, 's-1'), { ...smoke(T0 + S, false, 's-2'), park: OTHER });
    await Promise.all([framesOf(clients[0]!, 2), framesOf(clients[2]!, 2), framesOf(clients[3]!, 2)]);
    const parks = (client: Client) =>
      client.frames.flatMap((frame) =>
        frame.type === 'snapshot' ? frame.alarms.map((a) => a.park) : [frame.alarm.park],
      );
    expect(parks(clients[0]!)).toEqual([PARK, PARK]);
    expect(parks(clients[1]!)).toEqual([]);
    expect(parks(clients[2]!)).toEqual([PARK, PARK]);
    expect(parks(clients[3]!)).toEqual([OTHER, OTHER]);
  });

  it('resumes with every event after `since`, none lost or doubled while events go on', async () => {
    await start({ limits: { replayPage: 7 } });
    let at = T0;
    const flip = async () => {
      at += S;
      await service.send(smoke(at, true));
      at += S;
      await service.send(smoke(at, false));
    };
    for (let n = 0; n < 50; n += 1) await flip();
    const clients = [0, 33, 100].map((since) => service.client().subscribe({ since }));
    const late = service.client();
    for (let n = 0; n < 50; n += 1) {
      await flip();
      if (n === 20) clients.push(late.subscribe({ since: 10 }));
    }
    const from = (first: number) => Array.from({ length: 200 - first }, (_, n) => first + n + 1);
    for (const [index, since] of [0, 33, 100, 10].entries()) {
      const client = await clients[index]!;
      await eventually(() => expect(client.seqs().at(-1)).toBe(200));
      expect(client.seqs()).toEqual(from(since));
      expect(client.frames.some(({ type }) => type !== 'alarm' && type !== 'flood')).toBe(false);
    }
  });

  it('resumes over a restart of the service', async () => {
    await start();
    const before = await service.client().subscribe();
    await framesOf(before, 1);
    await service.send(smoke(T0, true, 's-1'));
    await framesOf(before, 2);
    await service.stop();
    expect((await before.closed).code).toBe(1001);
    await start();
    await service.send(smoke(T0 + S, true, 's-2'));
    const after = await service.client().subscribe({ since: before.seqs().at(-1)! });
    await service.send(smoke(T0 + 2 * S, true, 's-3'));
    await eventually(() => expect([...before.seqs(), ...after.seqs()]).toEqual([1, 2, 3]));
  });

  it.each([
    ['is no longer kept', 1],
    ['was never given', 1_000],
  ])('answers a `since` that %s with a gap and a snapshot', async (_, since) => {
    await start({ alarm: { keepEvents: 3 } });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await service.send(smoke(T0, true, id));
    const client = await service.client().subscribe({ since });
    const frames = await framesOf(client, 2);
    expect(frames[0]).toEqual({ type: 'gap' });
    expect(frames[1]).toMatchObject({ type: 'snapshot', seq: 5 });
    expect(frames[1]!.alarms).toHaveLength(5);
    await service.send(smoke(T0 + S, false, 'a'));
    await eventually(() => expect(client.seqs()).toEqual([6]));
    expect(service.stats.gaps).toBe(1);
  });

  it('replays from the oldest event kept without a gap', async () => {
    await start({ alarm: { keepEvents: 3 } });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await service.send(smoke(T0, true, id));
    const client = await service.client().subscribe({ since: 2 });
    await eventually(() => expect(client.frames.map((frame) => frame.seq)).toEqual([3, 4, 5]));
  });

  it('starts anew with a second subscription', async () => {
    await start();
    await service.send(smoke(T0, true, 's-1'));
    const client = await service.client().subscribe({ parks: [OTHER] });
    await framesOf(client, 1);
    await client.subscribe({ parks: [PARK] });
    await framesOf(client, 2);
    await service.send({ ...smoke(T0, true, 's-2'), park: OTHER }, smoke(T0, true, 's-3'));
    await framesOf(client, 3);
    expect(client.frames.map((frame) => frame.alarms?.length ?? frame.alarm.id)).toEqual([0, 1, 'smoke-alarm:s-3']);
  });
});
