import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, PARK, smoke, T0 } from '../alarms/helpers.js';
import { type Client, folder, Service } from './helpers.js';

const S = 1_000;
let files: ReturnType<typeof folder>;
let service: Service;

beforeEach(() => {
  files = folder();
});
afterEach(async () => {
  await service.stop();
  files.remove();
});

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const snapshots = (clients: readonly Client[]) =>
  Promise.all(clients.map((client) => eventually(() => expect(client.frames.length).toBeGreaterThan(0))));

it('tells all clients every event once although each turn serves one of them', async () => {
  service = await Service.start(files.dir, { limits: { turnMs: 0, burstMs: 1, urgentMs: 1 } });
  const filters = [{}, { parks: [PARK] }, { domains: ['fire'] }, { domains: ['fire', 'fire'], minPriority: 'low' }];
  const clients = await Promise.all(
    Array.from({ length: 40 }, (_, n) => service.client().subscribe(filters[n % filters.length])),
  );
  await snapshots(clients);
  const [leaving, changing] = [clients[3] as Client, clients[5] as Client];
  const sent: Promise<unknown>[] = [];
  for (let n = 0; n < 60; n += 1) {
    sent.push(service.send(smoke(T0 + n * S, n % 2 === 0)));
    // Each in a turn of its own, while the last one is still being told.
    await new Promise((resolve) => setImmediate(resolve));
    if (n === 20) leaving.socket.terminate();
    if (n === 30) await changing.subscribe({ parks: [PARK], since: 0 });
    if (n === 40) clients.push(await service.client().subscribe({ since: 7 }));
  }
  await Promise.all(sent);
  const late = clients.pop() as Client;
  await eventually(() => expect(late.seqs().at(-1)).toBe(60));
  expect(late.seqs()).toEqual(from(8, 60));
  for (const client of clients) {
    if (client === leaving || client === changing) continue;
    await eventually(() => expect(client.seqs().at(-1)).toBe(60));
    expect(client.seqs()).toEqual(from(1, 60));
  }
  const told = leaving.seqs();
  expect(told).toEqual(from(1, told.length));
  await eventually(() => expect(changing.seqs().at(-1)).toBe(60));
  // What it had of the first subscription, then everything again as it asked.
  const again = changing.seqs().lastIndexOf(1);
  expect(changing.seqs().slice(0, again)).toEqual(from(1, again));
  expect(changing.seqs().slice(again)).toEqual(from(1, 60));
});

it('gives a client that was away for long what it missed from the record, over pages and a restart', async () => {
  const limits = { recentBytes: 4_096, replayPage: 16, keptPages: 2, pieceBytes: 2_048 };
  service = await Service.start(files.dir, { limits });
  for (let n = 0; n < 150; n += 1) await service.send(smoke(T0 + n * S, n % 2 === 0));
  await service.stop();
  service = await Service.start(files.dir, { limits });
  const clients = await Promise.all([0, 1, 99, 149, 150].map((since) => service.client().subscribe({ since })));
  for (let n = 150; n < 200; n += 1) await service.send(smoke(T0 + n * S, n % 2 === 0));
  for (const [index, since] of [0, 1, 99, 149, 150].entries()) {
    const client = clients[index] as Client;
    await eventually(() => expect(client.seqs().at(-1)).toBe(200));
    expect(client.seqs()).toEqual(from(since + 1, 200));
    expect(client.frames.every((frame) => frame.type === 'alarm' || frame.type === 'flood')).toBe(true);
  }
});
