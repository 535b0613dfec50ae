import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { InfluxDB, setLogger } from '@influxdata/influxdb-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bodyText } from '../../helpers/influx/fault-log.js';
import { type Fault, FaultProxy } from '../../helpers/influx/fault-proxy.js';
import { authorization, writeLines } from '../../helpers/influx/http.js';
import { describeOnEngines, findEngines } from '../../helpers/influx/influx.js';

const BAD_LUCK = /fetch failed|terminated|other side closed/;

describeOnEngines('the fault proxy', await findEngines(), (engine) => {
  let proxy: FaultProxy;
  let bucket: string;

  beforeEach(async () => {
    proxy = await FaultProxy.start(engine.url);
    bucket = engine.freshBucket();
    await engine.create(bucket);
  });
  afterEach(async () => {
    await proxy.close();
    await engine.drop(bucket);
  });

  const write = (lines: string) => {
    const { api, token, org } = engine;
    return writeLines({ api, token, org, url: proxy.url }, bucket, lines);
  };
  const kept = async () => (await engine.query(bucket, 'select v from m where time >= 0'))[0]?.values.length ?? 0;
  const queryUrl = () => `${proxy.url}/query?${new URLSearchParams({ db: bucket, q: 'select v from m' })}`;
  const ask = () => fetch(queryUrl(), { headers: authorization(engine) });

  it('passes everything on, and counts and keeps what passed', async () => {
    await write('m v=1 1000');
    expect(await kept()).toBe(1);
    await (await ask()).text();
    expect([proxy.log.count('write'), proxy.log.count('query'), proxy.log.count('admin')]).toEqual([1, 1, 0]);
    await proxy.log.quiet();
    const [seen] = proxy.log.ended;
    expect(seen).toMatchObject({ kind: 'write', method: 'POST', reached: true, status: 204, fault: null });
    expect(bodyText(seen!)).toBe('m v=1 1000');
  });

  it('refuses connections while it is down, and takes them again on the same port', async () => {
    await write('m v=1 1000');
    await proxy.down();
    await expect(write('m v=2 2000')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await proxy.up();
    await write('m v=2 2000');
    expect(await kept()).toBe(2);
  });

  it.each([
    ['401', { kind: 'answer', status: 401, body: '{"error":"unauthorized"}' }, /401 .*unauthorized/],
    ['429', { kind: 'answer', status: 429, headers: { 'retry-after': '7' } }, /429/],
    ['500', { kind: 'answer', status: 500, body: 'no space left on device' }, /500 no space left on device/],
    ['a body that is too large', { kind: 'limit', bytes: 5 }, /413/],
    ['a cut before the engine', { kind: 'cut-before' }, BAD_LUCK],
    ['a cut within the request', { kind: 'cut-request' }, BAD_LUCK],
  ] satisfies [string, Fault, RegExp][])('%s keeps a write from the engine, once', async (_name, fault, expected) => {
    const injected = proxy.inject(fault, { on: 'write', times: 1 });
    await expect(write('m v=1 1000')).rejects.toThrow(expected);
    expect(await kept()).toBe(0);
    await write('m v=1 1000');
    expect(await kept()).toBe(1);
    expect(injected.hits).toBe(1);
    await proxy.log.quiet();
    expect(proxy.log.ended[0]).toMatchObject({ reached: false, fault: fault.kind });
  });

  it('gives the headers of its answers', async () => {
    proxy.inject({ kind: 'answer', status: 503, headers: { 'retry-after': '7' } });
    expect((await ask()).headers.get('retry-after')).toBe('7');
  });

  it('lets a body of just the size through', async () => {
    proxy.inject({ kind: 'limit', bytes: 10 }, { on: 'write' });
    await write('m v=1 1000');
    await expect(write('m v=1 10000')).rejects.toThrow('413');
  });

  it.each([
    ['a cut after the engine took it', { kind: 'cut-after' }, BAD_LUCK],
    ['a 504 after the engine took it', { kind: 'answer', status: 504, afterwards: true }, /504/],
  ] satisfies [string, Fault, RegExp][])('%s leaves the write in the engine', async (_name, fault, expected) => {
    proxy.inject(fault, { times: 1 });
    await expect(write('m v=1 1000')).rejects.toThrow(expected);
    expect(await kept()).toBe(1);
    await proxy.log.quiet();
    expect(proxy.log.ended[0]).toMatchObject({ reached: true });
  });

  it('cuts an answer midway, with its status and a part of it sent', async () => {
    await write('m v=1 1000');
    proxy.inject({ kind: 'cut-answer', bytes: 9 }, { on: 'query', times: 1 });
    // Not by fetch, which forgets what it has when the connection ends.
    const [response] = (await once(get(queryUrl(), { headers: authorization(engine) }), 'response')) as [
      IncomingMessage,
    ];
    expect(response.statusCode).toBe(200);
    let part = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      part += text;
    });
    await expect(finished(response)).rejects.toThrow('aborted');
    expect(part).toBe('{"results');
    await proxy.log.quiet();
    expect(proxy.log.cut).toBe(1);
  });

  it('holds a request until it is let go', async () => {
    const held = proxy.inject({ kind: 'hold' }, { on: 'write' });
    const writing = write('m v=1 1000');
    while (held.hits === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await kept()).toBe(0);
    held.release();
    await writing;
    expect(await kept()).toBe(1);
  });

  it('forgets a request whose client went away', async () => {
    proxy.inject({ kind: 'hold' }, { on: 'query' });
    const gone = new AbortController();
    const asking = fetch(`${proxy.url}/query?q=show%20databases`, { signal: gone.signal });
    const ended = proxy.log.next('query');
    while (proxy.log.open === 0) await new Promise((resolve) => setImmediate(resolve));
    gone.abort();
    await expect(asking).rejects.toThrow('abort');
    expect(await ended).toMatchObject({ reached: false, status: null });
    expect(proxy.log.open).toBe(0);
  });

  it('gives a delayed and a trickling answer in full', async () => {
    await write('m v=1 1000');
    const answered = async () => {
      const text = await (await ask()).text();
      await proxy.log.quiet();
      return text;
    };
    const whole = await answered();
    proxy.inject({ kind: 'delay', ms: 1 }, { times: 1 });
    proxy.inject({ kind: 'trickle', bytes: 10, everyMs: 1 });
    expect(await answered()).toBe(whole);
    expect(await answered()).toBe(whole);
    expect(proxy.log.ended.map(({ fault }) => fault)).toEqual([null, null, 'delay', 'trickle']);
  });

  it('acts only on the requests it is told to', async () => {
    const bad = proxy.inject(
      { kind: 'answer', status: 400 },
      { when: (seen) => bodyText(seen).includes('device=bad') },
    );
    await write('m v=1 1000');
    await expect(write('m,device=bad v=1 1000\nm v=2 2000')).rejects.toThrow('400');
    bad.remove();
    await write('m,device=bad v=1 1000');
    expect(await kept()).toBe(2);
  });

  it('serves the client library too, compressed bodies included', async () => {
    setLogger({ error: () => undefined, warn: () => undefined });
    const { api, org } = engine;
    const client = new InfluxDB({ url: proxy.url, headers: authorization(engine) });
    const options = { maxRetries: 0, flushInterval: 0, batchSize: 10, maxBatchBytes: 1e9, gzipThreshold: 100 };
    const writer = client.getWriteApi(org ?? '', bucket, 'ms', options);
    if (api === 'v1') writer.path = `/write?db=${bucket}&precision=ms`;
    proxy.inject({ kind: 'cut-request' }, { times: 1 });
    const lines = Array.from({ length: 500 }, (_, i) => `m v=${i} ${1000 + i}`).join('\n');
    writer.writeRecord(lines);
    await expect(writer.flush()).rejects.toThrow();
    expect(await kept()).toBe(0);
    writer.writeRecord(lines);
    await writer.flush();
    expect(await kept()).toBe(500);
    await proxy.log.quiet();
    expect(proxy.log.ended.map((seen) => bodyText(seen))).toEqual([lines, lines]);
    await writer.close();
  });
});

it('the log of a fault proxy tells when all has ended, which is after a client has an answer of known length in full', async () => {
  const engine = createServer((_, answer) => void answer.setHeader('content-length', 5).end('whole')).listen(0);
  await once(engine, 'listening');
  const proxy = await FaultProxy.start(`http://127.0.0.1:${(engine.address() as AddressInfo).port}`);
  try {
    proxy.inject({ kind: 'trickle', bytes: 5, everyMs: 20 });
    expect(await (await fetch(`${proxy.url}/ping`)).text()).toBe('whole');
    await proxy.log.quiet();
    expect(proxy.log.ended).toMatchObject([{ path: '/ping', fault: 'trickle' }]);
    await proxy.log.quiet();
  } finally {
    await proxy.close();
    engine.closeAllConnections();
    engine.close();
  }
});
