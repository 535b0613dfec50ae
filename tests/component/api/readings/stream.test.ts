import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import {
  HistorianUnavailableError,
  QueryTimedOutError,
  TooManyQueriesError,
} from '../../../../src/historian/port/errors.js';
import type {
  HistorianQueries,
  LatestQuery,
  RawChunk,
  RawQuery,
  WindowQuery,
} from '../../../../src/historian/port/queries.js';
import { OpenQueries } from '../../../../src/http/open-queries.js';
import { ADMIN, json, NOW, query, ramp, startService } from './service.js';

const HOUR = 3_600_000;
const ROWS = 8192;

/** A chunk as the lake makes them: `ROWS` readings 10 s apart. */
function chunkOf(series: RawChunk['series'], number: number): RawChunk {
  const ts = Float64Array.from({ length: ROWS }, (_, i) => NOW - 400 * 24 * HOUR + (number * ROWS + i) * 10_000);
  return {
    series,
    ts,
    value: ts.map((t) => (t / 1000) % 97),
    flag: new Uint8Array(ROWS),
    quality: new Uint8Array(ROWS),
    receivedAt: ts,
  };
}

interface Failure {
  readonly at: number;
  readonly error?: Error;
}

/** A history of `chunks` chunks, made as they are read; `watch` tells how far it was read and whether it was ended. */
function longHistory(chunks: number, fail?: Failure) {
  const watch = { read: 0, ended: false };
  const queries = (rest: Pick<HistorianQueries, 'windows' | 'latest'>) => ({
    latest: (given: LatestQuery) => rest.latest(given),
    windows: (given: WindowQuery) => rest.windows(given),
    async *raw({ series }: RawQuery) {
      try {
        for (let n = 0; n < chunks; n++) {
          if (fail?.at === n) throw fail.error ?? new Error('the disk broke');
          watch.read += 1;
          yield chunkOf(series[0]!, n);
        }
      } finally {
        watch.ended = true;
      }
    },
  });
  return { watch, queries };
}

const path = query('/readings', { device: 'ww-1', metric: 'ph', from: 0 });

