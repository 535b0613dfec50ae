import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Engine } from '../../../../src/historian/lake/engine.js';
import { Housekeeping } from '../../../../src/historian/worker-thread/housekeeping/housekeeping.js';
import Sqlite from '../../../../src/sqlite.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, type Row, readWindows, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, filesOf, openLake } from './open-lake.js';

const OTHER = { ...POWER, device: 'park-a/meter-2' } as const;

const rows = (from: number, to: number): Row[] =>
  Array.from({ length: (to - from) / (20 * MINUTE) }, (_, i) => from + i * 20 * MINUTE).flatMap((ts): Row[] => [
    { ts, value: 3 },
    { ts, value: ts / HOUR, metric: ENERGY.metric },
    { ts, value: 5, device: OTHER.device },
  ]);

/** Makes what the figures of the first series are kept in something else. */
function spoil(folder: string): () => void {
  const db = new Sqlite(join(folder, 'rollup.sqlite'));
  const all = db.prepare('SELECT rowid AS key, data FROM rollups ORDER BY key LIMIT 1').all() as {
    key: number;
    data: Uint8Array;
  }[];
  const put = db.prepare('UPDATE rollups SET data = ? WHERE key = ?');
  for (const { key } of all) put.run(Buffer.from([0xff, 1, 2]), key);
  return () => {
    for (const { key, data } of all) put.run(data, key);
    db.close();
  };
}

it('figures of one series that cannot be read keep no other from being made, are named, and heal', async () => {
  const folder = tempDir();
  const store = await openLake(folder, { timeZone: 'UTC' });
  await store.append([batch(1, ...rows(T0, T0 + 6 * HOUR))]);
  await store.maintain(T0 + 6 * HOUR, 0, T0 + 6 * HOUR + 10 * MINUTE);
  const heal = spoil(folder);
  await store.append([batch(2, ...rows(T0 + 6 * HOUR, T0 + 3 * DAY))]);
  const warned: string[] = [];
  let done = () => {};
  const rollupMaker = new Housekeeping(store, {
    rawDays: 400,
    settledTo: () => T0 + 3 * DAY + 10 * MINUTE,
    onFailed: (error) => warned.push(String(error)),
    onDone: () => done(),
  });
  const round = () =>
    new Promise<void>((resolve) => {
      done = resolve;
      rollupMaker.hurry();
      rollupMaker.tick(T0 + 3 * DAY + 10 * MINUTE);
    });
  for (let i = 0; i < 10; i += 1) await round();
  expect(store.stats().rollups).toMatchObject({ rolledTo: T0 + 3 * DAY, failing: { series: 1 } });
  expect(store.rollupMaker.usableTo(OTHER)).toBe(T0 + 3 * DAY);
  expect(rollupMaker.failures).toMatchObject({ rollups: expect.stringContaining('park-a/meter-1/'), seal: null });
  expect(rollupMaker.error).toBeNull();
  expect(warned.join()).toContain('park-a/meter-1/');
  const days = [0, 1, 2, 3].map((day) => T0 + day * DAY);
  expect(await readWindows(store, OTHER, 'count', days)).toEqual(days.slice(0, 3).map((day) => [day, 72]));

  heal();
  // A restart tries it at once.
  await store.flush();
  await store.end();
  const next = await openLake(folder, { timeZone: 'UTC' });
  for (let i = 0; i < 10; i += 1) await next.maintain(T0 + 3 * DAY, 0, T0 + 3 * DAY + 10 * MINUTE);
  expect(next.stats().rollups).toEqual({ rolledTo: T0 + 3 * DAY, dirtySeries: 0 });
  expect(next.chores().map(({ problem }) => problem?.() ?? null)).toEqual([null, null, null, null, null]);
  for (const series of [POWER, ENERGY, OTHER]) {
    expect(await readWindows(next, series, 'count', days)).toEqual(days.slice(0, 3).map((day) => [day, 72]));
  }
});

it('what lies aside is counted with its bytes and its age, also once somebody has taken it away', async () => {
  const folder = tempDir();
  const first = await openLake(folder);
  await first.append([batch(1, { ts: T0, value: 1 })]);
  await first.flush();
  await first.end();
  writeFileSync(join(folder, 'readings/day=2026-11-02/000000000099-1-0.parquet'), 'cut off');
  const store = await openLake(folder);
  expect(store.stats().damage).toMatchObject({ files: 0, setAside: 1, setAsideBytes: 7 });
  expect(Math.abs(store.stats().damage.setAsideSince! - Date.now())).toBeLessThan(60_000);
});

it('files of one day that cannot be merged keep no other day from it, and are named', async () => {
  const folder = tempDir();
  const store = await openLake(folder, { timeZone: 'UTC' });
  for (const [i, ts] of [T0, T0 + MINUTE, T0 + DAY, T0 + DAY + MINUTE].entries()) {
    await store.append([batch(i + 1, { ts, value: i })]);
    await store.flush();
  }
  const { work } = Engine.prototype;
  const spy = vi.spyOn(Engine.prototype, 'work').mockImplementation(function (this: Engine, sql: string) {
    if (sql.includes('day=2026-11-02')) throw new Error('no memory for it');
    return work.call(this, sql);
  });
  onTestFinished(() => spy.mockRestore());
  expect(filesOf(folder)).toHaveLength(4);
  const compaction = store.chores().find(({ name }) => name === 'compaction')!;
  const time = { now: T0 + 10 * DAY, keepFrom: 0, settledTo: T0 + 10 * DAY };
  await expect(compaction.work(time)).rejects.toThrow('no memory');
  for (let i = 0; i < 3; i += 1) await compaction.work(time);
  await expect.poll(() => filesOf(folder)).toHaveLength(3);
  expect(compaction.problem?.()).toMatch(/2026-11-02 cannot be merged .*no memory/);
});
