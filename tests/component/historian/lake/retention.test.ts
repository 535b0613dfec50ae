import { describe, expect, it } from 'vitest';
import { DAY, HOUR, POWER, readValues, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, LATER, openLake } from './open-lake.js';

/** A lake of which all days before `T0` were dropped. */
async function dropped(folder: string, rawDays = 0) {
  const store = await openLake(folder, { rawDays });
  await store.append([batch(1, ...[-3, -2, -1, 0].map((day) => ({ ts: T0 + day * DAY + HOUR, value: day })))]);
  await store.flush();
  for (let i = 0; i < 20; i += 1) await store.maintain(LATER, T0);
  expect(await readValues(store, POWER)).toEqual([[T0 + HOUR, 0]]);
  return store;
}

const LATE = T0 - 5 * DAY;

describe('a reading from before what was once dropped', () => {
  it('is turned away, and counted, while it would be dropped at once', async () => {
    const store = await dropped(tempDir());
    await store.append([batch(2, { ts: LATE, value: 9 })]);
    expect(await readValues(store, POWER)).toEqual([[T0 + HOUR, 0]]);
    expect(store.stats().ignored).toBe(1);
  });

  it('is kept once the bound is raised, or the clock that said so was wrong, over a restart too', async () => {
    const folder = tempDir();
    const store = await dropped(folder);
    await store.maintain(LATER, T0 - 10 * DAY);
    await store.append([batch(2, { ts: LATE, value: 9, device: 'late-1' })]);
    const late = { ...POWER, device: 'park-a/late-1' as const };
    expect(await readValues(store, late)).toEqual([[LATE, 9]]);
    expect(store.stats().ignored).toBe(0);
    await store.flush();
    expect(store.keptFrom).toBeLessThanOrEqual(LATE);
    await store.end();
    const again = await openLake(folder);
    expect(await readValues(again, late)).toEqual([[LATE, 9]]);
    expect((await again.latest({ device: 'park-a/late-1' })).map(({ value }) => value)).toEqual([9]);
    for (let i = 0; i < 20; i += 1) await again.maintain(LATER, T0);
    expect(await readValues(again, late)).toEqual([]);
  });

  it('is kept at once by a service that is started to keep readings for longer, and by no other', async () => {
    const folder = tempDir();
    await (await dropped(folder, 10)).end();
    const same = await openLake(folder, { rawDays: 10 });
    await same.append([batch(2, { ts: LATE, value: 8 })]);
    expect(await readValues(same, POWER)).toEqual([[T0 + HOUR, 0]]);
    await same.end();
    const longer = await openLake(folder, { rawDays: 400 });
    await longer.append([batch(3, { ts: LATE, value: 9 })]);
    expect(await readValues(longer, POWER)).toEqual([
      [LATE, 9],
      [T0 + HOUR, 0],
    ]);
  });
});

it('says what it knows of time: the newest reading, and the newest that brought its own', async () => {
  const folder = tempDir();
  const store = await openLake(folder);
  expect(store.times).toMatchObject({ own: null, newest: null, believed: null });
  const at = (ts: number, receivedAt: number) => ({ ts, receivedAt, value: 1 });
  await store.append([batch(1, at(T0, T0), at(T0 - HOUR, T0), at(T0 + HOUR, T0 + HOUR))]);
  expect(store.times).toMatchObject({ own: T0 - HOUR, newest: T0 + HOUR });
  store.times.believed = T0;
  await store.end();
  expect((await openLake(folder)).times.believed).toBe(T0);
});
