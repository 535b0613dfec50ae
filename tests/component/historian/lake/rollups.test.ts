import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ReadingsBatch } from '../../../../src/historian/port/store.js';
import Sqlite from '../../../../src/sqlite.js';
import { Model } from '../../../contract/historian/model.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, type Row, readRaw, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, LATER, openLake } from './open-lake.js';

type Lake = Awaited<ReturnType<typeof openLake>>;

/** `count` readings, one every 20 minutes, of a gauge and of two counters, one of which falls to zero now and then. */
const rows = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => i).flatMap((i): Row[] => {
    const ts = from + i * 20 * MINUTE;
    const kwh = (ts - T0) / HOUR + 500;
    return [
      { ts, value: Math.round(1e4 * Math.sin(ts)) / 100 },
      { ts: ts + 7, value: i % 31 === 30 ? 0 : kwh, metric: ENERGY.metric },
      { ts: ts + 9, value: kwh * 2, metric: ENERGY.metric, device: 'park-a/meter-2' },
    ];
  });

const HOURS = Array.from({ length: 5 * 24 + 1 }, (_, i) => T0 - DAY + i * HOUR);
const ODD = [T0 - DAY, T0 + 5 * MINUTE, T0 + 29 * HOUR + 1, T0 + 3 * DAY];

async function rollUp(store: Lake, now = LATER, keepFrom = 0): Promise<void> {
  const due = Math.floor((now - 10 * MINUTE) / HOUR) * HOUR;
  do await store.maintain(now, keepFrom);
  while ((store.stats().rollups.rolledTo ?? 0) < due || store.stats().rollups.dirtySeries > 0);
}

/** Checks the answers of `store` against `batches`. */
async function check(
  store: Lake,
  batches: readonly ReadingsBatch[],
  when: string,
  windows: readonly (readonly number[])[] = [HOURS, ODD],
): Promise<void> {
  const model = new Model({ store, put: () => Promise.resolve() });
  for (const { messages } of batches) {
    for (const { device, readings } of messages) await model.put(...readings.map((one) => ({ device, ...one })));
  }
  for (const edges of windows) await model.check(edges, when, ['count', 'sum', 'delta', 'time_weighted_mean']);
}

