import { describe, expect, it } from 'vitest';
import { CheckQueue, type CheckQueueBounds } from '../../../src/registry/sign-in/check-queue.js';

/** A queue, the order in which its checks began, and a function that ends the oldest running one. */
function started(bounds: Partial<CheckQueueBounds> = {}) {
  const queue = new CheckQueue({ running: 1, waiting: 100, waitingPerKey: 100, ...bounds });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (address: string, id: string) =>
    queue.run({ address, id }, () => {
      begun.push(`${address} ${id}`);
      return new Promise<'checked'>((resolve) => ends.push(() => resolve('checked')));
    });
  const finish = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ask, begun, finish };
}

describe('CheckQueue', () => {
  it('gives addresses turns, however many one of them asks for', async () => {
    const { ask, begun, finish } = started();
    for (const id of ['a', 'b', 'c', 'd']) void ask('many', id);
    void ask('one', 'x');
    void ask('two', 'y');
    for (let n = 0; n < 5; n += 1) await finish();
    expect(begun).toEqual(['many a', 'many b', 'one x', 'two y', 'many c', 'many d']);
  });

  it('turns away what is too much of one address for one id, and lets its other ids wait', async () => {
    const { ask, begun, finish } = started({ waitingPerKey: 1 });
    void ask('x', 'first');
    const [waits, tooMany, other] = [ask('x', 'gw'), ask('x', 'gw'), ask('x', 'other')];
    expect(await tooMany).toBe('busy');
    for (let n = 0; n < 3; n += 1) await finish();
    expect(await Promise.all([waits, other])).toEqual(['checked', 'checked']);
    expect(begun).toEqual(['x first', 'x gw', 'x other']);
  });

  it('lets the ids of one address take turns, in the order in which they came', async () => {
    const { ask, begun, finish } = started();
    for (const id of ['runs', 'a', 'a', 'a', 'b', 'b', 'c']) void ask('x', id);
    for (let n = 0; n < 7; n += 1) await finish();
    expect(begun).toEqual(['runs', 'a', 'b', 'c', 'a', 'b', 'a'].map((id) => `x ${id}`));
  });

  it('full, it turns the latest of the longest line away for a new address, and no one for its own', async () => {
    const { ask, begun, finish } = started({ waiting: 3 });
    void ask('many', 'runs');
    const waiting = ['a', 'b', 'c'].map((id) => ask('many', id));
    expect(await ask('many', 'd')).toBe('busy');
    const fresh = ask('new', 'x');
    expect(await waiting[2]).toBe('busy');
    const another = ask('other', 'y');
    // Every address has one place now: the queue displaces none for another address.
    expect(await waiting[1]).toBe('busy');
    expect(await ask('late', 'z')).toBe('busy');
    for (let n = 0; n < 4; n += 1) await finish();
    expect(await Promise.all([waiting[0], fresh, another])).toEqual(['checked', 'checked', 'checked']);
    expect(begun).toHaveLength(4);
  });
});