/** Asks and reads nothing of the answer. */
function ask(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: park\r\nauthorization: Bearer ${ADMIN}\r\n\r\n`);
  return socket;
}

async function withHistory(chunks: number, fail?: Failure, gate?: OpenQueries) {
  const { watch, queries } = longHistory(chunks, fail);
  const service = await startService({ historian: queries, ...(gate && { gate }) });
  await service.store('ww-1', 'wastewater', []);
  return { ...service, watch };
}

describe('an answer on its way', () => {
  it('is written as it is read: a client that stops reading stops the query', async () => {
    const { url, watch, gate } = await withHistory(100);
    const socket = ask(url);
    await once(socket, 'readable');
    socket.read(100);
    let before = -1;
    await vi.waitFor(
      () => {
        const still = before === watch.read;
        before = watch.read;
        expect(still).toBe(true);
      },
      { interval: 200, timeout: 10_000 },
    );
    // 100 chunks are about 90 MB of text; the buffers of two sockets hold a few.
    expect(watch.read).toBeLessThan(30);
    expect(watch.ended).toBe(false);
    expect(gate.stats.running).toBe(1);
    socket.destroy();
    await vi.waitFor(() => expect(watch.ended).toBe(true));
    await vi.waitFor(() => expect(gate.stats).toMatchObject({ running: 0, aborted: 1 }));
    expect(watch.read).toBeLessThan(30);
  });

  it('is one whole document however long it is', async () => {
    const { get, gate, watch } = await withHistory(12);
    const body = await json(await get(path));
    expect(body.series[0]!.points).toHaveLength(12 * ROWS);
    expect(body.nextCursor).toBeNull();
    expect(watch).toEqual({ read: 12, ended: true });
    await vi.waitFor(() => expect(gate.stats).toEqual({ running: 0, turnedAway: 0, aborted: 0 }));
  });

  it.each([undefined, new QueryTimedOutError(60_000)])(
    'breaks the connection when the store fails on the way, and never ends as a whole document: %s',
    async (error) => {
      const { get, gate } = await withHistory(12, { at: 5, ...(error && { error }) });
      for (const accept of ['application/json', 'text/csv', 'application/vnd.apache.parquet']) {
        const answer = await get(path, { accept });
        expect(answer.status).toBe(200);
        await expect(answer.arrayBuffer()).rejects.toThrow();
      }
      await vi.waitFor(() => expect(gate.stats).toMatchObject({ running: 0, aborted: 3 }));
    },
  );

  it('is a problem when the store fails before the first chunk, and tells no secrets', async () => {
    const { get, gate } = await withHistory(12, { at: 0 });
    const answer = await get(path);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('disk broke');
    await vi.waitFor(() => expect(gate.stats.running).toBe(0));
  });

  it.each([new TooManyQueriesError(64), new HistorianUnavailableError('/secret/path')])(
    'asks to try again when the store is not there: %s',
    async (error) => {
      const fail = () => {
        throw error;
      };
      const { get, store } = await startService({
        historian: () => ({ raw: fail, windows: fail, latest: () => Promise.reject(error) }),
      });
      await store('ww-1', 'wastewater', []);
      for (const asked of ['/readings?device=ww-1&metric=ph', '/readings?device=ww-1&every=1h', '/latest']) {
        const answer = await get(`/api/v1${asked}`);
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(await answer.text()).not.toContain('secret');
      }
    },
  );

  it('turns a query away when as many as the bound are being answered, and takes one again afterwards', async () => {
    const { url, get, gate } = await withHistory(100, undefined, new OpenQueries(2, 3));
    const stuck = [ask(url), ask(url)];
    await vi.waitFor(() => expect(gate.stats.running).toBe(2));
    const refused = await get(path);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await json(refused)).toMatchObject({ code: 'too_many_queries', limit: 2 });
    expect(gate.stats.turnedAway).toBe(1);
    for (const socket of stuck) socket.destroy();
    await vi.waitFor(() => expect(gate.stats.running).toBe(0));
    expect((await get(query('/readings', { device: 'ww-1', every: '1d' }))).status).toBe(200);
  });
});

describe('the share of a token', () => {
  it('is all that one token gets: another is still answered, and what is read gives its place back', async () => {
    const { url, get, gate, token } = await withHistory(100, undefined, new OpenQueries(8, 2));
    const other = token('operator');
    const stuck = [ask(url), ask(url)];
    await vi.waitFor(() => expect(gate.stats.running).toBe(2));
    const short = query('/readings', { device: 'ww-1', every: '1d' });
    const refused = await get(short);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await json(refused)).toMatchObject({ code: 'too_many_own_queries', limit: 2 });
    expect((await get(short, { token: other })).status).toBe(200);
    for (const socket of stuck) socket.destroy();
    await vi.waitFor(() => expect(gate.stats.running).toBe(0));
    expect((await get(short)).status).toBe(200);
  });

  it.each([
    [64, 16],
    [16, 4],
    [4, 3],
    [2, 1],
    [1, 1],
  ])('of %d places is %d by default', (limit, share) => {
    expect(new OpenQueries(limit).share).toBe(share);
  });
});

describe('the bound of one answer', () => {
  it('is named, with ways to ask for less, when there are more raw readings', async () => {
    const { store, get } = await startService({ maxRawReadings: 20_000, maxStreamedReadings: 20_000 });
    await store('ww-1', 'wastewater', ramp('ph', 20_000, 1000));
    const path = query('/readings', { device: 'ww-1', from: 0 });
    const whole = await get(path, { accept: 'text/csv' });
    expect(whole.status).toBe(200);
    expect((await whole.text()).match(/\n/g)).toHaveLength(20_001);
    await store('ww-1', 'wastewater', [{ ts: NOW - 1 }]);
    const refused = await get(path);
    expect(refused.status).toBe(422);
    const body = await json(refused);
    expect(body).toMatchObject({ code: 'too_many_readings', bound: 'raw_readings', limit: 20_000 });
    expect(body.detail).toMatch(/narrow from and to.*every=1h.*limit=/);
    for (const accept of ['text/csv', 'application/vnd.apache.parquet']) {
      expect((await get(path, { accept })).status).toBe(422);
    }
    expect((await get(`${path}&points=10`)).status).toBe(422);
    const page = await json(await get(`${path}&limit=3`));
    expect(page.series[0]!.points).toHaveLength(3);
  });

  it('is wider for what is read as it comes, and behind a picture', async () => {
    const { store, get } = await startService({ maxRawReadings: 20, maxStreamedReadings: 100 });
    await store('ww-1', 'wastewater', ramp('ph', 100, 1000));
    const path = query('/readings', { device: 'ww-1', from: 0 });
    expect((await get(path)).status).toBe(422);
    for (const accept of ['text/csv', 'application/vnd.apache.parquet']) {
      expect((await get(path, { accept })).status).toBe(200);
    }
    expect((await json(await get(`${path}&points=10`))).series[0]!.points).toHaveLength(10);
  });

  it('counts windows of all series together', async () => {
    const { store, get } = await startService();
    for (const device of ['ww-1', 'ww-2']) await store(device, 'wastewater', ramp('ph', 2, HOUR));
    const from = NOW - 50_000 * 60_000;
    const ask = (device: string) => get(query('/readings', { device, metric: 'ph', from, every: '1m', fn: 'count' }));
    expect((await ask('ww-1,ww-2')).status).toBe(200);
    const refused = await get(query('/readings', { device: 'ww-1,ww-2', metric: 'ph', from: from - 1, every: '1m' }));
    expect(await json(refused)).toMatchObject({ status: 422, bound: 'windows', limit: 100_000 });
  });
});
