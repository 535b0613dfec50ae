import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRIORITIES } from '../../../src/alarms/model/class.js';
import { type AlarmFilter, matches } from '../../../src/alarms/model/filter.js';
import { ALARM_DOMAINS } from '../../../src/alarms/model/rule/rule.js';
import { FilterGroups, filterKey } from '../../../src/ws/alarms/filter-group.js';
import { RecentEvents } from '../../../src/ws/alarms/recent-events.js';
import { alarmOf, PARKS } from './fake-feed.js';

const set = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values)).map((list) => new Set(list));
const filter: fc.Arbitrary<AlarmFilter> = fc.record(
  {
    parks: set(PARKS),
    domains: set(ALARM_DOMAINS),
    system: fc.boolean(),
    minPriority: fc.constantFrom(...PRIORITIES),
    device: fc.constantFrom('device-1', 'device-2'),
  },
  { requiredKeys: [] },
);
const everyAlarm = [...PARKS, null].flatMap((park) =>
  ALARM_DOMAINS.flatMap((domain) =>
    PRIORITIES.flatMap((priority) => [1, 2].map((seq) => alarmOf(seq, { park, domain, priority }))),
  ),
);

describe('the key of a filter', () => {
  it('is the same only where the same alarms pass', () => {
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        fc.pre(filterKey(a) === filterKey(b));
        for (const alarm of everyAlarm) expect(matches(a, alarm)).toBe(matches(b, alarm));
      }),
      { numRuns: 200, maxSkipsPerRun: 1_000 },
    );
  });

  it.each<[string, AlarmFilter, AlarmFilter]>([
    ['the order of parks', { parks: new Set(['a', 'b']) }, { parks: new Set(['b', 'a']) }],
    ['the order of domains', { domains: new Set(['fire', 'energy']) }, { domains: new Set(['energy', 'fire']) }],
    ['naming all domains', { domains: new Set(ALARM_DOMAINS) }, {}],
    ['naming the lowest priority', { minPriority: 'low' }, {}],
    ['saying that the service is meant', { system: true }, {}],
  ])('does not change with %s', (_, a, b) => {
    expect(filterKey(a)).toBe(filterKey(b));
  });
});

describe('groups', () => {
  it('are shared by filters that mean the same and end with their last member', () => {
    const groups = new FilterGroups(new RecentEvents(0, 1_000), 1_000);
    const [a, b] = [groups.join({ minPriority: 'low' }), groups.join({})];
    const c = groups.join({ minPriority: 'high' });
    expect([a === b, groups.size]).toEqual([true, 2]);
    groups.leave(a);
    groups.leave(c);
    expect(groups.size).toBe(1);
    groups.leave(b);
    expect(groups.size).toBe(0);
  });

  it('give all members at the same place the very same bytes', () => {
    const recent = new RecentEvents(0, 1_000);
    const groups = new FilterGroups(recent, 1_000);
    const group = groups.join({});
    const add = (seq: number) =>
      recent.append({ event: { seq, alarm: alarmOf(seq) } as never, frame: Buffer.from(`${seq};`) });
    add(1);
    add(2);
    expect(group.piece(0).frames?.toString()).toBe('1;2;');
    expect(group.piece(0).frames).toBe(group.piece(0).frames);
    add(3);
    expect(group.piece(0)).toMatchObject({ messages: 3, upTo: 3 });
    expect(group.piece(2).frames?.toString()).toBe('3;');
  });
});
