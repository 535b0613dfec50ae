import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { InfluxError } from '../../../../../src/historian/influxdb/errors.js';
import type { ReadingsBatch } from '../../../../../src/historian/port/store.js';
import type { DeviceReadings } from '../../../../../src/model/reading.js';
import { type Fault, FaultProxy, type Injection } from '../../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { LocalInflux } from '../../../../helpers/influx/local.js';
import { tempDir } from '../../../../helpers/temp.js';
import { anyMessages, batch, expectedRows, message, NOW, reading, seriesOf, WriteSetup } from './helpers.js';

const T = NOW - 3_600_000;
const TIMEOUT_MS = 300;
const MAX_TRIES = 20;

/** Batches that meet each other: new points, second values at the same time, late ones. */
function batches(count: number): ReadingsBatch[] {
  return Array.from({ length: count }, (_, i) => {
    const ts = T + i * 10_000;
    return batch(
      i + 1,
      message('meter-1', [reading('active_power_kw', ts, i), reading('frequency_hz', ts, 50 + i / 100)]),
      message('meter-1', [reading('active_power_kw', ts, 0 - i, { flag: 'D', quality: 'flagged' })], {
        receivedAt: NOW + 1,
      }),
      message('meter-2', [reading('active_power_kw', ts - 15_000, i), reading('active_power_kw', ts, i)]),
    );
  });
}

const messagesOf = (all: readonly ReadingsBatch[]): DeviceReadings[] => all.flatMap(({ messages }) => [...messages]);

/** Appends like the historian's writer: two at a time, and again from the last applied batch. Returns the errors. */
async function drain(setup: WriteSetup, all: readonly ReadingsBatch[]): Promise<InfluxError[]> {
  const errors: InfluxError[] = [];
  while (setup.cursor.seq < all.at(-1)!.seq) {
    const waiting = all.filter(({ seq }) => seq > setup.cursor.seq).slice(0, 2);
    const results = await Promise.allSettled(waiting.map((one) => setup.writeLoop.append([one])));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) continue;
    if (!(failed.reason instanceof InfluxError)) throw failed.reason;
    errors.push(failed.reason);
    if (errors.length > MAX_TRIES) throw new Error('it does not recover', { cause: failed.reason });
  }
  return errors;
}

