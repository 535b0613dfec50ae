import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistorianQueries, RawChunk } from '../../../../src/historian/port/queries.js';
import { Answers } from '../../../../src/historian/worker-thread/answers.js';
import {
  type FromWorker,
  type HistorianQuestion,
  MAX_OPEN_QUERIES,
  MAX_OWN_QUERIES,
  PIECES_AHEAD,
} from '../../../../src/historian/worker-thread/protocol.js';

const QUERY = { series: [], from: 0, to: 1, limit: 1 };
const RAW: HistorianQuestion = { kind: 'raw', query: QUERY };
const LIMIT_MS = 5_000;

const chunk = (): RawChunk => ({
  series: { device: 'park-a/m', metric: 'x' },
  ts: Float64Array.of(1),
  value: Float64Array.of(1),
  flag: Uint8Array.of(0),
  quality: Uint8Array.of(0),
  receivedAt: Float64Array.of(1),
});

/** Answers on a store whose `raw` is `raw`, and the messages posted. */
function answering(raw: HistorianQueries['raw']) {
  const posted: FromWorker[] = [];
  const store: HistorianQueries = {
    raw,
    windows: () => {
      throw new Error('not asked');
    },
    buckets: () => {
      throw new Error('not asked');
    },
    latest: () => Promise.reject(new Error('not asked')),
  };
  const answers = new Answers(store, (message) => void posted.push(message), { workMs: LIMIT_MS });
  const ask = (id: number, by?: string) =>
    answers.answer(id, by === undefined ? RAW : { kind: 'raw', query: { ...QUERY, by } }, () => Promise.resolve());
  const told = (id: number) =>
    posted.filter((one) => 'id' in one && one.id === id).map((one) => (one.type === 'failed' ? one.failure : one.type));
  return { answers, ask, told };
}

const forEver = () => new Promise<never>(() => undefined);
const timedOut = { name: 'QueryTimedOutError', message: 'the question worked longer than 5 s', limit: LIMIT_MS };

/** Never yields, and ignores its signal. */
async function* lingering(): AsyncGenerator<RawChunk> {
  await forEver();
  yield chunk();
}

