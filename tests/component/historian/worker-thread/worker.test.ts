import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  HistorianUnavailableError,
  ResultTooLargeError,
  TooManyQueriesError,
} from '../../../../src/historian/port/errors.js';
import { tempDir } from '../../../helpers/temp.js';
import { all, collect, openSpine, POWER, RECEIVED, T0, WORKER } from './spine.js';

describe('the historian in its thread', () => {
  it('answers with what was durable when it was asked, at once', async () => {
    const { start, publish } = openSpine();
    const historian = await start();
    for (let i = 0; i < 20; i += 1) {
      await publish([{ ts: T0 + i, values: { active_power_kw: i } }]);
      expect(await collect(historian.raw({ ...all, limit: 100 }))).toHaveLength(i + 1);
    }
  });

  it('keeps what is good of a message and passes over the rest', async () => {
    const { start, publish, journal } = openSpine();
    const historian = await start();
    await journal.append({
      park: 'lc-xiedu-1',
      topic: 'parks/lc-xiedu-1/energy/meter-1/readings',
      gateway: 'gw-1',
      receivedAt: T0,
      payload: Buffer.from('{ not json'),
    });
    await publish([
      { ts: T0, values: { active_power_kw: 1, nonsense: 2 } },
      { ts: 'never', values: {} },
    ]);
    await historian.caughtUp(journal.head());
    expect(historian.stats).toMatchObject({ adapter: 'lake', appliedSeq: 2, readings: 1, failing: null });
    expect(await historian.latest({ park: 'lc-xiedu-1' })).toMatchObject([
      { ...POWER, domain: 'energy', ts: T0, value: 1, receivedAt: RECEIVED },
    ]);
  });

  it('carries windows and errors across the threads', async () => {
    const { start, publishSeries } = openSpine();
    const historian = await start();
    await publishSeries(2000);
    const windows: [number, number][] = [];
    const edges = Float64Array.from([T0, T0 + 100_000, T0 + 200_000]);
    for await (const { start, value } of historian.windows({ series: [POWER], edges, fn: 'mean' })) {
      start.forEach((at, i) => void windows.push([at, value[i]!]));
    }
    expect(windows).toEqual([
      [T0, 499.5],
      [T0 + 100_000, 1499.5],
    ]);
    await expect(collect(historian.raw({ ...all, limit: 1999 }))).rejects.toThrow(ResultTooLargeError);
  });

  it('sends no further ahead than its reader takes, and ends the query when the reader stops', async () => {
    const { start, publishSeries } = openSpine();
    const historian = await start();
    await publishSeries(100_000);
    const slow = historian.raw({ ...all, limit: 200_000 })[Symbol.asyncIterator]();
    const first = await slow.next();
    expect(first.value.ts.length).toBeLessThanOrEqual(8192);
    await slow.return?.();
    for (let i = 0; i < 70; i += 1) {
      for await (const chunk of historian.raw({ ...all, limit: 200_000 })) {
        expect(chunk.value[0]).toBe(0);
        break;
      }
    }
    expect(await collect(historian.raw({ ...all, limit: 200_000 }))).toHaveLength(100_000);
  });

  it('turns a query away once 32 are open, and takes the next when they are done', async () => {
    const { start, publishSeries } = openSpine();
    const historian = await start();
    await publishSeries(50_000);
    const open = Array.from({ length: 32 }, () => historian.raw({ ...all, limit: 60_000 })[Symbol.asyncIterator]());
    await Promise.all(open.map((one) => one.next()));
    await expect(collect(historian.raw({ ...all, limit: 60_000 }))).rejects.toThrow(TooManyQueriesError);
    expect(historian.stats.turnedAway).toBe(1);
    await Promise.all(open.map((one) => one.return?.()));
    await vi.waitFor(async () => expect(await collect(historian.raw({ ...all, limit: 60_000 }))).toHaveLength(50_000));
  });

  it('releases the journal behind a seal, and goes on from there after a restart', async () => {
    const { start, publishSeries, journal } = openSpine();
    let now = T0;
    const first = await start({ clock: () => now });
    await publishSeries(3000);
    await first.caughtUp(journal.head());
    expect(first.stats.durableSeq).toBe(0);
    await vi.waitFor(() => {
      now += 300_000;
      expect(first.stats.durableSeq).toBe(journal.head());
    });
    await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(journal.head() - 1));
    await publishSeries(10, 3000);
    await first.close();

    const second = await start();
    expect(second.stats.durableSeq).toBeGreaterThanOrEqual(journal.head() - 1);
    expect(await collect(second.raw({ ...all, limit: 5000 }))).toEqual(Array.from({ length: 3010 }, (_, i) => i));
  });

  it('is started again when its thread dies, and has lost and doubled nothing', async () => {
    const { dir, start, publishSeries, journal } = openSpine();
    const dying = join(dir, 'dying.mjs');
    writeFileSync(
      dying,
      `import { existsSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ type }) => {
         if (type === 'ask' && existsSync(${JSON.stringify(join(dir, 'die'))})) throw new Error('made to die');
       });
       await import(${JSON.stringify(WORKER.href)});`,
    );
    const historian = await start({ workerUrl: new URL(`file://${dying}`) });
    await publishSeries(2000);
    expect(await collect(historian.raw({ ...all, limit: 5000 }))).toHaveLength(2000);
    mkdirSync(join(dir, 'die'));
    await expect(historian.latest({})).rejects.toThrow(HistorianUnavailableError);
    expect(historian.stats.failing).toBe('made to die');
    rmSync(join(dir, 'die'), { recursive: true });
    await publishSeries(500, 2000);
    await historian.caughtUp(journal.head());
    await vi.waitFor(() => expect(historian.stats.failing).toBeNull(), 10_000);
    expect(await collect(historian.raw({ ...all, limit: 5000 }))).toEqual(Array.from({ length: 2500 }, (_, i) => i));
    expect(historian.stats).toMatchObject({ readings: 2500, restarts: 1 });
  });

  it('says that an answer lacks something although it has caught up by the time the answer begins', async () => {
    const { dir, start, publishSeries, journal } = openSpine();
    const hasty = join(dir, 'hasty.mjs');
    writeFileSync(
      hasty,
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ type }) => {
         if (type === 'ask') parentPort.postMessage({ type: 'late', appliedSeq: 0, receivedTo: ${RECEIVED} });
       });
       await import(${JSON.stringify(WORKER.href)});`,
    );
    const historian = await start({ workerUrl: new URL(`file://${hasty}`) });
    await publishSeries(10);
    await historian.caughtUp(journal.head());
    const lag = historian.lagSince();
    expect(lag()).toBeNull();
    await historian.latest({});
    expect(historian.stats.appliedSeq).toBe(journal.head());
    expect(lag()).toEqual({ completeThrough: RECEIVED });
    expect(historian.lagSince()()).toBeNull();
  });

  it('dies alone, also while questions are under way', async () => {
    const { dir, start, publishSeries, journal } = openSpine();
    const dying = join(dir, 'dying.mjs');
    const die = join(dir, 'die');
    writeFileSync(
      dying,
      `import { existsSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ type }) => {
         if (type === 'tick' && existsSync(${JSON.stringify(die)})) throw new Error('made to die');
       });
       await import(${JSON.stringify(WORKER.href)});`,
    );
    const historian = await start({ workerUrl: new URL(`file://${dying}`) });
    await publishSeries(50_000);
    await historian.caughtUp(journal.head());
    const asked = Array.from({ length: 20 }, () => collect(historian.raw({ ...all, limit: 60_000 })));
    await Promise.race(asked);
    mkdirSync(die);
    const outcomes = await Promise.allSettled(asked);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(HistorianUnavailableError);
      else expect(outcome.value).toHaveLength(50_000);
    }
    await vi.waitFor(() => expect(historian.stats.restarts).toBeGreaterThan(0), 10_000);
    rmSync(die, { recursive: true });
    await vi.waitFor(() => expect(historian.stats.failing).toBeNull(), 10_000);
    expect(await collect(historian.raw({ ...all, limit: 60_000 }))).toHaveLength(50_000);
  });

  it('says what fails while a seal cannot be written, answers meanwhile, and heals by itself', async () => {
    const { dir, start, publishSeries, journal } = openSpine();
    let now = T0;
    const historian = await start({ clock: () => now });
    await publishSeries(2000);
    await historian.caughtUp(journal.head());
    // A file in place of the folder of the day files: every seal fails, even for root.
    const readings = join(dir, 'lake', 'readings');
    writeFileSync(readings, '');
    chmodSync(readings, 0o000);
    await vi.waitFor(() => {
      now += 600_000;
      expect(historian.stats.failing).not.toBeNull();
    });
    await publishSeries(1000, 2000);
    expect(await collect(historian.raw({ ...all, limit: 5000 }))).toHaveLength(3000);
    expect(historian.stats.durableSeq).toBe(0);
    rmSync(readings);
    await vi.waitFor(
      () => {
        now += 600_000;
        expect(historian.stats).toMatchObject({ failing: null, durableSeq: journal.head() });
      },
      { timeout: 10_000 },
    );
    expect(await collect(historian.raw({ ...all, limit: 5000 }))).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });

  it('starts without a lake that cannot be opened, says why, and takes all up once it can', async () => {
    const { dir, start, publishSeries, journal } = openSpine();
    const before = await start();
    await publishSeries(1000);
    await before.caughtUp(journal.head());
    await before.close();
    const manifests = ['manifest.json', 'manifest.copy.json'].map((name) => join(dir, 'lake', name));
    const kept = manifests.map((path) => readFileSync(path));
    for (const path of manifests) writeFileSync(path, '');

    const historian = await start();
    expect(historian.stats).toMatchObject({
      failing: expect.stringContaining('manifest.json'),
      failingKind: 'damaged',
    });
    await publishSeries(500, 1000);
    await expect(collect(historian.raw({ ...all, limit: 5000 }))).rejects.toThrow(HistorianUnavailableError);
    expect(readdirSync(join(dir, 'lake', 'readings'))).toHaveLength(1);
    manifests.forEach((path, i) => {
      writeFileSync(path, kept[i]!);
    });
    await vi.waitFor(() => expect(historian.stats.failing).toBeNull(), 20_000);
    expect(await collect(historian.raw({ ...all, limit: 5000 }))).toEqual(Array.from({ length: 1500 }, (_, i) => i));
  });

  it('takes no new batch for an old one when the lake turns out to know more than the state file', async () => {
    const old = openSpine();
    const first = await old.start();
    for (let i = 0; i < 20; i += 1) await old.publishSeries(10, 10 * i);
    await first.caughtUp(old.journal.head());
    await first.close();
    // A state file without these batches, and a lake that opens only after new ones were acknowledged.
    const { dir, start, publishSeries, journal } = openSpine();
    cpSync(join(old.dir, 'lake'), join(dir, 'lake'), { recursive: true });
    for (const name of ['manifest.json', 'manifest.copy.json']) rmSync(join(dir, 'lake', name));
    const historian = await start();
    for (let i = 0; i < 5; i += 1) await publishSeries(10, 200 + 10 * i);
    cpSync(join(old.dir, 'lake'), join(dir, 'lake'), { recursive: true });
    await vi.waitFor(() => expect(historian.stats.failing).toBeNull(), 20_000);
    await historian.caughtUp(journal.head());
    expect(await collect(historian.raw({ ...all, limit: 5000 }))).toEqual(Array.from({ length: 250 }, (_, i) => i));
  });

  it('does not open a lake that is older than what the journal has let go of', async () => {
    const dir = tempDir();
    const run = async (from: number) => {
      const { state, start, publishSeries, journal } = openSpine(dir, { store: 'lake', followers: ['historian'] });
      const historian = await start();
      for (let i = 0; i < 5; i += 1) await publishSeries(10, from + 10 * i);
      await historian.caughtUp(journal.head());
      await historian.close();
      await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(journal.head() - 1));
      state.close();
    };
    await run(0);
    cpSync(join(dir, 'lake'), join(dir, 'older'), { recursive: true });
    await run(50);
    renameSync(join(dir, 'lake'), join(dir, 'newer'));
    renameSync(join(dir, 'older'), join(dir, 'lake'));
    const { start } = openSpine(dir, { store: 'lake' });
    const historian = await start();
    expect(historian.stats.failing).toMatch(/ends with batch 5, but the journal has handed it all up to batch 9/);
    rmSync(join(dir, 'lake'), { recursive: true });
    renameSync(join(dir, 'newer'), join(dir, 'lake'));
    await vi.waitFor(() => expect(historian.stats.failing).toBeNull(), 20_000);
    expect(await collect(historian.raw({ ...all, limit: 5000 }))).toHaveLength(100);
  });
});
