import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { LatestValue, RawQuery } from '../../../src/historian/port/queries.js';
import { VersionFile } from '../../../src/historian/worker-thread/versions/version-file.js';
import { listVersions } from '../../../src/historian/worker-thread/versions/version-list.js';
import { OverwrittenVersions } from '../../../src/historian/worker-thread/versions/versions.js';
import { tempDir } from '../../helpers/temp.js';
import { rowsOf, versionsOf } from './versions-model.js';
import { collect, openSpine, POWER, T0 } from './worker-thread/spine.js';

const PARK = 'lc-xiedu-1';

it('keeps and lists every version of a reading with who sent it, over restarts and over a change of gateway', async () => {
  const { journal, start } = openSpine();
  const { send, list } = versionsOf(journal, PARK, T0);
  const first = await start();
  await send(1, 640, 0);
  await send(2, 7, 1);
  expect(await list(first)).toEqual([]);
  await send(1, 41, 2, { gateway: 'gw-2' });
  expect(await list(first)).toEqual([
    [1, 640, 0, 'gw-1', false],
    [1, 41, 2, 'gw-2', true],
  ]);
  await first.close();
  const second = await start();
  await send(1, 640, 3, { gateway: 'gw-2' });
  expect(await list(second)).toEqual([
    [1, 640, 0, 'gw-1', false],
    [1, 41, 2, 'gw-2', false],
    [1, 640, 3, 'gw-2', true],
  ]);
  expect(second.stats.versions).toEqual({ kept: 3, full: 0, unlooked: 0 });
});

it('lists versions that came in one commit, and no version of what came twice alike', async () => {
  const { dir, journal, start } = openSpine();
  const { send, list } = versionsOf(journal, PARK, T0);
  await Promise.all([send(1, 1, 0), send(1, 2, 0), send(1, 2, 1), send(2, 5, 1), send(2, 5, 2), send(1, 3, 2)]);
  const historian = await start();
  await send(2, 5, 3);
  expect(await list(historian)).toEqual([
    [1, 1, 0, 'gw-1', false],
    [1, 2, 0, 'gw-1', false],
    [1, 3, 2, 'gw-1', true],
  ]);
  expect(rowsOf(dir)).toHaveLength(3);
});

it('lists a replayed value that something overtook since, which counts no more', async () => {
  const { journal, start } = openSpine();
  const { send, list } = versionsOf(journal, PARK, T0);
  const historian = await start();
  await send(1, 41, 5);
  await historian.caughtUp(journal.head());
  await send(1, 500, 1, { gateway: 'gw-9', replayedAt: T0 + 3_700_000 });
  expect(await list(historian)).toEqual([
    [1, 500, 1, 'gw-9', false],
    [1, 41, 5, 'gw-1', true],
  ]);
});

it('writes versions again after a crash before the store took what overwrites them, each once', async () => {
  const { dir, journal, start } = openSpine();
  const { send, list } = versionsOf(journal, PARK, T0);
  const device = `${PARK}/meter-1` as const;
  const series = { device, metric: 'active_power_kw' };
  const historian = await start();
  await send(1, 640, 0);
  await historian.caughtUp(journal.head());
  // A writer that dies before its append.
  const file = VersionFile.open(join(dir, 'versions.sqlite'), { onWarning: () => undefined });
  const store = { raw: (query: RawQuery) => historian.raw(query), latest: () => historian.latest({}) };
  const dying = new OverwrittenVersions(store, file);
  const reading = { metric: 'active_power_kw', ts: T0 + 60_000, value: 41, flag: 'N', quality: 'good' } as const;
  const receivedAt = T0 + 3_600_002;
  const message = { park: PARK, domain: 'energy', device, gateway: 'gw-1', receivedAt, readings: [reading] } as const;
  const batches = [{ seq: 2, messages: [message] }];
  await dying.keep(batches, (await dying.secondOnes(batches))!);
  const query = { series: [series], from: T0, to: T0 + 3_600_000, limit: 10 };
  for await (const { value, counts } of listVersions(store, file, query)) {
    expect([[...value], [...counts]]).toEqual([
      [640, 41],
      [1, 0],
    ]);
  }
  file.close();
  await send(1, 41, 2);
  expect(await list(historian)).toEqual([
    [1, 640, 0, 'gw-1', false],
    [1, 41, 2, 'gw-1', true],
  ]);
  expect(rowsOf(dir)).toEqual([
    { value: 640, gateway: 'gw-1' },
    { value: 41, gateway: 'gw-1' },
  ]);
});

it('keeps no more versions than there is room for, counts the rest, and drops those of dropped days', () => {
  const path = join(tempDir(), 'versions.sqlite');
  const file = VersionFile.open(path, { maxVersions: 2, maxSenders: 1, onWarning: () => undefined });
  const device = `${PARK}/meter-1` as const;
  const version = (ts: number, value: number) => ({
    version: { device, metric: 'a', ts, receivedAt: ts, value, flag: 'N', quality: 'good', gateway: null } as const,
    sure: true,
  });
  file.write([version(T0, 1), version(T0, 2), version(T0 + 1, 3)], [{ device, since: 5, gateway: 'gw-1' }]);
  expect([file.kept, file.full]).toEqual([2, 1]);
  file.write([], [{ device, since: 7, gateway: 'gw-2' }]);
  file.drop(Number.NEGATIVE_INFINITY);
  expect(file.kept).toBe(2);
  file.drop(T0 + 1);
  expect([file.kept, file.senderAt(device, 6), file.senderAt(device, 7)]).toEqual([0, null, 'gw-2']);
  expect(file.lastSenders()).toEqual(new Map([[device, 'gw-2']]));
  file.close();
});

