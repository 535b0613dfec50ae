import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Allowance } from '../../../../src/historian/worker-thread/pacing/allowance.js';

const wait = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('Allowance', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('adds up what was waited for, and nothing between', async () => {
    const used = vi.fn();
    const allowance = new Allowance(100, used);
    for (let i = 0; i < 3; i += 1) {
      const spent = allowance.spend(wait(30));
      await vi.advanceTimersByTimeAsync(30);
      await spent;
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(used).not.toHaveBeenCalled();
    const last = allowance.spend(wait(30));
    await vi.advanceTimersByTimeAsync(9);
    expect(used).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(used).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(20);
    await last;
    expect(used).toHaveBeenCalledTimes(1);
  });

  it('tells of work that blocked longer than was left before more of it begins', async () => {
    let now = 0;
    const used = vi.fn();
    const allowance = new Allowance(100, used, () => now);
    await allowance.spend(async () => {
      now += 150;
    });
    expect(used).not.toHaveBeenCalled();
    await allowance.spend(async () => expect(used).toHaveBeenCalledTimes(1));
  });

  it('counts what failed, and leaves no timer behind', async () => {
    const used = vi.fn();
    const allowance = new Allowance(100, used);
    const failing = allowance.spend(() => wait(60)().then(() => Promise.reject(new Error('broken'))));
    failing.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(60);
    await expect(failing).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBe(0);
    const more = allowance.spend(wait(60));
    await vi.advanceTimersByTimeAsync(40);
    expect(used).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(20);
    await more;
  });
});
