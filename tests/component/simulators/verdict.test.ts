import { describe, expect, it } from 'vitest';
import { eventsOf, type Occurrence } from '../../../simulators/scenario/declare.js';
import { compareAlarms } from '../../../simulators/verdict/compare.js';
import type { ExpectedEvent } from '../../../simulators/verdict/expected.js';
import type { RecordedEvent } from '../../../simulators/verdict/recorded.js';
import { compareFeed, holesIn } from '../../../simulators/verdict/sequence.js';

const T0 = Date.parse('2026-11-23T09:00:00+08:00');
const S = 1_000;

/** `raised alarm 10-20`: event, level, and the seconds between which it is to be. */
function truth(...events: readonly string[]): ExpectedEvent[] {
  return events.map((text) => {
    const [event, level, span] = text.split(' ') as [ExpectedEvent['event'], string, string];
    const [from, to] = span.split('-').map(Number) as [number, number];
    return { event, level, earliest: T0 + from * S, latest: T0 + to * S };
  });
}

/** `raised alarm 12`, numbered from 1 on. */
function record(...events: readonly string[]): RecordedEvent[] {
  return events.map((text, n) => {
    const [event, level, at, id = 'smoke-alarm:s-1'] = text.split(' ') as [string, string, string, string?];
    const [rule, device] = id.split(':') as [string, string];
    const stands = { state: 'unack_active', unacknowledged: true, seq: n + 1 } as const;
    const alarm = { id, rule, device, park: 'oh-diandu', level, ...stands };
    return {
      seq: n + 1,
      event,
      cause: 'reading',
      at: new Date(T0 + Number(at) * S).toISOString(),
      by: null,
      comment: null,
      alarm,
    };
  });
}

const smoke = (events: ExpectedEvent[] | null) => [{ park: 'oh-diandu', device: 's-1', rule: 'smoke-alarm', events }];
const differences = (events: ExpectedEvent[] | null, recorded: RecordedEvent[]) =>
  compareAlarms(smoke(events), recorded).map(({ kind, what }) => `${kind} ${what.split(' ').slice(0, 2).join(' ')}`);

describe('what the record says, compared with the truth', () => {
  const twice = truth('raised alarm 10-12', 'cleared alarm 20-22', 'raised alarm 30-32', 'cleared alarm 40-42');

  it.each<[name: string, recorded: string[], differences: string[]]>([
    ['all of it', ['raised alarm 10', 'cleared alarm 22', 'raised alarm 31', 'cleared alarm 40'], []],
    [
      'what people did beside it',
      ['raised alarm 10', 'acknowledged alarm 11', 'cleared alarm 22', 'raised alarm 31', 'cleared alarm 40'],
      [],
    ],
    [
      'nothing',
      [],
      ['missing raised (alarm)', 'missing cleared (alarm)', 'missing raised (alarm)', 'missing cleared (alarm)'],
    ],
    [
      'one occurrence less',
      ['raised alarm 10', 'cleared alarm 40'],
      ['missing cleared (alarm)', 'missing raised (alarm)'],
    ],
    [
      'an event twice',
      ['raised alarm 10', 'raised alarm 10', 'cleared alarm 22', 'raised alarm 31', 'cleared alarm 40'],
      ['twice raised (alarm)'],
    ],
    [
      'one occurrence more',
      ['raised alarm 10', 'cleared alarm 22', 'raised alarm 31', 'cleared alarm 40', 'raised alarm 50'],
      ['unexpected raised (alarm)'],
    ],
    [
      'the end before the beginning',
      ['cleared alarm 22', 'raised alarm 10', 'raised alarm 31', 'cleared alarm 40'],
      ['out_of_order raised (alarm)'],
    ],
    [
      'an end too late',
      ['raised alarm 10', 'cleared alarm 22', 'raised alarm 31', 'cleared alarm 43'],
      ['wrong_time cleared (alarm)'],
    ],
    [
      'another level',
      ['raised warning 10', 'cleared alarm 22', 'raised alarm 31', 'cleared alarm 40'],
      ['unexpected raised (warning)', 'missing raised (alarm)'],
    ],
  ])('%s', (_name, recorded, expected) => {
    expect(differences(twice, record(...recorded))).toEqual(expected);
  });

  it('an alarm that nothing causes is unexpected', () => {
    const found = compareAlarms([], record('raised alarm 1 heat-alarm:h-1'));
    expect(found).toMatchObject([{ kind: 'unexpected', alarm: 'heat-alarm:h-1' }]);
  });

  it('nothing is said of one that cannot be told, but that it was not recorded twice', () => {
    expect(differences(null, record('raised alarm 10'))).toEqual([]);
    expect(differences(null, record('raised alarm 10', 'raised alarm 10'))).toEqual(['twice raised (alarm)']);
  });
});

