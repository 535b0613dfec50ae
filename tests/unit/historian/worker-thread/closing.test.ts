import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeStore } from '../../../../src/historian/worker-thread/closing.js';

const forEver = () => new Promise<never>(() => undefined);

/** The steps in order, and the warnings. */
function parts(more: { stop?: () => Promise<void>; flush?: () => Promise<void>; close?: () => Promise<void> } = {}) {
  const done: string[] = [];
  const step = (name: string, work: () => Promise<void> = () => Promise.resolve()) => {
    return () => {
      done.push(name);
      return work();
    };
  };
  const warned: string[] = [];
  return {
    done,
    warned,
    answers: { cancelAll: () => void done.push('answers end') },
    refusals: { close: () => void done.push('refusals end') },
    writer: { stop: step('writer stops', more.stop) },
    store: { flush: step('flush', more.flush), close: step('close', more.close) },
    warn: (message: string) => void warned.push(message),
  };
}

describe('closeStore', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets the writer end what it has in hand, flushes, and closes', async () => {
    const one = parts();
    expect(await closeStore(one)).toBe(true);
    expect(one.done).toEqual(['answers end', 'writer stops', 'flush', 'refusals end', 'close']);
    expect(one.warned).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes a store whose last flush fails', async () => {
    const one = parts({ flush: () => Promise.reject(new Error('disk full')) });
    expect(await closeStore(one)).toBe(true);
    expect(one.warned).toEqual(['last flush: Error: disk full']);
    expect(one.done.at(-1)).toBe('close');
  });

  it('waits ten seconds for an append that hangs, and then ends it by closing the store, without a flush', async () => {
    let append!: () => void;
    const one = parts({
      stop: () =>
        new Promise((resolve) => {
          append = resolve;
        }),
      close: async () => append(),
    });
    const closed = closeStore(one);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(one.done).toEqual(['answers end', 'writer stops']);
    await vi.advanceTimersByTimeAsync(1);
    expect(await closed).toBe(true);
    expect(one.done).toEqual(['answers end', 'writer stops', 'refusals end', 'close']);
    expect(one.warned).toEqual(['last flush: Error: not done within 10 s']);
  });

  it.each([
    ['hangs', forEver],
    ['fails', () => Promise.reject(new Error('no'))],
  ])('ends within twelve seconds though nothing answers and closing %s', async (_, close) => {
    const one = parts({ stop: forEver, close });
    const closed = closeStore(one);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(await closed).toBe(false);
    expect(one.warned).toHaveLength(2);
  });
});
