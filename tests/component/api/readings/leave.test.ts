import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { PieceStream } from '../../../../src/historian/main-thread/piece-stream.js';
import type { RawChunk, RawQuery, WindowChunk } from '../../../../src/historian/port/queries.js';
import { ADMIN, NOW, query, startService } from './service.js';

const PARQUET = 'application/vnd.apache.parquet';
const HOUR = 3_600_000;
const ROWS = 8_192;

/** A service whose questions have no answer yet: `streams` holds them, `cancelled` those that were given up. */
async function undecided() {
  const streams: PieceStream[] = [];
  const cancelled: PieceStream[] = [];
  const ask = () => {
    const stream: PieceStream = new PieceStream(
      () => undefined,
      () => cancelled.push(stream),
    );
    streams.push(stream);
    return stream as AsyncIterable<unknown>;
  };
  const service = await startService({
    historian: (lake) => ({
      raw: () => ask() as AsyncIterable<RawChunk>,
      windows: () => ask() as AsyncIterable<WindowChunk>,
      latest: (given) => lake.latest(given),
    }),
  });
  await service.store('ww-1', 'wastewater', [{ ts: NOW - 1 }]);
  return { ...service, streams, cancelled };
}

const chunkOf = (from: number): RawChunk => {
  const ts = Float64Array.from({ length: ROWS }, (_, i) => NOW - HOUR + from + i);
  return {
    series: { device: 'oh-diandu/ww-1', metric: 'ph' },
    ts,
    value: ts.map(() => Math.random()),
    flag: new Uint8Array(ROWS),
    quality: new Uint8Array(ROWS),
    receivedAt: ts,
  };
};

describe('a client that goes away', () => {
  it.each([
    ['raw readings', {}, 'application/json'],
    ['a Parquet file', {}, PARQUET],
    ['a picture', { points: 100 }, 'application/json'],
    ['windows', { every: '1h' }, 'application/json'],
    ['filled windows', { every: '1h', fill: 'linear' }, 'text/csv'],
    ['a picture of windows', { every: '1h', fill: 'previous', points: 10 }, PARQUET],
  ])('ends the query of %s before its first piece', async (_, more, accept) => {
    const { get, streams, cancelled, gate } = await undecided();
    const leaving = new AbortController();
    const asked = query('/readings', { device: 'ww-1', metric: 'ph', ...more });
    const answer = get(asked, { accept, signal: leaving.signal });
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    expect(cancelled).toEqual([]);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await vi.waitFor(() => expect(cancelled).toEqual(streams));
    await vi.waitFor(() => expect(gate.stats).toMatchObject({ running: 0, aborted: 1 }));
  });

  it.each([
    ['text/csv', 1, {}],
    [PARQUET, 4, {}],
  ])('ends the query of %s on the way', async (accept, pieces, more) => {
    const { get, streams, cancelled } = await undecided();
    const leaving = new AbortController();
    const asked = query('/readings', { device: 'ww-1', metric: 'ph', ...more });
    const answer = get(asked, { accept, signal: leaving.signal });
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    for (let n = 0; n < pieces; n += 1) streams[0]!.push(chunkOf(n * ROWS));
    const reader = (await answer).body!.getReader();
    expect((await reader.read()).done).toBe(false);
    expect(cancelled).toEqual([]);
    leaving.abort();
    await vi.waitFor(() => expect(cancelled).toEqual(streams));
  });

  it('ends the query of a picture while it is being made', async () => {
    const { get, streams, cancelled } = await undecided();
    const leaving = new AbortController();
    const asked = query('/readings', { device: 'ww-1', metric: 'ph', points: 10 });
    const answer = get(asked, { signal: leaving.signal });
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    for (let n = 0; n < 5; n += 1) streams[0]!.push(chunkOf(n * ROWS));
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await vi.waitFor(() => expect(cancelled).toEqual(streams));
  });
});

describe('HEAD', () => {
  it.each([{}, { points: 10 }, { every: '1h', fill: 'previous' }])(
    'answers the headers of %o and reads no further than the first piece',
    async (more) => {
      const { url, streams, cancelled, gate } = await undecided();
      const path = query('/readings', { device: 'ww-1', metric: 'ph', ...more });
      const asked = fetch(url + path, {
        method: 'HEAD',
        headers: { authorization: `Bearer ${ADMIN}`, accept: PARQUET },
      });
      await vi.waitFor(() => expect(streams).toHaveLength(1));
      if ('every' in more)
        streams[0]!.push({ ...chunkOf(0), start: Float64Array.of(NOW - HOUR), value: Float64Array.of(1) });
      else streams[0]!.push(chunkOf(0));
      if ('points' in more) streams[0]!.push({ ...chunkOf(0), series: { device: 'oh-diandu/ww-2', metric: 'ph' } });
      const answer = await asked;
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe(PARQUET);
      expect(answer.headers.get('content-disposition')).toContain('.parquet');
      await vi.waitFor(() => expect(cancelled).toEqual(streams));
      await vi.waitFor(() => expect(gate.stats.running).toBe(0));
    },
  );
});

describe('a long answer', () => {
  it.each(['text/csv', PARQUET])('of %s takes no more memory the longer it gets', async (accept) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held: number[] = [];
    const chunks = 300;
    const { store, get } = await startService({
      historian: (lake) => ({
        latest: (given) => lake.latest(given),
        windows: (given) => lake.windows(given),
        async *raw({ series }: RawQuery) {
          for (let n = 0; n < chunks; n += 1) {
            yield { ...chunkOf(n * ROWS), series: series[0]! };
            if (n % 20 !== 19) continue;
            collect();
            const { heapUsed, arrayBuffers } = process.memoryUsage();
            held.push(heapUsed + arrayBuffers);
          }
        },
      }),
    });
    await store('ww-1', 'wastewater', []);
    const answer = await get(query('/readings', { device: 'ww-1', metric: 'ph', from: 0 }), { accept });
    let bytes = 0;
    for await (const piece of answer.body!) bytes += (piece as Uint8Array).length;
    expect(bytes).toBeGreaterThan(chunks * ROWS * 8);
    expect(held).toHaveLength(15);
    // 2.5 million rows are 20 MB of bytes at the very least, and some 100 MB as values.
    expect(held.at(-1)! - held[1]!).toBeLessThan(10_000_000);
  });
});
