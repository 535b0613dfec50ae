import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistorianStore, ReadingsBatch } from '../../../../src/historian/port/store.js';
import type { WorkerStatus } from '../../../../src/historian/worker-thread/protocol.js';
import { Writer } from '../../../../src/historian/worker-thread/writer.js';
import { type JournalReader, positionFrom, type StoredBatch } from '../../../../src/journal/port.js';

const T = Date.UTC(2026, 10, 23);

interface Append {
  readonly seqs: readonly number[];
  take(): void;
  fail(error: unknown): void;
}

/** A store whose appends end when the test says so. */
class ScriptedStore implements HistorianStore {
  readonly appends: Append[] = [];
  readonly maintained: { now: number; keepFrom: number; settledTo: number | undefined }[] = [];
  maintainError: Error | null = null;
  private durable = 0;

  open = () => Promise.resolve();
  close = () => Promise.resolve();
  flush = () => Promise.resolve();
  durableSeq = () => this.durable;
  batchBytes = () => 1;

  append(batches: readonly ReadingsBatch[]): Promise<void> {
    const seqs = batches.map(({ seq }) => seq);
    return new Promise((resolve, reject) => {
      const take = () => {
        this.durable = Math.max(this.durable, ...seqs);
        resolve();
      };
      this.appends.push({ seqs, take, fail: reject });
    });
  }

  async maintain(now: number, keepFrom: number, settledTo?: number): Promise<void> {
    if (this.maintainError !== null) throw this.maintainError;
    this.maintained.push({ now, keepFrom, settledTo });
  }

  raw(): never {
    throw new Error('not asked');
  }
  windows(): never {
    throw new Error('not asked');
  }
  buckets(): never {
    throw new Error('not asked');
  }
  results(): never {
    throw new Error('not asked');
  }
  replaceResults(): never {
    throw new Error('not asked');
  }
  latest = () => Promise.resolve([]);
}

/** A journal of one message with one reading per batch; batch `seq` was received `seq` seconds after T. */
class ScriptedJournal implements JournalReader {
  newest = 0;

  read(afterSeq: number): StoredBatch[] {
    const seq = afterSeq + 1;
    if (seq > this.newest) return [];
    const payload = Buffer.from(JSON.stringify({ ts: T, values: { active_power_kw: seq } }));
    const topic = 'parks/oh-diandu/energy/m-1/readings';
    const entry = { park: 'oh-diandu', topic, gateway: 'gw', receivedAt: T + seq * 1_000, payload };
    return [{ position: positionFrom(seq), bytes: payload.length, entries: [entry] }];
  }

  head = () => positionFrom(this.newest);
  close = () => undefined;
}

function writing({ batches = 0, countedSeq = 0 } = {}) {
  const store = new ScriptedStore();
  const journal = new ScriptedJournal();
  journal.newest = batches;
  const told: WorkerStatus[] = [];
  const warned: string[] = [];
  const writer = new Writer(store, journal, {
    rawDays: 400,
    countedSeq,
    refused: () => 0,
    report: (status) => void told.push(status),
    warn: (message) => void warned.push(message),
    onError: () => undefined,
  });
  const seqs = () => store.appends.map((one) => one.seqs[0]);
  return { store, journal, writer, told, warned, seqs };
}

