import { describe, expect, it } from 'vitest';
import { steadyLimits } from '../../../src/api/steady-limits.js';

const WINDOW = 60_000;

describe('the counts of limits', () => {
  const opened = (cache?: number) => {
    const clock = { now: 1_000 };
    const Limits = steadyLimits(() => clock.now);
    const limits = new Limits(cache === undefined ? {} : { cache });
    const count = (key: string, from = limits) => {
      let left = { current: 0, ttl: 0 };
      from.incr(key, (_, one) => (left = one), WINDOW);
      return [left.current, left.ttl];
    };
    return { clock, limits, count };
  };

  it('run for a window of a clock that does not jump', () => {
    const { clock, count } = opened();
    expect(count('a')).toEqual([1, WINDOW]);
    clock.now += 20_000;
    expect(count('a')).toEqual([2, 40_000]);
    clock.now += 39_999;
    expect(count('a')).toEqual([3, 1]);
    clock.now += 1;
    expect(count('a')).toEqual([1, WINDOW]);
  });

  it('are each limiter’s own, and forget the key unused for longest', () => {
    const { limits, count } = opened(2);
    count('a');
    count('b');
    count('a');
    count('c');
    expect(count('b')[0]).toBe(1);
    expect(count('c')[0]).toBe(2);
    expect(count('c', limits.child({}))[0]).toBe(1);
    expect(limits.windows.size).toBe(2);
  });
});
