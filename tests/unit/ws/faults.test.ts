import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fakeFeed } from './fake-feed.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(10);

it('one client that cannot be told is closed and named; the others are told', async () => {
  const { alarms, faults, feed, connect } = fakeFeed();
  const [broken, good] = [connect(), connect()];
  for (const peer of [broken, good]) peer.subscribe({});
  await settle();
  const fault = new Error('no');
  broken.write = () => {
    throw fault;
  };
  alarms.happen();
  alarms.happen();
  await settle();
  expect([faults, broken.failed, broken.open]).toEqual([[fault], 1, false]);
  expect([good.seqs(), good.failed]).toEqual([[1, 2], 0]);
  feed.close();
});

it('a client whose record cannot be read is closed, and can resume later', async () => {
  const { alarms, faults, feed, connect } = fakeFeed({ recentBytes: 1 });
  for (let n = 0; n < 5; n += 1) alarms.happen();
  const { events } = alarms;
  alarms.events = () => {
    throw new Error('disk');
  };
  const first = connect();
  first.subscribe({ since: 2 });
  await settle();
  expect([faults.length, first.failed, first.wire]).toEqual([1, 1, []]);
  alarms.events = events;
  const second = connect();
  second.subscribe({ since: 2 });
  await settle();
  expect(second.seqs()).toEqual([3, 4, 5]);
  feed.close();
});

it('an event larger than all the memory for events still reaches everyone', async () => {
  const { alarms, stats, feed, connect } = fakeFeed({ recentBytes: 100 });
  const peer = connect();
  peer.subscribe({});
  await settle();
  alarms.happen();
  alarms.happen();
  await settle();
  expect(peer.seqs()).toEqual([1, 2]);
  expect(stats.fellBack).toBeGreaterThan(0);
  feed.close();
});