it('keeps what a batch overwrites however far apart its times lie, and however much lies between them', async () => {
  const { journal, start, publish, publishSeries } = openSpine();
  const apart = 7 * 3_600_000;
  const values = (value: number) =>
    Array.from({ length: 300 }, (_, i) => ({ ts: T0 - (299 - i) * apart, values: { active_power_kw: value } }));
  const historian = await start();
  await publish(values(1));
  await publishSeries(60_000, 1);
  await historian.caughtUp(journal.head());
  const late = { ts: T0 + 5_900_000, values: { active_power_kw: 2 } };
  await publish([...values(2), late]);
  await historian.caughtUp(journal.head());
  expect(historian.stats.versions).toEqual({ kept: 602, full: 0, unlooked: 0 });
  const range = { series: [POWER], from: T0 - 300 * apart, to: T0 + 1 };
  const all = await collect(historian.raw({ ...range, limit: 1000 }));
  expect(all).toEqual(all.map(() => 2));
  await expect(collect(historian.versions({ ...range, limit: 599 }))).rejects.toThrow('more than 599');
  expect(await collect(historian.versions({ ...range, limit: 600 }))).toHaveLength(600);
});

it('keeps nothing of a batch whose look-ups were cut short, which is looked up anew', async () => {
  const { dir, journal, start, publish } = openSpine();
  const historian = await start();
  await publish([{ ts: T0, values: { active_power_kw: 1 } }]);
  await historian.caughtUp(journal.head());
  const file = VersionFile.open(join(dir, 'versions.sqlite'), { onWarning: () => undefined });
  const store = { raw: (query: RawQuery) => historian.raw(query), latest: () => historian.latest({}) };
  const versions = new OverwrittenVersions(store, file);
  const reading = { metric: 'active_power_kw', ts: T0, value: 2, flag: 'N', quality: 'good' } as const;
  const message = { park: PARK, domain: 'energy', device: POWER.device, gateway: 'gw-1', receivedAt: T0 } as const;
  const batches = [{ seq: 2, messages: [{ ...message, readings: [reading] }] }];
  const second = (await versions.secondOnes(batches))!;
  const left: number[] = [];
  expect(await versions.keep(batches, second, () => left.push(versions.stats.unlooked) === 0)).toBe(false);
  expect([left, versions.stats, rowsOf(dir)]).toEqual([[1], { kept: 0, full: 0, unlooked: 0 }, []]);
  expect(await versions.keep(batches, second)).toBe(true);
  expect(rowsOf(dir)).toHaveLength(2);
  file.close();
});

it('keeps nobody from writing for the sake of a store that is there and does not answer, and counts', async () => {
  const file = VersionFile.open(join(tempDir(), 'versions.sqlite'), { onWarning: () => undefined });
  onTestFinished(() => file.close());
  const warned: string[] = [];
  const device = `${PARK}/meter-1` as const;
  const reading = { metric: 'active_power_kw', ts: T0, value: 1, flag: 'N', quality: 'good' } as const;
  const message = {
    park: PARK,
    domain: 'energy',
    device,
    gateway: 'gw-1',
    receivedAt: T0,
    readings: [reading],
  } as const;
  const batches = [{ seq: 1, messages: [message] }];
  let now = 0;
  let latest: () => Promise<LatestValue[]> = async () => {
    throw Object.assign(new Error('out of memory'), { status: 500 });
  };
  const store = { latest: () => latest(), raw: () => latest() as never };
  const options = { warn: (text: string) => void warned.push(text), answerMs: 1, clock: () => now };
  const versions = new OverwrittenVersions(store, file, options);
  // The next answer may come.
  for (let i = 0; i < 2; i += 1) await expect(versions.secondOnes(batches)).rejects.toThrow('out of memory');
  expect(await versions.secondOnes(batches)).toBeNull();
  expect(await versions.secondOnes(batches)).toBeNull();
  expect([versions.stats.unanswered, warned.length]).toEqual([2, 1]);
  now = 120_000;
  // A store that answers slowly.
  let answer: (values: LatestValue[]) => void = () => undefined;
  latest = () => new Promise((resolve) => (answer = resolve));
  expect(await versions.secondOnes(batches)).toBeNull();
  answer([]);
  await new Promise(setImmediate);
  expect(await versions.secondOnes(batches), 'what was handed on meanwhile is known').not.toBeNull();
  latest = async () => {
    throw Object.assign(new Error('connection refused'), { status: null });
  };
  const away = new OverwrittenVersions(store, file, options);
  await expect(away.secondOnes(batches), 'where nothing can be written either').rejects.toThrow('refused');
  expect(away.stats.unanswered).toBeUndefined();
});

it('goes on without a file of versions that is damaged, which lies aside', async () => {
  const { dir, journal, start, logged } = openSpine();
  writeFileSync(join(dir, 'versions.sqlite'), 'no database, but longer than the header of one'.repeat(100));
  const { send, list } = versionsOf(journal, PARK, T0);
  const historian = await start();
  await send(1, 1, 0);
  await send(1, 2, 1);
  expect(await list(historian)).toHaveLength(2);
  expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
});
