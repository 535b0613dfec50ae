import { DuckDBAppender } from '@duckdb/node-api';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LakeStore } from '../../../../src/historian/lake/store.js';
import { message, POWER, readValues, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { openLake } from './open-lake.js';

const batchOf = (seq: number, rows: number) => ({
  seq,
  messages: Array.from({ length: rows }, (_, i) => message({ ts: T0 + seq * 1_000_000 + i, value: seq })),
});

/** Makes the n-th call of an appender's method fail once, before or after its work. */
function failOnce(method: 'appendDataChunk' | 'flushSync', nth: number, when: 'before' | 'after') {
  const work = DuckDBAppender.prototype[method] as (...args: unknown[]) => void;
  let calls = 0;
  const spy = vi.spyOn(DuckDBAppender.prototype, method).mockImplementation(function (
    this: DuckDBAppender,
    ...args: unknown[]
  ) {
    calls += 1;
    if (when === 'after' || calls !== nth) work.apply(this, args);
    if (calls === nth) throw new Error('out of memory, as it were');
  } as never);
  onTestFinished(() => spy.mockRestore());
}

describe('an error while rows go into the hot table', () => {
  it.each([
    ['appendDataChunk', 1, 'before'],
    ['appendDataChunk', 1, 'after'],
    ['appendDataChunk', 2, 'before'],
    ['appendDataChunk', 2, 'after'],
    ['appendDataChunk', 3, 'after'],
    ['flushSync', 1, 'before'],
    ['flushSync', 1, 'after'],
  ] as const)('of %s, call %i, %s its work, neither loses nor doubles one', async (method, nth, when) => {
    const folder = tempDir();
    const store = await openLake(folder);
    await store.append([batchOf(1, 5_000)]);
    failOnce(method, nth, when);
    await expect(readValues(store, POWER)).rejects.toThrow('out of memory');
    expect(await readValues(store, POWER)).toHaveLength(5_000);
    await store.append([batchOf(2, 5_000)]);
    expect(await readValues(store, POWER)).toHaveLength(10_000);
    await store.flush();
    expect(store.size()).toMatchObject({ rows: 10_000, unsealedRows: 0 });
  });

  it('in the middle of a batch, which is taken again then, counts each of its readings once', async () => {
    const store = await openLake(tempDir());
    failOnce('flushSync', 1, 'after');
    const all = [batchOf(1, 300_000)];
    await expect(store.append(all)).rejects.toThrow('out of memory');
    await store.append(all);
    await store.flush();
    expect(store.size().rows).toBe(300_000);
  });
});

it('an engine that has hardly any memory loses nothing and doubles nothing', async () => {
  const folder = tempDir();
  const small = new LakeStore({ folder, timeZone: 'Asia/Shanghai', memoryMb: 2, sealRows: 5_000_000 });
  await small.open();
  let seq = 0;
  const fill = async () => {
    for (; seq < 60; seq += 1) {
      await small.append([batchOf(seq + 1, 30_000)]);
    }
  };
  for (let tries = 0; tries < 4; tries += 1) await fill().catch(() => undefined);
  await small.close();
  const store = await openLake(folder);
  for (let again = store.durableSeq(); again < seq; again += 1) {
    await store.append([batchOf(again + 1, 30_000)]);
  }
  await store.flush();
  expect(store.size().rows).toBe(seq * 30_000);
});