describe('Answers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('says at the limit that a question took too long, though its store lingers', async () => {
    const { ask, told } = answering(lingering);
    void ask(1);
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    expect(told(1)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told(1)).toEqual([timedOut]);
  });

  it('gives the places of questions that linger to those that wait', async () => {
    let asked = 0;
    const { ask, told } = answering(async function* () {
      asked += 1;
      if (asked <= 2) await forEver();
      yield chunk();
    });
    void ask(1);
    void ask(2);
    void ask(3);
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    expect(told(3)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told(3)).toEqual(['piece', 'end']);
    void ask(4);
    await vi.advanceTimersByTimeAsync(0);
    expect(told(4)).toEqual(['piece', 'end']);
  });

  it('gives a place back once, also when the store ends after its limit: never more than two work', async () => {
    const working = new Set<number>();
    let most = 0;
    let asked = 0;
    const letGo: (() => void)[] = [];
    const { ask, told } = answering(async function* () {
      const own = ++asked;
      working.add(own);
      most = Math.max(most, working.size);
      try {
        await new Promise<void>((resolve) => letGo.push(resolve));
        yield chunk();
      } finally {
        working.delete(own);
      }
    });
    for (const id of [1, 2]) void ask(id);
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    for (const go of letGo.splice(0)) go();
    await vi.advanceTimersByTimeAsync(0);
    expect(working.size).toBe(0);
    for (const id of [3, 4, 5, 6]) void ask(id);
    await vi.advanceTimersByTimeAsync(0);
    expect([...working]).toEqual([3, 4]);
    expect(most).toBe(2);
    expect([told(1), told(2)]).toEqual([[timedOut], [timedOut]]);
  });

  it('tells the store when nobody waits any more, and posts no piece after the end', async () => {
    let fired = false;
    const { ask, told, answers } = answering(async function* (_query, signal) {
      for (;;) {
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        fired = true;
        yield chunk();
      }
    });
    void ask(1);
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(fired).toBe(true);
    expect(told(1)).toEqual([timedOut]);

    fired = false;
    void ask(2);
    await vi.advanceTimersByTimeAsync(0);
    answers.cancel(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(fired).toBe(true);
    expect(told(2)).not.toContain('piece');
  });

  it('counts neither the waiting for a turn nor a slow reader against the limit', async () => {
    const { ask, told, answers } = answering(async function* () {
      for (let i = 0; i < PIECES_AHEAD + 2; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        yield chunk();
      }
    });
    void ask(1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told(1)).toEqual(Array(PIECES_AHEAD).fill('piece'));
    for (let i = 0; i < 2; i += 1) {
      answers.more(1);
      await vi.advanceTimersByTimeAsync(20_000);
    }
    expect(told(1)).toEqual([...Array(PIECES_AHEAD + 2).fill('piece'), 'end']);
  });

  it('holds the limit against work that never waits', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const { ask, told, answers } = answering(async function* () {
      for (;;) {
        now += 1_000;
        answers.more(1);
        yield chunk();
      }
    });
    await ask(1);
    expect(told(1).filter((one) => one === 'piece')).toHaveLength(5);
    expect(told(1).at(-1)).toEqual(timedOut);
  });

  it('gives up on a reader that takes nothing for a minute, and does not keep its turn meanwhile', async () => {
    const { ask, told } = answering(async function* () {
      for (;;) yield chunk();
    });
    void ask(1);
    void ask(2);
    void ask(3);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(told(3)).toHaveLength(PIECES_AHEAD);
    await vi.advanceTimersByTimeAsync(1);
    for (const id of [1, 2, 3]) {
      expect(told(id).at(-1)).toMatchObject({ message: 'the reader took nothing for a minute' });
    }
  });

  it('forgets those who cancelled while they waited: their room is free at once', async () => {
    const { ask, told, answers } = answering(lingering);
    for (let id = 1; id <= MAX_OPEN_QUERIES; id += 1) void ask(id);
    await vi.advanceTimersByTimeAsync(0);
    void ask(100);
    expect(told(100)).toMatchObject([{ name: 'TooManyQueriesError', limit: MAX_OPEN_QUERIES }]);
    for (let id = 3; id <= MAX_OPEN_QUERIES; id += 1) answers.cancel(id);
    await vi.advanceTimersByTimeAsync(0);
    void ask(101);
    expect(told(101)).toEqual([]);
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(told(101)).toEqual([]);
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(told(101)).toEqual([timedOut]);
  });

  it('keeps places and turns for others when one asker has all it may', async () => {
    const { ask, told, answers } = answering(lingering);
    for (let id = 1; id <= MAX_OWN_QUERIES; id += 1) void ask(id, 'greedy');
    await vi.advanceTimersByTimeAsync(0);
    void ask(100, 'greedy');
    expect(told(100)).toMatchObject([{ name: 'TooManyOwnQueriesError', limit: MAX_OWN_QUERIES }]);
    void ask(101, 'modest');
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    // It worked from the start: the turns of the greedy one are not all there are.
    expect(told(101)).toEqual([timedOut]);
    answers.cancelAll();
    await vi.advanceTimersByTimeAsync(0);
  });

  it('lets askers work one after the other, each for a piece, when their answers are long', async () => {
    const order: string[] = [];
    const { ask, answers } = answering(async function* ({ by }) {
      for (let i = 0; i < 8; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        order.push(by ?? '');
        yield chunk();
      }
    });
    const readers = [1, 2, 3, 4, 5].map((id) => ask(id, id <= 4 ? `asker ${id}` : 'last'));
    for (let id = 1; id <= 5; id += 1) for (let i = 0; i < 8; i += 1) answers.more(id);
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(readers);
    // Nobody is a second time at work before everybody was once.
    const firstRounds = order.slice(0, 5);
    expect(new Set(firstRounds).size).toBeGreaterThanOrEqual(4);
    expect(order.indexOf('last')).toBeLessThan(6);
    expect(order).toHaveLength(40);
  });

  it('hands on what the store failed with', async () => {
    const { ask, told } = answering(async function* () {
      yield chunk();
      throw new RangeError('out of order');
    });
    await ask(1);
    expect(told(1)).toEqual(['piece', { name: 'RangeError', message: 'out of order' }]);
  });
});