describe('what an occurrence makes an alarm do', () => {
  const base = { park: 'p', device: 'd', rule: 'r' };
  const SLACK = { promptMs: 2 * S, delayedMs: 5 * S };
  const told = (occurrence: Pick<Occurrence, 'rises' | 'end'>) =>
    eventsOf({ ...base, ...occurrence }, SLACK)?.map(({ event, level, earliest, latest }) =>
      [event, level, `${earliest / S}-${latest / S}`].join(' '),
    ) ?? null;

  it.each<[name: string, rises: Occurrence['rises'], end: number | null, events: string[] | null]>([
    ['at once', [{ level: 'a', from: 10 * S }], 20 * S, ['raised a 10-12', 'cleared a 20-22']],
    ['after a delay', [{ level: 'a', from: 10 * S, delayS: 30 }], 60 * S, ['raised a 40-45', 'cleared a 60-62']],
    ['too short for its delay', [{ level: 'a', from: 10 * S, delayS: 30 }], 40 * S, []],
    ['about as long as its delay', [{ level: 'a', from: 10 * S, delayS: 30 }], 42 * S, null],
    [
      'two levels, up and down',
      [
        { level: 'w', from: [10 * S, 12 * S], delayS: 10 },
        { level: 'a', from: 40 * S, to: [60 * S, 61 * S] },
      ],
      90 * S,
      ['raised w 20-27', 'level_raised a 40-42', 'level_lowered w 60-63', 'cleared w 90-92'],
    ],
    [
      'two levels that end together',
      [
        { level: 'w', from: 10 * S, delayS: 10 },
        { level: 'a', from: 40 * S },
      ],
      90 * S,
      ['raised w 20-25', 'level_raised a 40-42', 'cleared a 90-92'],
    ],
    [
      'the worse level before the lesser',
      [
        { level: 'w', from: 10 * S, delayS: 60 },
        { level: 'a', from: 20 * S, to: 80 * S },
      ],
      90 * S,
      ['raised a 20-22', 'level_lowered w 80-82', 'cleared w 90-92'],
    ],
    [
      'both levels with one reading, the worse gone a moment before',
      [
        { level: 'w', from: 10 * S, delayS: 30, to: 90 * S + 1 },
        { level: 'a', from: 10 * S, delayS: 30 },
      ],
      90 * S,
      ['raised a 40-45', 'level_lowered w 90-92', 'cleared w 90-92'],
    ],
    ['without an end', [{ level: 'a', from: 10 * S }], null, ['raised a 10-12']],
    [
      'either of two levels first',
      [
        { level: 'w', from: 10 * S, delayS: 11 },
        { level: 'a', from: 20 * S },
      ],
      90 * S,
      null,
    ],
    [
      'only the lesser level for long enough',
      [
        { level: 'w', from: 10 * S },
        { level: 'a', from: 30 * S, delayS: 30, to: 50 * S },
      ],
      90 * S,
      ['raised w 10-12', 'cleared w 90-92'],
    ],
  ])('%s', (_name, rises, end, events) => {
    expect(told({ rises, end })).toEqual(events);
  });
});

describe('the numbers of a record', () => {
  it.each<[seqs: number[], after: number, wrong: string[]]>([
    [[1, 2, 3], 0, []],
    [[], 0, []],
    [[8, 9], 7, []],
    [[1, 3], 0, ['no event 2 to 2']],
    [[2], 0, ['no event 1 to 1']],
    [[1, 2, 2, 3], 0, ['event 2 after 2']],
    [[1, 3, 2], 0, ['no event 2 to 2', 'event 2 after 3']],
  ])('%j after %i', (seqs, after, wrong) => {
    expect(holesIn(seqs, after)).toEqual(wrong);
  });
});

describe('what a client of the feed heard', () => {
  const events = record('raised alarm 1', 'cleared alarm 2', 'raised alarm 3');
  const [first, second, third] = events as [RecordedEvent, RecordedEvent, RecordedEvent];

  it.each<[name: string, heard: RecordedEvent[], wrong: string[]]>([
    ['everything', events, []],
    ['not all', [first, third], ['event 2 was never told']],
    ['one twice', [first, second, second, third], ['event 2 was told twice']],
    ['one out of turn', [first, third, second], ['event 2 was told after 3']],
    [
      'something else',
      [first, { ...second, event: 'reset' }, third],
      ['event 2 was told as reset smoke-alarm:s-1: cleared smoke-alarm:s-1'],
    ],
    ['what is not recorded', [...events, { ...third, seq: 4 }], ['event 4 was told and is not in the record']],
  ])('%s', (_name, heard, wrong) => {
    expect(compareFeed(events, heard)).toEqual(wrong);
  });
});
