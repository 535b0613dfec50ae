import { describe, expect, it } from 'vitest';
import { Budgets } from '../../../src/http/auth/budgets.js';
import { tokenOf } from '../../../src/http/auth/credentials.js';
import { addressKey } from '../../../src/http/auth/front-door.js';

describe('what counts as one address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
  ])('%s is %s', (address, key) => expect(addressKey(address)).toBe(key));
});

describe('budgets', () => {
  const setup = (limit: number, keys = 100) => {
    const time = { now: 0 };
    return { time, budgets: new Budgets({ limit, windowMs: 60_000, keys }, () => time.now) };
  };

  it('are full again when their window is over, and say when that is', () => {
    const { time, budgets } = setup(2);
    expect([budgets.spend('a'), budgets.spend('a'), budgets.spend('a'), budgets.spend('b')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    time.now = 20_000;
    expect(budgets.waitS('a')).toBe(40);
    time.now = 60_000;
    expect(budgets.spend('a')).toBe(true);
  });

  it('take back what was not due', () => {
    const { budgets } = setup(4);
    budgets.spend('a', 4);
    budgets.giveBack('a', 4);
    expect(budgets.left('a')).toBe(4);
    budgets.giveBack('a', 4);
    expect(budgets.left('a')).toBe(4);
  });

  it('are bounded: 100,000 addresses share what one may when no more have room, and memory stays', () => {
    const { time, budgets } = setup(3, 10);
    const allowed = Array.from({ length: 100_000 }, (_, n) => budgets.spend(`address-${n}`)).filter(Boolean);
    expect(allowed).toHaveLength(10 + 3);
    expect(budgets.size).toBeLessThanOrEqual(11);
    expect(budgets.spend('address-0')).toBe(true);
    time.now = 60_000;
    expect(budgets.spend('newcomer')).toBe(true);
    expect(budgets.left('newcomer')).toBe(2);
    expect(budgets.size).toBeLessThanOrEqual(11);
  });
});

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   abc  ', 'abc'],
    ['Bearer a b', 'a b'],
    ['Bearer', null],
    ['Bearer ', null],
    ['Token abc', null],
    [' Bearer abc', null],
    [`Bearer ${' '.repeat(4_080)}\u00ff`, '\ufffd'],
    [`Bearer ${'x'.repeat(5_000)}`, null],
  ])('%j', (header, token) => expect(tokenOf(header, false)).toBe(token));

  it('may be Basic, with the token as password, where that is allowed', () => {
    const header = `Basic ${Buffer.from('anybody:a:b').toString('base64')}`;
    expect([tokenOf(header, true), tokenOf(header, false)]).toEqual(['a:b', null]);
    expect(tokenOf(`Basic ${Buffer.from('no-colon').toString('base64')}`, true)).toBeNull();
  });
});
