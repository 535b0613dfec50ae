import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { breath, inSlices } from '../../../src/intensity/breath.js';

const STEP_MS = 1;

/** Keeps the event loop for at least `ms`. */
function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function* steps(count: number, onStep: () => void): Generator<undefined, number> {
  for (let i = 0; i < count; i += 1) {
    spin(STEP_MS);
    onStep();
    yield;
  }
  return count;
}

/** What other work does meanwhile: one short turn after the other, until it is stopped. */
function busyBeside(onTurn: () => void) {
  let isOver = false;
  const turns = (async () => {
    while (!isOver) {
      spin(STEP_MS);
      onTurn();
      await nextTurn();
    }
  })();
  return async () => {
    isOver = true;
    await turns;
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a long computation', () => {
  it('gives way to other work after each slice, and ends', async () => {
    let since = 0;
    let longest = 0;
    const stop = busyBeside(() => {
      since = 0;
    });
    const result = await inSlices(
      steps(40, () => {
        since += 1;
        longest = Math.max(longest, since);
      }),
    );
    await stop();
    expect(result).toBe(40);
    // A step takes a millisecond or more, a slice ends with the step after its second one.
    expect(longest).toBeLessThanOrEqual(3);
  });

  it('shares its slices with another one', async () => {
    const order: string[] = [];
    const [first, second] = await Promise.all([
      inSlices(steps(20, () => order.push('a'))),
      inSlices(steps(20, () => order.push('b'))),
    ]);
    expect([first, second]).toEqual([20, 20]);
    expect(order.lastIndexOf('a')).toBeGreaterThan(order.indexOf('b'));
    expect(order.lastIndexOf('b')).toBeGreaterThan(order.indexOf('a'));
  });

  it('rests between its slices while others use the loop, but not while a client waits for it', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const stop = busyBeside(() => undefined);
    const work = () => inSlices(steps(12, () => undefined));
    await work();
    const rests = timers.mock.calls.length;
    expect(rests).toBeGreaterThan(3);
    await breath.whileAwaited(nextTurn().then(work));
    expect(timers.mock.calls.length).toBe(rests);
    await breath.whileAwaited(Promise.reject(new Error('no figures'))).catch(() => undefined);
    await work();
    expect(timers.mock.calls.length).toBeGreaterThan(rests);
    await stop();
  });
});
