import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deviceKey } from '../../../../src/model/ids.js';
import { DAY, HOUR, POWER, readValues, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, filesOf, LATER, openLake } from './open-lake.js';

describe('sealing', () => {
  it('comes due ten minutes after the first unsealed row was noticed, not before', async () => {
    const store = await openLake(tempDir());
    await store.append([batch(1, { ts: T0, value: 1 })]);
    await store.maintain(T0, 0);
    await store.maintain(T0 + 599_999, 0);
    expect(store.durableSeq()).toBe(0);
    await store.maintain(T0 + 600_000, 0);
    expect(store.durableSeq()).toBe(1);
    expect(store.size()).toMatchObject({ files: 1, rows: 1, unsealedRows: 0 });
  });

  it('starts by itself at the row bound, and holds the writer at twice that', async () => {
    const store = await openLake(tempDir(), { sealRows: 100 });
    for (let seq = 1; seq <= 50; seq += 1) {
      await store.append([
        batch(seq, ...Array.from({ length: 20 }, (_, i) => ({ ts: T0 + seq * 1000 + i, value: i }))),
      ]);
      expect(store.size().unsealedRows).toBeLessThanOrEqual(220);
    }
    expect(store.durableSeq()).toBeGreaterThan(30);
    expect(await readValues(store, POWER)).toHaveLength(1000);
  });

  it('that fails holds the writer at the bound, loses nothing, and goes on once it can', async () => {
    const folder = tempDir();
    const failures: unknown[] = [];
    const store = await openLake(folder, { sealRows: 100, onBackgroundError: (error) => failures.push(error) });
    writeFileSync(join(folder, 'readings'), 'in the way');
    const rows = (seq: number) => Array.from({ length: 50 }, (_, i) => ({ ts: T0 + seq * 1000 + i, value: seq }));
    let seq = 1;
    await expect(
      (async () => {
        for (; seq < 100; seq += 1) await store.append([batch(seq, ...rows(seq))]);
      })(),
    ).rejects.toThrow();
    expect(store.size().unsealedRows).toBeLessThanOrEqual(250);
    await expect(store.maintain(T0, 0)).rejects.toThrow();
    expect(failures.length).toBeGreaterThan(0);
    rmSync(join(folder, 'readings'));
    for (; seq <= 10; seq += 1) await store.append([batch(seq, ...rows(seq))]);
    await store.flush();
    expect(store.durableSeq()).toBe(10);
    expect(await readValues(store, POWER)).toHaveLength(500);
  });

  it('lets batches handed over at once take effect in order, and fail together', async () => {
    const folder = tempDir();
    const store = await openLake(folder, { sealRows: 10 });
    const rows = (seq: number) => Array.from({ length: 25 }, (_, i) => ({ ts: T0 + i, value: seq }));
    await Promise.all([1, 2, 3, 4].map((seq) => store.append([batch(seq, ...rows(seq))])));
    expect((await readValues(store, POWER)).every(([, value]) => value === 4)).toBe(true);
    await store.flush();
    rmSync(join(folder, 'readings'), { recursive: true });
    writeFileSync(join(folder, 'readings'), 'in the way');
    const outcomes = await Promise.allSettled([5, 6, 7].map((seq) => store.append([batch(seq, ...rows(seq))])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('of rows of 33 days makes one file a day', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    await store.append([batch(1, ...Array.from({ length: 33 }, (_, day) => ({ ts: T0 - day * DAY, value: day })))]);
    await store.flush();
    expect(filesOf(folder)).toHaveLength(33);
    expect(await readValues(store, POWER)).toHaveLength(33);
  });
});

describe('compaction', () => {
  it('cuts a large day by series and answers the same', async () => {
    const folder = tempDir();
    const store = await openLake(folder, { compaction: { maxRows: 100 } });
    for (let seq = 1; seq <= 4; seq += 1) {
      const rows = Array.from({ length: 90 }, (_, i) => ({
        device: `park-a/m-${i % 9}`,
        ts: T0 + seq * HOUR + i,
        value: seq,
      }));
      await store.append([batch(seq, ...rows)]);
      await store.flush();
    }
    const before = await readValues(store, { ...POWER, device: 'park-a/m-4' });
    await store.maintain(LATER, 0);
    await expect.poll(() => filesOf(folder)).toHaveLength(5);
    expect(store.size().rows).toBe(360);
    expect(await readValues(store, { ...POWER, device: 'park-a/m-4' })).toEqual(before);
    await store.maintain(LATER + DAY, 0);
    expect(filesOf(folder), 'a day in its final form stays as it is').toHaveLength(5);
  });

  it('is given up when the lake closes, and the day stays as it was', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    for (let seq = 1; seq <= 2; seq += 1) {
      await store.append([batch(seq, ...Array.from({ length: 100_000 }, (_, i) => ({ ts: T0 + i, value: seq })))]);
      await store.flush();
    }
    const compacting = store.maintain(LATER, 0);
    const given = expect(compacting).rejects.toThrow();
    await store.end();
    await given;
    expect(filesOf(folder)).toHaveLength(2);
    const again = await openLake(folder);
    const values = await readValues(again, POWER);
    expect(values).toHaveLength(100_000);
    expect(values.every(([, value]) => value === 2)).toBe(true);
  });

  it('leaves files in place that a running query still reads', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    for (let seq = 1; seq <= 2; seq += 1) {
      await store.append([batch(seq, ...Array.from({ length: 30_000 }, (_, i) => ({ ts: T0 + i, value: seq })))]);
      await store.flush();
    }
    const reading = store.raw({ series: [POWER], from: T0, to: T0 + DAY, limit: 100_000 });
    const first = await reading.next();
    await store.maintain(LATER, 0);
    expect(filesOf(folder)).toHaveLength(3);
    let rows = first.value!.ts.length;
    for await (const chunk of reading) rows += chunk.ts.length;
    expect(rows).toBe(30_000);
    await expect.poll(() => filesOf(folder)).toHaveLength(1);
  });
});

it('keeps a reading within three bytes on disk, receipt included', async () => {
  const store = await openLake(tempDir());
  let state = 1;
  const noise = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const metrics = { active_power_kw: 2, voltage_a_v: 1, power_factor: 3, current_a_a: 2, frequency_hz: 2 };
  for (let minute = 0; minute < 1440; minute += 1) {
    const messages = Array.from({ length: 30 }, (_, device) => {
      const ts = T0 + minute * 60_000 + device * 37;
      const readings = Object.entries(metrics).map(([metric, digits]) => {
        const value = Number((50 + device + (noise() + noise() + noise()) * 2).toFixed(digits));
        return { metric, ts, value, flag: 'N' as const, quality: 'good' as const };
      });
      const receivedAt = ts + 40 + Math.floor(-25 * Math.log(noise()));
      return {
        park: 'park-a',
        domain: 'energy' as const,
        device: deviceKey('park-a', `m-${device}`),
        gateway: 'g',
        receivedAt,
        readings,
      };
    });
    await store.append([{ seq: minute + 1, messages }]);
  }
  await store.flush();
  const { bytes, rows } = store.size();
  expect(rows).toBe(1440 * 30 * 5);
  expect(bytes / rows).toBeLessThan(3);
});

describe('a question nobody waits for any more', () => {
  it('ends when its signal fires, in the middle of a statement too, and disturbs no other', async () => {
    const store = await openLake(tempDir());
    for (let seq = 1; seq <= 4; seq += 1) {
      await store.append([batch(seq, ...Array.from({ length: 50_000 }, (_, i) => ({ ts: T0 + i, value: seq })))]);
      await store.flush();
    }
    const edges = Float64Array.from({ length: 50_001 }, (_, i) => T0 + i);
    const questions = [
      (signal: AbortSignal) => store.raw({ series: [POWER], from: T0, to: T0 + DAY, limit: 1e6 }, signal),
      (signal: AbortSignal) => store.windows({ series: [POWER], edges, fn: 'mean' }, signal),
      (signal: AbortSignal) => store.windows({ series: [POWER], edges, fn: 'time_weighted_mean' }, signal),
    ];
    for (const ask of questions) {
      const stop = new AbortController();
      const first = ask(stop.signal).next();
      stop.abort();
      await expect(first).rejects.toThrow();
    }
    expect(await readValues(store, POWER)).toHaveLength(50_000);
  });
});
