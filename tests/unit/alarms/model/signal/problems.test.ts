import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../../../../src/alarms/model/signal/problems.js';
import type { SignalSpec, VoteMember } from '../../../../../src/alarms/model/signal/spec.js';
import { linesOf } from '../helpers.js';

const member: VoteMember = { metric: 'smoke_alarm', side: 'equal', setpoint: 1, inclusive: true };
const rate: SignalSpec = { kind: 'rate', windowS: 10, per: 'minute', direction: 'rise' };

describe('problems of a signal', () => {
  it.each<SignalSpec>([
    { kind: 'value' },
    { kind: 'silence' },
    { kind: 'counter_still' },
    { kind: 'unchanged' },
    { kind: 'unchanged', tolerance: 0 },
    rate,
    { ...rate, windowS: 86_400, per: 'hour', direction: 'either' },
    { kind: 'deviation', weeks: 1, as: 'percent', minBaseline: 2.5 },
    { kind: 'deviation', weeks: 12, as: 'absolute' },
    { kind: 'bad_share', windowS: 600, minReadings: 1 },
    { kind: 'vote', scope: 'device', members: [member] },
    { kind: 'vote', scope: 'place', members: Array.from({ length: 16 }, (_, n) => ({ ...member, setpoint: n })) },
  ])('are none for %j', (spec) => {
    expect(problemsOf(spec)).toEqual([]);
  });

  it.each<[unknown, string[]]>([
    [{ kind: 'guess' }, [expect.stringMatching(/^kind: expected one of value, /)]],
    [{ ...rate, windowS: 9 }, ['windowS: expected a whole number from 10 to 86400, got 9']],
    [{ ...rate, windowS: 86_401 }, ['windowS: expected a whole number from 10 to 86400, got 86401']],
    [{ ...rate, windowS: 10.5 }, ['windowS: expected a whole number from 10 to 86400, got 10.5']],
    [
      { ...rate, per: 'day', direction: 'up' },
      ['per: expected one of minute, hour', 'direction: expected one of rise, fall, either'],
    ],
    [{ kind: 'deviation', weeks: 0, as: 'percent' }, ['weeks: expected a whole number from 1 to 12, got 0']],
    [
      { kind: 'deviation', weeks: 13, as: 'ratio' },
      [expect.stringMatching(/^weeks: /), expect.stringMatching(/^as: /)],
    ],
    [
      { kind: 'deviation', weeks: 4, as: 'percent', minBaseline: -1 },
      ['minBaseline: expected a number of at least 0, got -1'],
    ],
    [
      { kind: 'deviation', weeks: 4, as: 'percent', assumedBaseline: -1 },
      ['assumedBaseline: expected a number of at least 0, got -1'],
    ],
    [{ kind: 'unchanged', tolerance: Number.NaN }, ['tolerance: expected a number of at least 0, got NaN']],
    [
      { kind: 'bad_share', windowS: 600, minReadings: 10_001 },
      ['minReadings: expected a whole number from 1 to 10000, got 10001'],
    ],
    [{ kind: 'vote', scope: 'park', members: [member] }, ['scope: expected one of device, place']],
    [{ kind: 'vote', scope: 'place', members: [] }, ['members: expected 1 to 16 members, got 0']],
    [{ kind: 'vote', scope: 'place', members: Array(17).fill(member) }, ['members: expected 1 to 16 members, got 17']],
    [
      { kind: 'vote', scope: 'place', members: [member, { metric: 'X', side: 'up', setpoint: Infinity }] },
      [
        'members[1].metric: expected the key of a metric',
        'members[1].side: expected one of high, low, equal',
        'members[1].setpoint: expected a number',
        'members[1].inclusive: expected true or false',
      ],
    ],
    [
      { kind: 'vote', scope: 'place', members: [member, { ...member }] },
      ['members[1]: is the same as a member before it and would count twice'],
    ],
  ])('of %j name the field', (spec, problems) => {
    expect(linesOf(problemsOf(spec as SignalSpec))).toEqual(problems);
  });

  it.each([
    ['rate', 'gauge', true],
    ['rate', 'counter', false],
    ['rate', 'state', false],
    ['counter_still', 'counter', true],
    ['counter_still', 'gauge', false],
    ['unchanged', 'gauge', true],
    ['unchanged', 'counter', false],
    ['unchanged', 'state', false],
    ['deviation', 'gauge', true],
    ['deviation', 'counter', false],
    ['bad_share', 'state', true],
    ['value', 'state', true],
  ] as const)('tell whether %s suits a %s', (kind, metricKind, suits) => {
    const spec = {
      kind,
      windowS: 60,
      per: 'hour',
      direction: 'rise',
      weeks: 4,
      as: 'percent',
      minReadings: 1,
    } as unknown as SignalSpec;
    const problems = linesOf(problemsOf(spec, metricKind));
    expect(problems.every((problem) => problem.startsWith(`kind: ${kind} does not suit a ${metricKind}`))).toBe(true);
    expect(problems).toHaveLength(suits ? 0 : 1);
  });
});
