import { expect, it } from 'vitest';
import { ShareLimiter } from '../../../src/model/share-limiter.js';

it('lends as many places as there are, and of these a share to each holder', () => {
  const places = new ShareLimiter(5, 2);
  const first = places.lend('a');
  expect([places.lend('a'), places.lend('a')]).toEqual([expect.any(Function), 'own']);
  for (const holder of ['b', 'c']) expect(places.lend(holder)).toEqual(expect.any(Function));
  const service = places.lend(null);
  expect([places.held, places.lend('d'), places.lend(null)]).toEqual([5, 'all', 'all']);
  // Given back once, however often it is called.
  for (const giveBack of [first, first, service, service]) (giveBack as () => void)();
  expect(places.held).toBe(3);
  expect([places.lend('a'), places.lend('a'), places.lend('e')]).toEqual([
    expect.any(Function),
    'own',
    expect.any(Function),
  ]);
});

it('lets no holder take the last place, unless there is but one', () => {
  expect([64, 32, 16, 8, 4, 3, 2, 1].map((limit) => new ShareLimiter(limit).share)).toEqual([16, 8, 4, 4, 3, 2, 1, 1]);
});