describeOnEngines('an InfluxDB that fails', await findEngines(), (engine) => {
  let proxy: FaultProxy;

  beforeAll(async () => {
    proxy = await FaultProxy.start(engine.url);
    return () => proxy.close();
  });

  /** A writer behind the proxy that has written before. */
  async function begun(all: readonly ReadingsBatch[], more: { readonly marks?: string } = {}): Promise<WriteSetup> {
    proxy.clear();
    const setup = new WriteSetup(engine, { url: proxy.url, timeoutMs: TIMEOUT_MS * 20, ...more });
    await setup.writeLoop.append([all[0]!]);
    return setup;
  }

  async function expectExactly(setup: WriteSetup, all: readonly ReadingsBatch[]): Promise<void> {
    const messages = messagesOf(all);
    const direct = new WriteSetup(engine, { bucket: setup.bucket });
    await direct.writeLoop.contact.ensure();
    expect(await direct.rows(seriesOf(messages))).toEqual(expectedRows(messages));
    const metrics = new Set(seriesOf(messages).map(({ metric }) => metric));
    const counted = [...metrics].map((metric) => `count("${metric}")`);
    const expected = Object.values(expectedRows(messages)).reduce((sum, rows) => sum + rows.length, 0);
    const found = await engine.query(setup.bucket, `SELECT ${counted.join(', ')} FROM energy`);
    expect(found[0]!.values[0]!.slice(1).reduce((sum: number, n) => sum + Number(n), 0)).toBe(expected);
    expect(setup.refused).toEqual([]);
  }

  const faults: readonly (readonly [string, Fault, Injection, RegExp | null])[] = [
    ['cuts the connection before it took the batch', { kind: 'cut-before' }, { times: 3 }, /does not answer/],
    ['cuts the connection midway through the batch', { kind: 'cut-request' }, { times: 3 }, /does not answer/],
    ['cuts the connection after it took the batch', { kind: 'cut-after' }, { times: 3 }, /does not answer/],
    ['refuses the token (401)', answered(401, 'unauthorized access'), { times: 3 }, /INFLUX_TOKEN.*401 unauthorized/],
    ['grants too few rights (403)', answered(403, 'forbidden'), { times: 3 }, /too few rights.*403 forbidden/],
    ['has lost the bucket (404)', answered(404, 'database not found'), { times: 3 }, /INFLUX_BUCKET.*404 database/],
    [
      'fails (500)',
      answered(500, 'engine: write: no space left on device'),
      { times: 3 },
      /fails: 500 .*no space left/,
    ],
    [
      'fails after it took the batch (500)',
      { ...answered(500, 'timeout'), afterwards: true },
      { times: 3 },
      /500 timeout/,
    ],
    ['is another server, which is content with anything (200)', answered(200, ''), { times: 3 }, /no InfluxDB: 200/],
    ['is busy (503)', answered(503, 'busy'), { times: 3 }, /503 busy/],
    ['answers nonsense once (400)', answered(400, 'unable to parse'), { times: 1 }, null],
    ['answers nonsense once (422)', answered(422, 'unprocessable'), { times: 1 }, null],
    [
      'answers nonsense for a while (422)',
      answered(422, 'unprocessable'),
      { times: 30 },
      /422 .*line that is in order/,
    ],
    ['finds one batch too large (413)', answered(413, 'too large'), { times: 1 }, null],
  ];

  it.each(faults)('that %s loses and repeats nothing', async (_name, fault, injection, words) => {
    const all = batches(8);
    const setup = await begun(all);
    const injected = proxy.inject(fault, { on: 'write', ...injection });
    const errors = await drain(setup, all);
    expect(injected.hits).toBe(injection.times);
    if (words === null) expect(errors).toEqual([]);
    else
      for (const error of errors)
        expect(error).toMatchObject({ remedy: 'retry', message: expect.stringMatching(words) });
    expect(errors.length > 0).toBe(words !== null);
    await expectExactly(setup, all);
  });

  it.each(faults)(
    'that %s loses and repeats nothing when the writer is killed then',
    async (_name, fault, injection) => {
      const all = batches(6);
      const marks = join(tempDir(), 'marks.sqlite');
      const setup = await begun(all, { marks });
      await setup.writeLoop.flush();
      proxy.inject(fault, { on: 'write', ...injection });
      await Promise.allSettled(all.slice(1, 4).map((one) => setup.writeLoop.append([one])));
      setup.close();
      proxy.clear();
      const next = new WriteSetup(engine, { url: proxy.url, bucket: setup.bucket, marks });
      expect(await drain(next, all)).toEqual([]);
      await expectExactly(next, all);
    },
  );

  it('loses and repeats nothing, whatever fails at which write, with kills of the writer between', async () => {
    const kinds: readonly (Fault | 'kill' | null)[] = [
      null,
      'kill',
      { kind: 'cut-before' },
      { kind: 'cut-request' },
      { kind: 'cut-after' },
      answered(500, 'before'),
      { ...answered(500, 'after'), afterwards: true },
      { ...answered(400, 'partial'), afterwards: true },
      answered(413, 'too large'),
    ];
    const step = fc.record({ messages: anyMessages(T), fault: fc.constantFrom(...kinds) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const [marks, bucket] = [join(tempDir(), 'marks.sqlite'), engine.freshBucket()];
        const all = steps.map(({ messages }, i) => batch(i + 1, ...messages));
        let setup = new WriteSetup(engine, { url: proxy.url, bucket, marks });
        for (const [i, { fault }] of steps.entries()) {
          proxy.clear();
          if (fault !== null) proxy.inject(fault === 'kill' ? { kind: 'cut-after' } : fault, { on: 'write', times: 1 });
          await Promise.allSettled(all.slice(setup.cursor.seq, i + 1).map((one) => setup.writeLoop.append([one])));
          if (fault !== 'kill') continue;
          setup.close();
          setup = new WriteSetup(engine, { url: proxy.url, bucket, marks });
        }
        proxy.clear();
        await drain(setup, all);
        await expectExactly(setup, all);
        setup.close();
        await engine.drop(bucket);
        await engine.drop(`${bucket}_rollups`);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves nothing of a failed try in how a reading is written, which a later version of it would meet', async () => {
    const setup = await begun(batches(1));
    const flagged = message('meter-7', [reading('active_power_kw', T, 1, { flag: 'D', quality: 'flagged' })]);
    const good = message('meter-7', [reading('active_power_kw', T, 2)], { receivedAt: NOW + 5 });
    proxy.inject({ kind: 'cut-before' }, { on: 'write', times: 2 });
    await drain(setup, [batch(2, flagged)]);
    setup.close();
    const next = new WriteSetup(engine, { bucket: setup.bucket });
    await next.writeLoop.append([batch(3, good)]);
    expect(await next.rows(seriesOf([good]))).toEqual(expectedRows([flagged, good]));
  });

  it('says how long a busy server wants to be left alone (429)', async () => {
    const all = batches(3);
    const setup = await begun(all);
    proxy.inject(
      { kind: 'answer', status: 429, headers: { 'retry-after': '17' }, body: '{"error":"slow down"}' },
      { on: 'write', times: 1 },
    );
    const [error] = await drain(setup, all);
    expect(error).toMatchObject({ remedy: 'retry', status: 429, retryAfterMs: 17_000 });
    await expectExactly(setup, all);
  });

  it('asks less of a server that does not answer in time', async () => {
    proxy.clear();
    const all = batches(4);
    const setup = new WriteSetup(engine, { url: proxy.url, timeoutMs: TIMEOUT_MS });
    await setup.writeLoop.contact.ensure();
    const held = proxy.inject({ kind: 'hold' }, { on: 'write', times: 1 });
    const before = setup.writeLoop.batchBytes();
    const error: unknown = await setup.writeLoop.append([all[0]!]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ remedy: 'retry', timedOut: true, message: expect.stringMatching(/no answer for/) });
    expect(setup.writeLoop.batchBytes()).toBe(before / 2);
    held.release();
    await drain(setup, all);
    await expectExactly(setup, all);
  });

  it('whose answers fail is waited for, and then written to without knowing what it has, until it answers', async () => {
    let now = 0;
    const setup = new WriteSetup(engine, { url: proxy.url, steady: () => now });
    const { contact } = setup.writeLoop;
    await contact.check();
    proxy.inject({ kind: 'answer', status: 500, body: '{"error":"out of memory"}' }, { on: 'query' });
    const first = message('meter-1', [reading('active_power_kw', NOW, 1)]);
    await expect(setup.writeLoop.append([batch(1, first)])).rejects.toMatchObject({ status: 500 });
    now = 30_000;
    await setup.writeLoop.append([batch(1, first)]);
    expect(contact.blind?.message).toContain('out of memory');
    expect(setup.warnings).toEqual([expect.stringContaining('cannot be read')]);
    proxy.clear();
    now = 60_000;
    contact.lookAgain();
    await vi.waitFor(() => {
      contact.lookAgain();
      expect(contact.blind).toBeNull();
    });
    const second = message('meter-1', [reading('active_power_kw', NOW, 2)], { receivedAt: NOW + 1 });
    await setup.writeLoop.append([batch(2, second)]);
    expect(await setup.rows(seriesOf([second]))).toEqual(expectedRows([first, second]));
  });

  it('that is away when the service starts is written to once it is there', async () => {
    proxy.clear();
    const all = batches(3);
    await proxy.down();
    const setup = new WriteSetup(engine, { url: proxy.url });
    const refused: unknown = await setup.writeLoop.append([all[0]!]).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({
      remedy: 'retry',
      message: expect.stringMatching(/does not answer: .*ECONNREFUSED/),
    });
    expect(setup.cursor.seq).toBe(0);
    await proxy.up();
    expect(await drain(setup, all)).toEqual([]);
    await expectExactly(setup, all);
  });

  it('that goes away between two batches loses nothing', async () => {
    const all = batches(6);
    const setup = await begun(all);
    await proxy.down();
    await expect(setup.writeLoop.append([all[1]!])).rejects.toMatchObject({ remedy: 'retry' });
    await proxy.up();
    await drain(setup, all);
    await expectExactly(setup, all);
  });

  it('that takes only small requests (413) gets small ones', async () => {
    const all = batches(12);
    const setup = await begun(all);
    const limit = proxy.inject({ kind: 'limit', bytes: 1_000 }, { on: 'write' });
    await setup.writeLoop.append(all);
    expect(limit.hits).toBeGreaterThan(0);
    expect(setup.writeLoop.batchBytes()).toBeLessThan(256 * 1024);
    await expectExactly(setup, all);
  });

  it('that lost its database gets it again, and what is known of the devices with it', async () => {
    const all = batches(4);
    const setup = await begun(all);
    await engine.drop(setup.bucket);
    await engine.drop(`${setup.bucket}_rollups`);
    const errors = await drain(setup, all);
    expect(errors.map(({ status }) => status)).toContain(404);
    await expectExactly(setup, all.slice(1));
  });

  it('keeps the order of two batches under way when the first fails', async () => {
    const setup = await begun(batches(1));
    const hold = proxy.inject({ kind: 'hold' }, { on: 'write', times: 1 });
    const results = [5, 6].map((seq) =>
      setup.writeLoop.append([batch(seq, message('meter-9', [reading('active_power_kw', T, seq)]))]),
    );
    const settled = Promise.allSettled(results);
    proxy.inject({ kind: 'cut-before' }, { on: 'write', times: 1 });
    hold.release();
    await settled;
    await proxy.down();
    await proxy.up();
    await expect(
      setup.writeLoop.append([batch(7, message('meter-9', [reading('active_power_kw', T, 7)]))]),
    ).resolves.toBe(undefined);
    const rows = await setup.rows([{ device: 'park-a/meter-9', metric: 'active_power_kw' }]);
    expect(rows['park-a/meter-9/active_power_kw']?.map((row) => row[1])).toEqual([7]);
  });

  it.runIf(engine.ours)('that was killed while it was written to has everything once it is back', async () => {
    const all = batches(10);
    const setup = await begun(all);
    const first = Promise.allSettled(all.slice(1, 7).map((one) => setup.writeLoop.append([one])));
    await engine.kill();
    await first;
    await engine.start();
    await drain(setup, all);
    await engine.restart();
    await expectExactly(setup, all);
  });
});

const local = (await findEngines()).engines.find((engine) => engine instanceof LocalInflux);

it.skipIf(local === undefined)('an InfluxDB on a full disk is written to again when there is room', async () => {
  const engine = local as LocalInflux;
  await engine.start();
  onTestFinished(() => engine.dispose());
  const all = batches(40);
  const setup = new WriteSetup(engine);
  await setup.writeLoop.append(all.slice(0, 2));
  // Only the soft limit: the server's files may not grow beyond it, as on a full disk.
  execFileSync('prlimit', ['--pid', String(engine.pid), '--fsize=2000:']);
  const failed: unknown = await drainUntilFailure(setup, all);
  expect(failed).toMatchObject({ remedy: 'retry', status: 500, message: expect.stringMatching(/file too large/) });
  await engine.restart();
  await drain(setup, all);
  const messages = messagesOf(all);
  expect(await setup.rows(seriesOf(messages))).toEqual(expectedRows(messages));
  expect(setup.refused).toEqual([]);
});

async function drainUntilFailure(setup: WriteSetup, all: readonly ReadingsBatch[]): Promise<unknown> {
  for (const one of all.filter(({ seq }) => seq > setup.cursor.seq)) {
    const failure: unknown = await setup.writeLoop.append([one]).then(
      () => null,
      (error: unknown) => error,
    );
    if (failure !== null) return failure;
  }
  throw new Error('nothing failed');
}

function answered(status: number, error: string): Extract<Fault, { kind: 'answer' }> {
  return { kind: 'answer', status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error }) };
}
