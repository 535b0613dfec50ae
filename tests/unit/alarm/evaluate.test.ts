import { describe, expect, it } from 'vitest';
import { evaluate, type Reason } from '../../../src/domain/alarm/evaluate.js';
import { type AlarmRule, gapBoundMs } from '../../../src/domain/alarm/rule.js';
import { type ConditionState, normalState } from '../../../src/domain/alarm/state.js';
import type { DataFlag, Quality } from '../../../src/domain/reading.js';
import { COD, PRESSURE, reading, SMOKE } from './fixtures.js';

const S = 1_000;
type Step = readonly [
  tsS: number,
  value: number,
  reason: Reason,
  more?: { receivedS?: number; flag?: DataFlag; quality?: Quality },
];

function follow(rule: AlarmRule, steps: readonly Step[]) {
  let state: ConditionState = normalState();
  const events: string[] = [];
  const reasons: Reason[] = [];
  for (const [tsS, value, , more] of steps) {
    const outcome = evaluate(rule, state, reading(tsS * S, value, more?.flag, more?.quality), {
      receivedAt: (more?.receivedS ?? tsS) * S,
      gapMs: gapBoundMs(rule, null),
    });
    state = outcome.state;
    reasons.push(outcome.reason);
    if (outcome.transition) {
      const { event, at, since, value: decided } = outcome.transition;
      events.push(`${event}@${at / S} since ${since / S} value ${decided}`);
    }
  }
  return { state, events, reasons };
}

function expectSteps(rule: AlarmRule, steps: readonly Step[], events: readonly string[]) {
  const got = follow(rule, steps);
  expect(got.reasons).toEqual(steps.map((step) => step[2]));
  expect(got.events).toEqual(events);
}

describe('evaluate', () => {
  it('raises once the condition has held for the on-delay, and ends it beyond the deadband', () => {
    expectSteps(
      COD,
      [
        [0, 70, 'normal'],
        [60, 81, 'delay_running'],
        [119, 90, 'delay_running'],
        [120, 85, 'raised'],
        [180, 79, 'within_deadband'],
        [200, 95, 'stands'],
        [240, 76, 'cleared'],
        [250, 79, 'normal'],
      ],
      ['raised@120 since 60 value 85', 'cleared@240 since 60 value 76'],
    );
  });

  it('counts the setpoint itself as normal for a limit, as reached for a setting', () => {
    expectSteps({ ...COD, onDelayS: 0 }, [[0, 80, 'normal']], []);
    const setting: AlarmRule = {
      ...COD,
      onDelayS: 0,
      condition: { kind: 'high', setpoint: 25, deadband: 5, inclusive: true },
    };
    expectSteps(
      setting,
      [
        [0, 25, 'raised'],
        [1, 20, 'within_deadband'],
        [2, 19.9, 'cleared'],
      ],
      ['raised@0 since 0 value 25', 'cleared@2 since 0 value 19.9'],
    );
  });

  it('starts the on-delay again when the value returns across the setpoint, however little', () => {
    expectSteps(
      COD,
      [
        [0, 90, 'delay_running'],
        [50, 79.9, 'normal'],
        [60, 90, 'delay_running'],
        [119, 90, 'delay_running'],
        [121, 90, 'raised'],
      ],
      ['raised@121 since 60 value 90'],
    );
  });

  it('never lets the on-delay mature across a gap', () => {
    expectSteps(
      COD,
      [
        [0, 90, 'delay_running'],
        [101, 90, 'gap'],
        [150, 90, 'delay_running'],
        [161, 90, 'raised'],
      ],
      ['raised@161 since 101 value 90'],
    );
  });

  it('bridges a step as long as the gap bound', () => {
    expectSteps(
      COD,
      [
        [0, 90, 'delay_running'],
        [100, 90, 'raised'],
      ],
      ['raised@100 since 0 value 90'],
    );
  });

  it('ignores readings older than the last one evaluated, and takes one of the same time', () => {
    expectSteps(
      SMOKE,
      [
        [100, 0, 'normal'],
        [99, 1, 'out_of_order', { receivedS: 101 }],
        [100, 1, 'raised'],
        [90, 0, 'out_of_order', { receivedS: 102 }],
      ],
      ['raised@100 since 100 value 1'],
    );
  });

  it('raises nothing from readings beyond the live window, and raises from the first live one', () => {
    expectSteps(
      SMOKE,
      [
        [0, 1, 'late', { receivedS: 121 }],
        [1, 1, 'raised', { receivedS: 121 }],
      ],
      ['raised@1 since 0 value 1'],
    );
  });

  it('lets a late reading end an alarm', () => {
    expectSteps(
      SMOKE,
      [
        [0, 1, 'raised'],
        [10, 0, 'cleared', { receivedS: 1_000 }],
      ],
      ['raised@0 since 0 value 1', 'cleared@10 since 0 value 0'],
    );
  });

  it('counts a reading dated after its receipt as of its receipt', () => {
    expectSteps(
      SMOKE,
      [
        [300, 0, 'normal', { receivedS: 10 }],
        [11, 1, 'raised', { receivedS: 11 }],
      ],
      ['raised@11 since 11 value 1'],
    );
  });

  it('judges limits by good readings alone', () => {
    expectSteps(
      { ...COD, onDelayS: 0 },
      [
        [0, 500, 'no_evidence', { flag: 'D' }],
        [1, 9_999, 'no_evidence', { quality: 'out_of_range' }],
        [2, 90, 'raised'],
        [3, 0, 'no_evidence', { flag: 'B' }],
        [4, 10, 'cleared'],
      ],
      ['raised@2 since 2 value 90', 'cleared@4 since 2 value 10'],
    );
  });

  it.each(['F', 'S', 'D', 'T', 'B'] as const)(
    'believes a fire detector flagged %s when it warns, not when it calms',
    (flag) => {
      expectSteps(
        SMOKE,
        [
          [0, 1, 'raised', { flag }],
          [1, 0, 'no_evidence', { flag }],
          [2, 0, 'cleared'],
        ],
        ['raised@0 since 0 value 1', 'cleared@2 since 0 value 0'],
      );
    },
  );

  it.each(['M', 'C'] as const)('ignores a fire detector flagged %s', (flag) => {
    expectSteps(SMOKE, [[0, 1, 'no_evidence', { flag }]], []);
  });

  it('raises below a low setpoint and ends above it by the deadband', () => {
    expectSteps(
      PRESSURE,
      [
        [0, 0.1, 'normal'],
        [1, 0.09, 'raised'],
        [2, 0.11, 'within_deadband'],
        [3, 0.12, 'cleared'],
      ],
      ['raised@1 since 1 value 0.09', 'cleared@3 since 1 value 0.12'],
    );
  });
});

describe('gapBoundMs', () => {
  it.each([
    [100, 10, 100_000],
    [null, 60, 180_000],
    [null, null, 300_000],
  ])('rule %s, expected interval %s: %i ms', (maxGapS, expectedIntervalS, ms) => {
    expect(gapBoundMs({ maxGapS }, expectedIntervalS)).toBe(ms);
  });
});
