import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EventPages } from '../../../src/ws/alarms/event-pages.js';
import { Snapshots } from '../../../src/ws/alarms/snapshots.js';
import { FakeAlarms, FakePeer } from './fake-feed.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = 'x'.repeat(10);

it('a snapshot of the same state is the same bytes; the next waits while there is no room, for the state as of then', async () => {
  const snapshots = new Snapshots({ snapshotBytes: 10, stallMs: 1_000 });
  const [a, b, c] = [new FakePeer(), new FakePeer(), new FakePeer()];
  let head = 1;
  const take = (peer: FakePeer, key: string) =>
    snapshots.lend(
      peer,
      key,
      () => head,
      () => bytes,
      () => peer.open,
    );
  const first = await take(a, 'all');
  expect(await take(b, 'all')).toBe(first);
  head = 2;
  let got: unknown = 'nothing yet';
  const third = take(c, 'all').then((snapshot) => {
    got = snapshot;
    return snapshot;
  });
  snapshots.giveBack(a, first!);
  await vi.advanceTimersByTimeAsync(0);
  expect(got).toBe('nothing yet');
  head = 3;
  snapshots.giveBack(b, first!);
  expect((await third)?.seq).toBe(3);
  snapshots.giveBack(c, (await third)!);
  expect(vi.getTimerCount()).toBe(0);
});

it('whoever holds the only room for too long is closed when another waits', async () => {
  const snapshots = new Snapshots({ snapshotBytes: 10, stallMs: 1_000 });
  const [slow, next, gone] = [new FakePeer(), new FakePeer(), new FakePeer()];
  const take = (peer: FakePeer, key: string) =>
    snapshots.lend(
      peer,
      key,
      () => 1,
      () => bytes,
      () => peer.open,
    );
  const held = await take(slow, 'a');
  slow.onClose(() => snapshots.giveBack(slow, held!));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(slow.slow).toBe(0);
  const waiting = take(next, 'b');
  const left = take(gone, 'c');
  gone.close();
  await vi.advanceTimersByTimeAsync(999);
  expect(slow.slow).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(slow.slow).toBe(1);
  expect(await waiting).toMatchObject({ seq: 1 });
  expect(await left).toBeNull();
  snapshots.close();
});

it('keeps the last pages of the record that were read, and only whole ones', () => {
  const alarms = new FakeAlarms();
  for (let n = 0; n < 10; n += 1) alarms.happen();
  const events = vi.fn(alarms.events);
  const pages = new EventPages(
    { headSeq: alarms.headSeq, events },
    (event) => ({ event, frame: Buffer.from(String(event.seq)) }),
    { replayPage: 4, keptPages: 1 },
  );
  const seqs = (after: number) => pages.after(after).entries.map(({ event }) => event.seq);
  expect([seqs(0), seqs(1), seqs(3)]).toEqual([
    [1, 2, 3, 4],
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ]);
  expect(events).toHaveBeenCalledTimes(1);
  expect(seqs(4)).toEqual([5, 6, 7, 8]);
  expect(seqs(0)).toEqual([1, 2, 3, 4]);
  expect(events).toHaveBeenCalledTimes(3);
  expect(pages.after(8)).toMatchObject({ end: 10 });
  alarms.happen();
  expect(seqs(8)).toEqual([9, 10, 11]);
});