/** Lets every task run that waits only for its turn. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await nextTurn();
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
}

describe('Writer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('has two appends under way, in order, and never a third', async () => {
    const { store, writer, seqs } = writing({ batches: 5 });
    writer.start();
    await settle();
    expect(seqs()).toEqual([1, 2]);
    store.appends[1]!.take();
    await settle();
    expect(seqs()).toEqual([1, 2]);
    expect(writer.appliedSeq).toBe(0);
    store.appends[0]!.take();
    await settle();
    expect(seqs()).toEqual([1, 2, 3, 4]);
    expect(writer.appliedSeq).toBe(2);
    for (const at of [2, 3]) store.appends[at]!.take();
    await settle();
    store.appends[4]!.take();
    await settle();
    expect(writer.status()).toMatchObject({ appliedSeq: 5, readings: 5, failing: null, failingKind: null });
  });

  it.each([
    ['both fail', (store: ScriptedStore) => store.appends[1]!.fail(new Error('the first failed'))],
    ['the store took the second all the same', (store: ScriptedStore) => store.appends[1]!.take()],
  ])('begins again with the first when the first of two fails: %s', async (_, second) => {
    const { store, writer, seqs } = writing({ batches: 3 });
    writer.start();
    await settle();
    store.appends[0]!.fail(new Error('away'));
    await settle();
    expect(seqs()).toEqual([1, 2]);
    second(store);
    await settle();
    expect(writer.status()).toMatchObject({ appliedSeq: 0, failing: 'away', failingKind: 'other' });
    await pass(100);
    expect(seqs()).toEqual([1, 2, 1, 2]);
    for (const at of [2, 3]) store.appends[at]!.take();
    await settle();
    expect(seqs()).toEqual([1, 2, 1, 2, 3]);
    expect(writer.status()).toMatchObject({ appliedSeq: 2, readings: 2, failing: null });
  });

  it('begins again with the second when only that fails', async () => {
    const { store, writer, seqs } = writing({ batches: 2 });
    writer.start();
    await settle();
    store.appends[1]!.fail(new Error('away'));
    store.appends[0]!.take();
    await settle();
    expect(writer.status()).toMatchObject({ appliedSeq: 1, readings: 1, failing: 'away' });
    await pass(100);
    expect(seqs()).toEqual([1, 2, 2]);
  });

  it('counts each failed try, says the same words once, and leaves the store alone as long as it asks', async () => {
    const { store, writer, warned, seqs } = writing({ batches: 1 });
    writer.start();
    await settle();
    const busy = Object.assign(new Error('busy'), { status: 503, retryAfterMs: 60_000 });
    store.appends[0]!.fail(busy);
    await pass(59_999);
    expect(seqs()).toEqual([1]);
    await pass(1);
    expect(seqs()).toEqual([1, 1]);
    store.appends[1]!.fail(busy);
    await settle();
    expect(warned).toEqual(['writing: busy']);
    expect(writer.status()).toMatchObject({ failing: 'busy', failingKind: 'busy', writeErrors: { busy: 2 } });
  });

  it('says that an append takes long, again for the one behind it, and no more once it ends', async () => {
    const { store, writer, told } = writing({ batches: 2 });
    writer.start();
    await settle();
    await pass(9_999);
    expect(writer.status().failing).toBeNull();
    await pass(1);
    const stalled = { failing: 'the store has not answered for 10 s', failingKind: 'timeout' };
    expect(told.at(-1)).toMatchObject(stalled);
    await pass(60_000);
    store.appends[0]!.take();
    await settle();
    expect(told.at(-1)).toMatchObject({ failing: null, appliedSeq: 1 });
    await pass(10_000);
    expect(told.at(-1)).toMatchObject(stalled);
    store.appends[1]!.take();
    await settle();
    expect(told.at(-1)).toMatchObject({ failing: null, appliedSeq: 2 });
  });

  it('survives a store that throws instead of rejecting', async () => {
    const { store, writer, seqs } = writing({ batches: 1 });
    const append = store.append.bind(store);
    store.append = () => {
      store.append = append;
      throw new Error('thrown');
    };
    writer.start();
    await settle();
    expect(writer.status().failing).toBe('thrown');
    await pass(100);
    expect(seqs()).toEqual([1]);
  });

  it.each([
    ['idles', () => Promise.resolve(), 0],
    [
      'rests after a failure',
      async (store: ScriptedStore) => {
        store.appends[0]!.fail(Object.assign(new Error('busy'), { status: 503, retryAfterMs: 300_000 }));
        await settle();
      },
      1,
    ],
  ])('stops at once while it %s', async (_, prepare, batches) => {
    const { store, writer } = writing({ batches });
    writer.start();
    await settle();
    await prepare(store);
    const waiting = writer.visible(99, 60_000);
    await writer.stop();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops once what is under way has ended, and begins nothing more', async () => {
    const { store, writer, seqs } = writing({ batches: 9 });
    writer.start();
    await settle();
    let stopped = false;
    void writer.stop().then(() => {
      stopped = true;
    });
    await pass(30_000);
    expect(stopped).toBe(false);
    store.appends[0]!.take();
    await settle();
    expect(stopped).toBe(false);
    store.appends[1]!.fail(new Error('closed'));
    await settle();
    expect(stopped).toBe(true);
    expect(seqs()).toEqual([1, 2]);
    expect(writer.appliedSeq).toBe(1);
  });

  it('tells whoever waits for a batch when it is there, or when the time is up', async () => {
    const { store, writer } = writing({ batches: 2 });
    writer.start();
    await settle();
    const seen: string[] = [];
    void writer.visible(1, 2_000).then(() => seen.push('first'));
    void writer.visible(2, 2_000).then(() => seen.push('second'));
    store.appends[0]!.take();
    await settle();
    expect(seen).toEqual(['first']);
    await pass(2_000);
    expect(seen).toEqual(['first', 'second']);
    await writer.visible(1, 2_000);
  });

  it('looks at the journal when it is told, and now and then all the same', async () => {
    const { journal, writer, seqs, store } = writing();
    writer.start();
    await settle();
    journal.newest = 1;
    writer.poke();
    await settle();
    expect(seqs()).toEqual([1]);
    store.appends[0]!.take();
    await settle();
    journal.newest = 2;
    await pass(1_000);
    expect(seqs()).toEqual([1, 2]);
  });

  it('does not count again what an earlier thread has counted', async () => {
    const { store, writer } = writing({ batches: 2, countedSeq: 1 });
    writer.start();
    await settle();
    for (const append of store.appends) append.take();
    await settle();
    expect(writer.status()).toMatchObject({ appliedSeq: 2, readings: 1 });
  });

  it('says until when all is there: the last receipt while there is a backlog, else now; never an earlier time', async () => {
    const { store, journal, writer } = writing({ batches: 3 });
    const settledTo = async (now: number) => {
      writer.tick(now);
      await settle();
      return store.maintained.at(-1)!.settledTo;
    };
    const later = T + 600_000;
    expect(await settledTo(later)).toBe(Number.NEGATIVE_INFINITY);
    writer.start();
    await settle();
    store.appends[0]!.take();
    await settle();
    expect(await settledTo(later)).toBe(T + 1_000);
    store.appends[1]!.take();
    await settle();
    store.appends[2]!.take();
    await settle();
    expect(await settledTo(later)).toBe(later);
    // The clock is set back, and readings come.
    expect(await settledTo(later - 3_600_000)).toBe(later);
    journal.newest = 4;
    expect(await settledTo(later + 1)).toBe(later);
    // A receipt of a clock that ran ahead.
    expect(await settledTo(T)).toBe(later);
  });

  it('keeps house again as soon as the store takes readings again', async () => {
    const { store, writer, warned } = writing({ batches: 1 });
    store.maintainError = new Error('away');
    writer.start();
    await settle();
    store.appends[0]!.fail(new Error('away'));
    await settle();
    writer.tick(T);
    await settle();
    writer.tick(T);
    await settle();
    expect(warned).toEqual(['writing: away', 'housekeeping: away']);
    store.maintainError = null;
    await pass(100);
    store.appends[1]!.take();
    await settle();
    expect(writer.status().failing).toBe('away');
    writer.tick(T);
    await settle();
    expect(writer.status().failing).toBeNull();
    expect(store.maintained).toHaveLength(1);
  });
});