describe('the roll-ups of a lake', () => {
  it('are right after a crash at any moment of sealing, rolling up and correcting', {
    timeout: 120_000,
  }, async () => {
    const folder = tempDir();
    const pictures: { readonly folder: string; readonly batches: number; readonly when: string }[] = [];
    const batches: ReadingsBatch[] = [];
    const store = await openLake(folder, { sealRows: 150, compaction: { maxFilesPerDay: 3, quietMs: 0 } });
    let seen = '';
    const look = (when: string) => {
      const state = ['manifest.json', 'rollup.sqlite', 'rollup.sqlite-wal'].map((name) => {
        const file = statSync(join(folder, name), { throwIfNoEntry: false });
        return `${file?.size} ${file?.mtimeMs}`;
      });
      if (state.join() === seen) return;
      seen = state.join();
      const copy = tempDir();
      cpSync(folder, copy, { recursive: true });
      pictures.push({ folder: copy, batches: batches.length, when: `${pictures.length}, ${when}` });
    };
    const act = async (when: string, action: () => Promise<unknown>) => {
      let done = false;
      const acting = action().finally(() => {
        done = true;
      });
      while (!done) {
        look(when);
        await nextTurn();
      }
      await acting;
      look(when);
    };
    const append = (...some: Row[]) => {
      batches.push(batch(batches.length + 1, ...some));
      return act('appending', () => store.append(batches.slice(-1)));
    };

    await append(...rows(T0, 40));
    await append(...rows(T0 + 14 * HOUR, 40));
    await act('rolling up', () => rollUp(store, T0 + 20 * HOUR));
    await append(...rows(T0 + 3 * HOUR + MINUTE, 5), ...rows(T0 + 28 * HOUR, 10));
    await act('sealing late readings', () => store.flush());
    await append({ ts: T0 + 7 * HOUR + 2, value: 9 }, { ts: T0 + 8 * HOUR + 7, value: 0, metric: ENERGY.metric });
    await act('correcting', () => rollUp(store, T0 + 30 * HOUR));
    await append({ ts: T0 + 21 * HOUR, value: 1 }, { ts: T0 + 40 * MINUTE + 9, value: 1001, flag: 'B' });
    await act('sealing', () => store.flush());
    await act('rolling up the rest', () => rollUp(store, T0 + 2 * DAY));

    expect(pictures.length).toBeGreaterThan(20);
    for (const picture of pictures) {
      const known = batches.slice(0, picture.batches);
      const left = await openLake(picture.folder);
      await left.append(known.filter(({ seq }) => seq > left.durableSeq()));
      await check(left, known, `in picture ${picture.when}`);
      await rollUp(left, T0 + 2 * DAY);
      await check(left, known, `in picture ${picture.when}, rolled up again`);
      await left.end();
    }
  });

  it('are made in the background of a lake that has none, and again when their file was lost', async () => {
    const folder = tempDir();
    const history = [batch(1, ...rows(T0, 150))];
    const older = await openLake(folder);
    await older.append(history);
    await older.flush();
    await rollUp(older);
    await older.end();
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `rollup.sqlite${end}`), { force: true });
    const store = await openLake(folder);
    await check(store, history, 'before');
    expect(store.stats().rollups.rolledTo).toBeNull();
    await rollUp(store);
    await check(store, history, 'after');
    let hours = 0;
    for await (const part of store.rollupStore.readAll('hour', T0, T0 + 3 * DAY)) hours += part.rollups.length;
    expect(hours).toBeGreaterThanOrEqual(3 * 50);
  });

  it('count readings that come while their hour is rolled up', async () => {
    const store = await openLake(tempDir());
    const batches = [batch(1, ...rows(T0, 150))];
    await store.append(batches);
    await rollUp(store, T0 + HOUR);
    for (let hour = 1; hour < 48; hour += 1) {
      const rolling = rollUp(store, T0 + (hour + 1) * HOUR + 10 * MINUTE);
      for (let turns = hour % 16; turns > 0; turns -= 1) await nextTurn();
      const ts = T0 + hour * HOUR + 31 * MINUTE;
      batches.push(batch(batches.length + 1, { ts, value: hour }, { ts, value: 520, metric: ENERGY.metric }));
      await store.append(batches.slice(-1));
      await rolling;
    }
    await check(store, batches, 'at once');
    await rollUp(store);
    await check(store, batches, 'corrected');
  });

  it('are broken off when the lake closes, and go on when it opens again', async () => {
    const folder = tempDir();
    const history = [batch(1, ...rows(T0 - DAY, 290))];
    const many = Array.from({ length: 200 }, (_, i) => ({
      ...POWER,
      device: `park-a/m-${i}`,
      ts: T0 - i * 5 * HOUR,
      value: i,
    }));
    const store = await openLake(folder);
    await store.append([...history, batch(2, ...many)]);
    await store.flush();
    const rolling = store.maintain(LATER, 0).catch(() => undefined);
    for (let i = 0; i < 20; i += 1) await nextTurn();
    await store.end();
    await rolling;
    const again = await openLake(folder);
    expect(again.stats().rollups.rolledTo ?? 0).toBeLessThan(LATER - HOUR);
    await check(again, history, 'after closing');
    await rollUp(again);
    await check(again, history, 'when done');
  });

  it('keep raw readings until they were made of them, and readings of dropped days count no more', async () => {
    const store = await openLake(tempDir());
    const history = [batch(1, ...rows(T0, 150))];
    await store.append(history);
    await store.flush();
    await store.maintain(T0 + 3 * HOUR, T0 + DAY);
    expect((await readRaw(store, POWER))[0]?.ts).toBe(T0);
    await rollUp(store, LATER, T0 + DAY);
    await store.maintain(LATER, T0 + DAY);
    expect((await readRaw(store, POWER))[0]?.ts).toBe(T0 + DAY);
    const late = { ts: T0 + 5 * HOUR, value: 1e9 };
    await store.append([batch(2, late, { ...late, device: 'park-a/new-1' })]);
    expect(store.stats().ignored).toBe(2);
    expect(await store.latest({ device: 'park-a/new-1' })).toEqual([]);
    await rollUp(store, LATER, T0 + DAY);
    await check(store, history, 'with a day dropped', [HOURS]);
  });

  it('are corrected after an update although what was out of date was noted by ids of devices alone', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    const history = [batch(1, ...rows(T0, 150))];
    await store.append(history);
    await rollUp(store);
    const late = batch(2, { ts: T0 + 5 * HOUR + 3, value: 40, device: 'park-a/meter-2', metric: ENERGY.metric });
    await store.append([late]);
    await store.flush();
    await store.end();
    const marks = new Sqlite(join(folder, 'rollup.sqlite'));
    expect(marks.prepare("UPDATE dirty_hours SET device = 'meter-2'").run().changes).toBe(1);
    marks.close();

    const again = await openLake(folder);
    await rollUp(again);
    await check(again, [...history, late], 'after the update', [HOURS]);
  });

  it('that cannot be read keep the lake shut, and are left as they are', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    await store.append([batch(1, ...rows(T0, 150))]);
    await store.flush();
    await rollUp(store);
    await store.end();
    const path = join(folder, 'rollup.sqlite');
    const whole = readFileSync(path);
    writeFileSync(
      path,
      'not a database at all, but long enough to be taken for the header of one, and then some more of it',
    );
    await expect(openLake(folder)).rejects.toThrow(/rollup.sqlite of the lake cannot be read/);
    writeFileSync(path, whole);
    const again = await openLake(folder);
    await check(again, [batch(1, ...rows(T0, 150))], 'put back');
  });
});
