import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  believed,
  changedSince,
  historyOf,
  type Ledger,
  record,
} from '../../../../../src/intensity/model/statistics/ledger.js';

const ORIGIN = { by: 'a', source: 'f' };
const put = (ledger: Ledger<number>, items: Record<string, number | null>, now: number) =>
  record(ledger, Object.entries(items), ORIGIN, now);
const state = (ledger: Ledger<number>, asOf: Parameters<typeof believed>[1]) =>
  Object.fromEntries(Array.from(believed(ledger, asOf).at, ([key, { value }]) => [key, value]));

describe('a ledger', () => {
  it('keeps what was believed before, with who said it, when and where', () => {
    const ledger = put(put([], { a: 1, b: 2 }, 10), { a: 3 }, 20);
    expect(state(ledger, { time: 19 })).toEqual({ a: 1, b: 2 });
    expect(state(ledger, { time: 20 })).toEqual({ a: 3, b: 2 });
    expect(believed(ledger, 'latest').version).toBe(2);
    expect(believed(ledger, { time: 9 })).toEqual({ version: 0, at: new Map() });
    expect(historyOf(ledger, 'a')).toEqual([
      { key: 'a', value: 1, version: 1, recordedAt: 10, ...ORIGIN },
      { key: 'a', value: 3, version: 2, recordedAt: 20, ...ORIGIN },
    ]);
  });

  it('withdraws', () => {
    const ledger = put(put([], { a: 1 }, 10), { a: null }, 20);
    expect(state(ledger, 'latest')).toEqual({});
    expect(state(ledger, { version: 1 })).toEqual({ a: 1 });
  });

  it('never records two versions for one instant, even when the clock stands still or goes back', () => {
    const ledger = put(put(put([], { a: 1 }, 10), { a: 2 }, 10), { a: 3 }, 5);
    expect(ledger.map(({ recordedAt }) => recordedAt)).toEqual([10, 11, 12]);
    expect(state(ledger, { time: 10 })).toEqual({ a: 1 });
  });

  it('names the keys that changed between two moments', () => {
    const ledger = put(put([], { a: 1, b: 1, c: 1 }, 1), { a: 1, b: 2, c: null, d: 4 }, 2);
    const changed = changedSince(ledger, 1, believed(ledger, 'latest'), Object.is).map(({ key }) => key);
    expect([...changed].sort()).toEqual(['b', 'c', 'd']);
  });

  const items = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.option(fc.integer(), { nil: null }));
  it('any sequence of revisions ends where loading the final data once ends; asOf answers as it did then', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(items, fc.integer({ min: 0, max: 50 })), { minLength: 1 }), (revisions) => {
        let ledger: Ledger<number> = [];
        const final = new Map<string, number>();
        const answers: [number, number, unknown][] = [];
        for (const [revision, now] of revisions) {
          ledger = put(ledger, revision, now);
          for (const [key, value] of Object.entries(revision))
            value === null ? final.delete(key) : final.set(key, value);
          answers.push([ledger.length, ledger.at(-1)?.recordedAt ?? 0, state(ledger, 'latest')]);
        }
        expect(state(ledger, 'latest')).toEqual(state(put([], Object.fromEntries(final), 1), 'latest'));
        for (const [version, time, answer] of answers) {
          expect(state(ledger, { version })).toEqual(answer);
          expect(state(ledger, { time })).toEqual(answer);
        }
      }),
    );
  });
});
