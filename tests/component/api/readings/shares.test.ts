import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { COD } from '../../../unit/alarms/model/rules/helpers.js';
import { startHttp } from '../docs-service.js';
import { NOW, PARK } from './service.js';

const READINGS = 240_000;
const OF_MESSAGE = 1_000;
const PARQUET = 'application/vnd.apache.parquet';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const WAIT = { timeout: 30_000, interval: 20 };

const { version: _, ...rule } = COD;
const DRY_RUN = { rule, from: String(NOW - 3_600_000), to: String(NOW), devices: ['ww-1'] };

/** A service with one long series, of which no socket buffer holds an answer, and two tokens of its park. */
async function busyService(readings = READINGS) {
  const service = await startHttp();
  const { ingest, historian, journal, registry, url } = service;
  const topic = `parks/${PARK}/wastewater/ww-1/readings`;
  const send = (items: object[]) =>
    ingest.accept({ gateway: 'gw-1', park: PARK, topic, payload: Buffer.from(JSON.stringify(items)) });
  for (let from = 0; from < readings; from += OF_MESSAGE) {
    const ts = (i: number) => NOW - (readings - from - i) * 1_000;
    await send(Array.from({ length: OF_MESSAGE }, (_, i) => ({ ts: ts(i), values: { cod_mg_l: 40 + (i % 9) } })));
  }
  await historian.caughtUp(journal.head());
  const token = (name: string) =>
    registry.createToken({ name, role: 'operator', parks: [PARK], districts: [], expiresAt: null }, 'test').secret;
  const ask = (path: string, as: string, accept = 'application/json', init: RequestInit = {}) =>
    fetch(`${url}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${as}`, accept, ...init.headers } });
  const post = (path: string, as: string, json?: object) =>
    ask(path, as, 'application/json', {
      method: 'POST',
      ...(json && { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
    });
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  /** Asks and reads nothing of the answer. */
  const askOnly = (path: string, as: string, accept: string) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `GET /api/v1${path} HTTP/1.1\r\nhost: park\r\nauthorization: Bearer ${as}\r\naccept: ${accept}\r\n\r\n`,
    );
    sockets.push(socket);
  };
  return { ...service, send, ask, post, askOnly, sockets, hostile: token('hostile'), other: token('other') };
}

const LONG = `/readings?device=ww-1&metric=cod_mg_l&from=0`;
const SHORT = `/readings?device=ww-1&metric=cod_mg_l&from=${NOW - 60_000}`;

it('a token that holds all it may keeps no other from readings, exports and replays', async () => {
  const { ask, post, askOnly, send, sockets, hostile, other, queries, quarantine, time } = await busyService();
  // Ahead of the clock: stored by a replay once it is time.
  await send([{ ts: NOW + 600_000, values: { cod_mg_l: 41 } }]);
  const [message] = quarantine.list({ limit: 1 });
  time.now = NOW + 900_000;

  for (let i = 0; i < 3 * queries.share; i += 1) {
    askOnly(LONG, hostile, ['application/json', 'text/csv', PARQUET][i % 3]!);
  }
  await vi.waitFor(() => expect(queries.stats).toMatchObject({ running: queries.share }), WAIT);
  await vi.waitFor(() => expect(queries.stats.turnedAway).toBe(2 * queries.share), WAIT);
  for (const path of [SHORT, '/latest', '/quarantine', '/statistics?limit=1']) {
    const answer = await ask(path, hostile, path.startsWith('/statistics') ? XLSX : 'application/json');
    expect([path, answer.status]).toEqual([path, 429]);
    expect(await answer.json()).toMatchObject({ code: 'too_many_own_queries', limit: queries.share });
  }

  for (const accept of ['application/json', 'text/csv', PARQUET]) {
    const answer = await ask(SHORT, other, accept);
    expect([accept, answer.status, (await answer.arrayBuffer()).byteLength > 100]).toEqual([accept, 200, true]);
  }
  expect((await ask('/latest', other)).status).toBe(200);
  for (const path of ['/statistics', '/statistics/template.xlsx']) {
    const answer = await ask(path, other, XLSX);
    expect([path, answer.status, (await answer.arrayBuffer()).byteLength > 1_000]).toEqual([path, 200, true]);
  }
  const dryRun = await post('/alarm-rules/dry-run', other, DRY_RUN);
  expect([dryRun.status, await dryRun.json()]).toMatchObject([200, { subjects: [{ subject: 'ww-1' }] }]);
  const replay = await post(`/quarantine/${message!.id}/replay`, other);
  expect([replay.status, await replay.json()]).toEqual([200, { id: message!.id, readings: 1 }]);

  for (const socket of sockets) socket.destroy();
  await vi.waitFor(() => expect(queries.stats.running).toBe(0), WAIT);
  expect((await ask(SHORT, hostile)).status).toBe(200);
}, 60_000);

it('replays of one token at once are a share of all, and another token replays meanwhile', async () => {
  const { post, send, hostile, other, quarantine, time } = await busyService(0);
  for (let i = 0; i < 6; i += 1) await send([{ ts: NOW + 600_000 + i, values: { cod_mg_l: 41 } }]);
  const ids = quarantine.list({ limit: 6 }).map(({ id }) => id);
  time.now = NOW + 900_000;
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const replay = quarantine.replay.bind(quarantine);
  let begun = 0;
  vi.spyOn(quarantine, 'replay').mockImplementation(async (id, by) => {
    begun += 1;
    if (begun <= 4) await held;
    return replay(id, by);
  });
  const stuck = ids.slice(0, 4).map((id) => post(`/quarantine/${id}/replay`, hostile));
  await vi.waitFor(() => expect(begun).toBe(4), WAIT);
  const refused = await post(`/quarantine/${ids[4]}/replay`, hostile);
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'too_many_own_queries', limit: 4 }]);
  expect((await post(`/quarantine/${ids[5]}/replay`, other)).status).toBe(200);
  goOn();
  expect((await Promise.all(stuck)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await post(`/quarantine/${ids[4]}/replay`, hostile)).status).toBe(200);
}, 60_000);
