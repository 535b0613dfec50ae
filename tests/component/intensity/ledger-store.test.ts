import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendInSlices, ROWS_AT_ONCE } from '../../../src/intensity/ledger/in-slices.js';
import { LEDGER_BOUNDS, LedgerStore } from '../../../src/intensity/ledger/ledger-store.js';
import { believed } from '../../../src/intensity/model/statistics/ledger.js';
import { migrations } from '../../../src/intensity/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';

const ORIGIN = { by: 'tok-1', source: 'a.xlsx' };

function open(dir = tempDir(), now = 1_000) {
  const state = openState(join(dir, 'park.sqlite'), { intensity: migrations });
  const errors: object[] = [];
  const log = { error: (fields: object) => errors.push(fields) };
  const store = (name: 'statistics' | 'voids') =>
    new LedgerStore<{ n: number }>(
      state,
      name,
      () => now,
      log,
      (value) => value,
    );
  return { dir, state, store, errors };
}

describe('a ledger in the state file', () => {
  it('has of large values a part in memory, and the whole of each version in the file', () => {
    const first = open();
    const openPart = (state: typeof first.state) =>
      new LedgerStore<{ n: number; large: string }, number>(
        state,
        'publications',
        () => 1_000,
        { error: () => undefined },
        ({ n }) => n,
      );
    const publications = openPart(first.state);
    const [one, two] = [1, 2].map((n) => ({ n, large: 'x'.repeat(n) }));
    publications.append([['a', one!]], ORIGIN);
    publications.append([['a', two!]], ORIGIN, undefined, new Map([['a', JSON.stringify(two)]]));
    publications.append([['a', null]], ORIGIN);
    first.state.close();
    const { state } = open(first.dir);
    const again = openPart(state);
    for (const store of [publications, again])
      expect(store.ledger.map(({ items }) => items.get('a'))).toEqual([1, 2, null]);
    expect([1, 2, 3, 4].map((version) => again.wholeOf(version, 'a'))).toEqual([one, two, null, null]);
    expect(again.wholeOf(1, 'b')).toBeNull();
    state.close();
  });

  it('opens with a damaged entry: names it, and goes on from what was believed before', () => {
    const first = open();
    const statistics = first.store('statistics');
    for (const n of [1, 2])
      statistics.append(
        ['a', 'b'].map((key) => [key, { n }]),
        ORIGIN,
      );
    first.state.db.prepare(`UPDATE intensity_items SET value = '{"n":' WHERE version = 2 AND key = 'a'`).run();
    first.state.close();
    const { state, store, errors } = open(first.dir);
    const opened = store('statistics');
    expect([...opened.believed().at.values()].map(({ key, value }) => [key, value.n])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(errors).toMatchObject([{ ledger: 'statistics', version: 2, key: 'a' }]);
    expect(opened.append([['a', { n: 3 }]], ORIGIN).version).toBe(3);
    state.close();
  });

  it('recorded while the clock was far ahead does not put all that follows into the future', () => {
    let now = Date.UTC(2026, 10, 1);
    const { state } = open();
    const log = { error: () => undefined };
    const store = new LedgerStore<{ n: number }>(
      state,
      'statistics',
      () => now,
      log,
      (value) => value,
    );
    const put = (n: number) => store.append([['a', { n }]], ORIGIN).recordedAt;
    const first = put(1);
    now = Date.UTC(2038, 0, 1);
    put(2);
    now = first + 60_000;
    expect(put(3)).toBe(now);
    expect(store.believed({ time: now }).at.get('a')?.value.n).toBe(3);
    expect(store.believed({ time: first }).at.get('a')?.value.n).toBe(1);
    // A clock that is set back by an hour still gives every version an instant of its own, in their order.
    now -= 3_600_000;
    expect(put(4)).toBe(now + 3_600_001);
    state.close();
  });

  it('holds after a restart every version as it was recorded, withdrawals included, apart from other ledgers', () => {
    const first = open();
    const statistics = first.store('statistics');
    statistics.append([['a', { n: 1 }]], ORIGIN);
    statistics.append(new Map([['a', { n: 2 }]]), { by: 'tok-2', source: '更正.xlsx' });
    statistics.append([['a', null]], ORIGIN);
    first.store('voids').append([['a', { n: 9 }]], ORIGIN);
    const told = statistics.ledger;
    first.state.close();
    const { state, store } = open(first.dir);
    expect(store('statistics').ledger).toEqual(told);
    expect(told.map(({ version, recordedAt }) => [version, recordedAt])).toEqual([
      [1, 1_000],
      [2, 1_001],
      [3, 1_002],
    ]);
    expect(believed(store('statistics').ledger, { version: 2 }).at.get('a')).toMatchObject({
      value: { n: 2 },
      by: 'tok-2',
    });
    expect(believed(store('statistics').ledger, 'latest').at.size).toBe(0);
    expect(believed(store('voids').ledger, 'latest').at.get('a')?.value).toEqual({ n: 9 });
    state.close();
  });

  it('records all of a revision or nothing, here and on disk', () => {
    const { dir, state, store } = open();
    const statistics = store('statistics');
    const fails = () => {
      throw new Error('the audit fails');
    };
    expect(() => statistics.append([['a', { n: 1 }]], ORIGIN, fails)).toThrow('the audit fails');
    expect(statistics.ledger).toEqual([]);
    statistics.append([['a', { n: 2 }]], ORIGIN);
    state.close();
    const again = open(dir);
    expect(again.store('statistics').ledger).toHaveLength(1);
    again.state.close();
  });

  it('records revisions of two ledgers together or not at all, with their reason', async () => {
    const { dir, state, store } = open();
    const [statistics, voids] = [store('statistics'), store('voids')];
    const origin = { ...ORIGIN, reason: '更正' };
    const both = [
      { ledger: statistics, items: new Map([['a', { n: 1 }]]) },
      { ledger: voids, items: new Map([['b', { n: 2 }]]) },
    ];
    const fails = () => {
      throw new Error('the audit fails');
    };
    await expect(appendInSlices(state, both, origin, fails)).rejects.toThrow('the audit fails');
    expect([statistics.version, voids.version]).toEqual([0, 0]);
    expect(statistics.believed().at.size).toBe(0);
    await appendInSlices(state, both, origin, () => undefined);
    expect([statistics.version, voids.version]).toEqual([1, 1]);
    expect(statistics.believed().at.get('a')).toMatchObject({ value: { n: 1 }, reason: '更正' });
    state.close();
    const again = open(dir);
    expect(again.store('statistics').ledger).toEqual(statistics.ledger);
    expect(again.store('voids').ledger).toEqual(voids.ledger);
    again.state.close();
  });

  it('writes a large revision a few rows a turn; none of it counts before all of it is there', async () => {
    const { dir, state, store } = open();
    const statistics = store('statistics');
    const rows = () => state.db.prepare('SELECT total_changes()').pluck().get() as number;
    const many = new Map(Array.from({ length: 10 * ROWS_AT_ONCE + 1 }, (_, n) => [`k${n}`, { n }] as const));
    const perTurn: number[] = [];
    const images: string[] = [];
    let before = rows();
    let isOver = false;
    const count = () => {
      perTurn.push(rows() - before);
      before = rows();
    };
    const look = () => {
      if (isOver) return;
      count();
      expect([statistics.version, statistics.believed().at.size]).toEqual([0, 0]);
      // What the disk holds if the process is killed now.
      if (perTurn.at(-1)! > 0 && images.length < 3) {
        const image = tempDir();
        for (const ending of ['', '-wal']) copyFileSync(state.path + ending, join(image, `park.sqlite${ending}`));
        images.push(image);
      }
      setImmediate(look);
    };
    setImmediate(look);
    await appendInSlices(state, [{ ledger: statistics, items: many }], ORIGIN, () => undefined);
    isOver = true;
    count();
    expect(perTurn.filter((n) => n > 0).length).toBeGreaterThanOrEqual(10);
    // The rows of one transaction, and the row of the revision.
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(ROWS_AT_ONCE + 1);
    expect(statistics.believed().at.size).toBe(many.size);
    state.close();
    const again = open(dir);
    expect(again.store('statistics').ledger).toEqual(statistics.ledger);
    again.state.close();
    expect(images).toHaveLength(3);
    for (const image of images) {
      const killed = open(image);
      expect(killed.state.db.prepare('SELECT count(*) FROM intensity_items').pluck().get()).toBeGreaterThan(0);
      const started = killed.store('statistics');
      expect(started.ledger).toEqual([]);
      expect(killed.state.db.prepare('SELECT count(*) FROM intensity_items').pluck().get()).toBe(0);
      expect(started.append([['a', { n: 3 }]], ORIGIN).version).toBe(1);
      killed.state.close();
    }
  });

  it('lets go of what was written ahead of a revision that failed in its end', async () => {
    const { dir, state, store } = open();
    const statistics = store('statistics');
    const many = new Map(Array.from({ length: 2 * ROWS_AT_ONCE }, (_, n) => [`k${n}`, { n }] as const));
    const fails = () => {
      throw new Error('the disk is full');
    };
    await expect(appendInSlices(state, [{ ledger: statistics, items: many }], ORIGIN, fails)).rejects.toThrow();
    expect(statistics.ledger).toEqual([]);
    await appendInSlices(state, [{ ledger: statistics, items: new Map([['a', { n: 1 }]]) }], ORIGIN, () => undefined);
    state.close();
    const again = open(dir);
    expect([...again.store('statistics').believed().at.keys()]).toEqual(['a']);
    again.state.close();
  });

  it('refuses more items than its bound, and stays as it was', () => {
    const { state, store } = open();
    const statistics = store('statistics');
    const many = Array.from({ length: LEDGER_BOUNDS.revision + 1 }, (_, n) => [`k${n}`, { n }] as const);
    expect(() => statistics.append(many, ORIGIN)).toThrow(expect.objectContaining({ code: 'ledger_full' }));
    expect(statistics.ledger).toEqual([]);
    state.close();
  });
});
