import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Left, Pace } from '../../../src/ws/pace.js';

const LIMITS = { turnMs: 2, share: 0.5, burstMs: 10, urgentMs: 6 };
/** When turns began, and how many are to come. */
let turns: number[];
let left: number;
let kind: Left;
let now: number;
let costMs: number;

function start(): Pace {
  return new Pace(
    () => {
      turns.push(now);
      now += costMs;
      left -= 1;
      return left > 0 ? kind : 'nothing';
    },
    LIMITS,
    () => now,
  );
}
/** An immediate takes up to a millisecond here, a pause at least four. */
const withoutPause = (at: number, i: number) => i === 0 || at <= (turns[i - 1] as number) + costMs + 1;

async function run(ms: number): Promise<void> {
  const until = now + ms;
  await vi.advanceTimersByTimeAsync(0);
  while (now < until && vi.getTimerCount() > 0) {
    now += 1;
    await vi.advanceTimersByTimeAsync(1);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
  turns = [];
  left = 1_000;
  kind = 'more';
  now = 0;
  costMs = 2;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('telling clients', () => {
  it('begins in the next turn when it was at rest', async () => {
    left = 1;
    const pace = start();
    pace.wake(false);
    expect(turns).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(turns).toEqual([0]);
    pace.stop();
  });

  it('goes on turn by turn for the burst, then keeps to its share', async () => {
    const pace = start();
    pace.wake(false);
    await run(400);
    pace.stop();
    expect(turns.findIndex((at, i) => !withoutPause(at, i))).toBeGreaterThanOrEqual(5);
    const later = turns.filter((at) => at >= 200 && at < 400).length * costMs;
    expect(later).toBeGreaterThan(60);
    expect(later).toBeLessThanOrEqual(104);
  });

  it('does not let what is urgent wait for a pause, until that too has used its credit', async () => {
    const pace = start();
    pace.wake(false);
    await run(100);
    left = 1;
    const before = turns.length;
    kind = 'urgent';
    pace.wake(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(turns.length).toBe(before + 1);
    left = 1_000;
    pace.wake(true);
    await run(400);
    const late = turns.filter((at) => at >= 300 && at < 500).length * costMs;
    expect(late).toBeLessThanOrEqual(104);
    pace.stop();
  });

  it('ends with stop', async () => {
    const pace = start();
    pace.wake(false);
    await run(50);
    pace.stop();
    const count = turns.length;
    pace.wake(true);
    await run(50);
    expect(turns).toHaveLength(count);
  });
});
