import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PRIORITIES } from '../../../src/alarms/model/class.js';
import { type AlarmFilter, matches } from '../../../src/alarms/model/filter.js';
import { alarmFilter, alarmSubscribeSchema } from '../../../src/ws/subscription.js';
import { DOMAIN_NAMES, type FakeAlarms, type FakePeer, fakeFeed, PARKS } from './fake-feed.js';

const CLIENTS = 5;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const client = fc.nat({ max: CLIENTS - 1 });
const subscription = fc.record(
  {
    parks: fc.uniqueArray(fc.constantFrom(...PARKS), { maxLength: 2 }),
    domains: fc.uniqueArray(fc.constantFrom(...DOMAIN_NAMES, 'system' as const), { maxLength: 3 }),
    minPriority: fc.constantFrom(...PRIORITIES),
    /** From the newest event backwards; beyond the first it is one that never was. */
    back: fc.nat({ max: 20 }),
  },
  { requiredKeys: [] },
);
const alarm = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  park: fc.constantFrom(...PARKS, null),
  domain: fc.constantFrom(...DOMAIN_NAMES),
  priority: fc.constantFrom(...PRIORITIES),
  state: fc.constantFrom('unack_active' as const, 'normal' as const),
});
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('events' as const),
      alarms: fc.array(alarm, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), client, subscription }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sleep' as const), client }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), client }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('readOne' as const), client }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), client }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 8 }) }) },
);

/** Where a client's wire changes from one subscription to the next. */
interface Epoch {
  readonly from: number;
  readonly filter: AlarmFilter;
  readonly since: number | null;
}

/** A client that believes all it is told must know exactly what happened. */
function check(alarms: FakeAlarms, { wire, open }: FakePeer, epochs: readonly Epoch[]): void {
  for (const [index, { from, filter, since }] of epochs.entries()) {
    const last = index === epochs.length - 1;
    const wanted = (after: number, upTo: number) =>
      alarms.all.filter(({ seq, alarm }) => seq > after && seq <= upTo && matches(filter, alarm)).map(({ seq }) => seq);
    let known = since;
    let gap = false;
    for (const message of wire.slice(from, last ? undefined : epochs[index + 1]?.from)) {
      if (message.type === 'gap') {
        expect(known).not.toBeNull();
        gap = true;
      } else if (message.type === 'snapshot') {
        expect(known === null || gap).toBe(true);
        const standing = alarms.standingAt(message.seq, filter).map(({ id }) => id);
        expect(message.alarms.map(({ id }: { id: string }) => id).sort()).toEqual(standing.sort());
        known = message.seq;
        gap = false;
      } else {
        expect(gap || known === null).toBe(false);
        expect(wanted(known as number, message.seq)).toEqual([message.seq]);
        known = message.seq;
      }
    }
    if (last && open) expect(wanted(known as number, alarms.headSeq())).toEqual([]);
  }
}

it.each([
  ['and everything stays in memory', { recentBytes: 1e6, pieceBytes: 1e6, replayPage: 7 }, 1_000],
  ['and memory and record are short', { recentBytes: 1_500, pieceBytes: 500, replayPage: 4, keptPages: 1 }, 8],
])(
  'every client gets exactly what it asked for, in order, whatever happens meanwhile (%s)',
  async (_, limits, keep) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.constantFrom(0, 0.7, 3),
        async (steps, stepMs) => {
          const { alarms, faults, feed, connect } = fakeFeed({ snapshotBytes: 1, ...limits }, { keep, stepMs });
          const peers = Array.from({ length: CLIENTS }, () => connect());
          const epochs: Epoch[][] = peers.map(() => []);
          const closed: { peer: FakePeer; epochs: Epoch[] }[] = [];
          for (const one of steps) {
            if (one.kind === 'events') for (const more of one.alarms) alarms.happen(more);
            else if (one.kind === 'time') await vi.advanceTimersByTimeAsync(one.ms);
            else {
              const peer = peers[one.client] as FakePeer;
              if (one.kind === 'sleep') peer.reading = false;
              else if (one.kind === 'read') peer.read();
              else if (one.kind === 'readOne') peer.readOne();
              else if (one.kind === 'leave') {
                peer.close();
                closed.push({ peer, epochs: epochs[one.client] as Epoch[] });
                peers[one.client] = connect();
                epochs[one.client] = [];
              } else {
                const { back, ...words } = one.subscription;
                const since = back === undefined ? null : Math.max(0, alarms.headSeq() - back + 2);
                const message = { ...words, ...(since !== null && { since }) };
                const parsed = alarmSubscribeSchema.parse({ type: 'subscribe', ...message });
                const filter = alarmFilter(parsed, peer.signedIn.principal, { parks: () => [] });
                epochs[one.client]?.push({ from: peer.wire.length, filter, since });
                peer.subscribe(message);
              }
            }
          }
          for (const peer of peers) peer.read();
          await vi.advanceTimersByTimeAsync(20_000);
          feed.close();
          for (const [index, peer] of peers.entries()) {
            check(alarms, peer, epochs[index] as Epoch[]);
            expect(peer.mostWaiting).toBeLessThanOrEqual(1);
            expect([peer.failed, peer.slow]).toEqual([0, 0]);
          }
          for (const { peer, epochs } of closed) check(alarms, peer, epochs);
          expect(faults).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  },
);
