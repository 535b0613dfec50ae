import { expect, it } from 'vitest';
import { UnsentBacklog } from '../../../src/ws/backlog.js';
import { newWsStats } from '../../../src/ws/port.js';

it('ends whoever has lagged for longest when too much is unsent for all, and counts it', () => {
  const stats = newWsStats();
  const backlog = new UnsentBacklog(100, stats);
  const ended: string[] = [];
  const debtor = (name: string) => ({ shed: () => void ended.push(name) });
  const [a, b, c] = [debtor('a'), debtor('b'), debtor('c')];
  backlog.set(a, 40);
  backlog.set(b, 30);
  backlog.set(a, 0);
  backlog.set(a, 50);
  backlog.set(c, 20);
  expect([ended, stats.unsentBytes]).toEqual([[], 100]);
  // b has something unsent for longest, although a has more.
  backlog.set(c, 21);
  expect([ended, stats.unsentBytes, stats.shed]).toEqual([['b'], 71, 1]);
  backlog.set(b, 0);
  expect(stats.unsentBytes).toBe(71);
  // Nobody else is to blame for one too big.
  backlog.set(c, 500);
  expect([ended, stats.unsentBytes, stats.shed]).toEqual([['b', 'a', 'c'], 0, 3]);
});
