import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { endsWithin, inTime } from '../../../src/model/time/within.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

it('returns what comes in time, else what stands for it', async () => {
  expect(await inTime(10, Promise.resolve('done'), 'late')).toBe('done');
  const waited = inTime(10, never, 'late');
  await vi.advanceTimersByTimeAsync(10);
  expect(await waited).toBe('late');
  const ends = endsWithin(10, never);
  await vi.advanceTimersByTimeAsync(10);
  expect([await ends, await endsWithin(10, Promise.resolve(false))]).toEqual([false, true]);
});

it('leaves no timer behind, throws an error in time, and no error that comes too late is unhandled', async () => {
  await inTime(1_000, Promise.resolve(1), null);
  await expect(inTime(1_000, Promise.reject(new Error('at once')), null)).rejects.toThrow('at once');
  expect(vi.getTimerCount()).toBe(0);
  let fail = (_: Error) => {};
  const work = new Promise<number>((_, reject) => {
    fail = reject;
  });
  const waited = inTime(10, work, null);
  await vi.advanceTimersByTimeAsync(10);
  expect(await waited).toBeNull();
  fail(new Error('later'));
  await vi.advanceTimersByTimeAsync(10);
});
