import { describe, expect, it } from 'vitest';
import { normalCondition } from '../../../../../src/alarms/model/judge/condition.js';
import type { EvaluationReason } from '../../../../../src/alarms/model/judge/evaluate.js';
import { type AlarmRule, longestBridgedMs } from '../../../../../src/alarms/model/rule/rule.js';
import type { DataFlag, Quality } from '../../../../../src/model/reading.js';
import { COD, GRADED, judge, PRESSURE, reading, SMOKE } from '../helpers.js';

const S = 1_000;
type Step = readonly [
  tsS: number,
  value: number,
  reason: EvaluationReason,
  more?: { receivedS?: number; flag?: DataFlag; quality?: Quality; inSchedule?: boolean },
];

function follow(rule: AlarmRule, steps: readonly Step[]) {
  let condition = normalCondition();
  const events: string[] = [];
  const reasons: EvaluationReason[] = [];
  for (const [tsS, value, , more] of steps) {
    const one = reading(tsS * S, value, more?.flag, more?.quality);
    const outcome = judge(rule, condition, one, (more?.receivedS ?? tsS) * S, more?.inSchedule);
    condition = outcome.condition;
    reasons.push(outcome.reason);
    if (outcome.transition) {
      const { kind, level, at, since, value: decided } = outcome.transition;
      const to = kind === 'cleared' ? '' : ` to ${rule.comparison.levels[level - 1]?.name}`;
      events.push(`${kind}${to} @${at / S} since ${since / S} value ${decided}`);
    }
  }
  return { condition, events, reasons };
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
      ['raised to alarm @120 since 60 value 85', 'cleared @240 since 60 value 76'],
    );
  });

  it('counts the setpoint itself as normal for a limit, as reached for a setting', () => {
    expectSteps({ ...COD, onDelayS: 0 }, [[0, 80, 'normal']], []);
    const setting: AlarmRule = {
      ...COD,
      onDelayS: 0,
      comparison: {
        side: 'high',
        inclusive: true,
        levels: [{ name: 'alarm', setpoint: 25, deadband: 5, priority: 'medium' }],
      },
    };
    expectSteps(
      setting,
      [
        [0, 25, 'raised'],
        [1, 20, 'within_deadband'],
        [2, 19.9, 'cleared'],
      ],
      ['raised to alarm @0 since 0 value 25', 'cleared @2 since 0 value 19.9'],
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
      ['raised to alarm @121 since 60 value 90'],
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
      ['raised to alarm @161 since 101 value 90'],
    );
  });

  it('bridges a step as long as the gap bound', () => {
    expectSteps(
      COD,
      [
        [0, 90, 'delay_running'],
        [100, 90, 'raised'],
      ],
      ['raised to alarm @100 since 0 value 90'],
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
      ['raised to alarm @100 since 100 value 1'],
    );
  });

  it('raises nothing from readings beyond the live window, and raises from the first live one', () => {
    expectSteps(
      SMOKE,
      [
        [0, 1, 'late', { receivedS: 121 }],
        [1, 1, 'raised', { receivedS: 121 }],
      ],
      ['raised to alarm @1 since 0 value 1'],
    );
  });

  it('lets a late reading end an alarm', () => {
    expectSteps(
      SMOKE,
      [
        [0, 1, 'raised'],
        [10, 0, 'cleared', { receivedS: 1_000 }],
      ],
      ['raised to alarm @0 since 0 value 1', 'cleared @10 since 0 value 0'],
    );
  });

  it('counts a reading dated after its receipt as of its receipt', () => {
    expectSteps(
      SMOKE,
      [
        [300, 0, 'normal', { receivedS: 10 }],
        [11, 1, 'raised', { receivedS: 11 }],
      ],
      ['raised to alarm @11 since 11 value 1'],
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
      ['raised to alarm @2 since 2 value 90', 'cleared @4 since 2 value 10'],
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
        ['raised to alarm @0 since 0 value 1', 'cleared @2 since 0 value 0'],
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
      ['raised to alarm @1 since 1 value 0.09', 'cleared @3 since 1 value 0.12'],
    );
  });
});

describe('evaluate with graded levels', () => {
  it('escalates one alarm from level to level, each after its own delay, and lowers it by each deadband', () => {
    expectSteps(
      GRADED,
      [
        [0, 75, 'delay_running'],
        [60, 75, 'raised'],
        [61, 85, 'stands'],
        [70, 85, 'stands'],
        [71, 85, 'level_raised'],
        [72, 100, 'level_raised'],
        [80, 97, 'within_deadband'],
        [90, 95, 'off_delay_running'],
        [110, 95, 'level_lowered'],
        [120, 60, 'off_delay_running'],
        [140, 60, 'cleared'],
      ],
      [
        'raised to warning @60 since 0 value 75',
        'level_raised to alarm @71 since 61 value 85',
        'level_raised to danger @72 since 72 value 100',
        'level_lowered to alarm @110 since 0 value 95',
        'cleared @140 since 0 value 60',
      ],
    );
  });

  it('raises at once at the highest level whose delay is over, whatever those below wait for', () => {
    expectSteps(
      GRADED,
      [
        [0, 70, 'normal'],
        [1, 120, 'raised'],
        [2, 90, 'off_delay_running'],
        [22, 90, 'level_lowered'],
      ],
      ['raised to danger @1 since 1 value 120', 'level_lowered to alarm @22 since 1 value 90'],
    );
  });

  it('goes on measuring the on-delay of a level while one below it stands', () => {
    const rule = { ...GRADED, comparison: { ...GRADED.comparison, levels: GRADED.comparison.levels.slice(0, 2) } };
    expectSteps(
      rule,
      [
        [0, 75, 'delay_running'],
        [55, 85, 'delay_running'],
        [60, 85, 'raised'],
        [65, 85, 'level_raised'],
      ],
      ['raised to warning @60 since 0 value 85', 'level_raised to alarm @65 since 55 value 85'],
    );
  });

  it('leaves each level only after its own time back: a last value below all ends the upper one alone', () => {
    expectSteps(
      GRADED,
      [
        [0, 120, 'raised'],
        [5, 77, 'off_delay_running'],
        [15, 60, 'off_delay_running'],
        [25, 60, 'level_lowered'],
        [34, 60, 'off_delay_running'],
        [35, 60, 'cleared'],
      ],
      [
        'raised to danger @0 since 0 value 120',
        'level_lowered to alarm @25 since 0 value 60',
        'cleared @35 since 0 value 60',
      ],
    );
  });

  it('starts the off-delay again when the value is abnormal once more, and after a gap', () => {
    expectSteps(
      { ...COD, onDelayS: 0, offDelayS: 30 },
      [
        [0, 90, 'raised'],
        [10, 70, 'off_delay_running'],
        [30, 78, 'within_deadband'],
        [39, 70, 'off_delay_running'],
        [60, 81, 'stands'],
        [70, 70, 'off_delay_running'],
        [171, 70, 'off_delay_running'],
        [200, 70, 'off_delay_running'],
        [201, 70, 'cleared'],
      ],
      ['raised to alarm @0 since 0 value 90', 'cleared @201 since 0 value 70'],
    );
  });

  it('lets an off-delay run over a step as long as the gap bound', () => {
    expectSteps(
      { ...COD, onDelayS: 0, offDelayS: 30 },
      [
        [0, 90, 'raised'],
        [10, 70, 'off_delay_running'],
        [110, 70, 'cleared'],
      ],
      ['raised to alarm @0 since 0 value 90', 'cleared @110 since 0 value 70'],
    );
  });

  it('starts the on-delay of a higher level again after a gap, while the one below stands on', () => {
    expectSteps(
      GRADED,
      [
        [0, 75, 'delay_running'],
        [60, 85, 'raised'],
        [161, 85, 'stands'],
        [170, 85, 'stands'],
        [171, 85, 'level_raised'],
      ],
      ['raised to warning @60 since 0 value 85', 'level_raised to alarm @171 since 161 value 85'],
    );
  });

  it('raises no level from late readings, lets them end one', () => {
    expectSteps(
      { ...GRADED, offDelayS: 0 },
      [
        [0, 85, 'late', { receivedS: 121 }],
        [10, 85, 'late', { receivedS: 131 }],
        [11, 85, 'raised', { receivedS: 131 }],
        [12, 120, 'stands', { receivedS: 133 }],
        [13, 77, 'within_deadband', { receivedS: 134 }],
        [14, 74, 'level_lowered', { receivedS: 135 }],
        [15, 60, 'cleared', { receivedS: 1_000 }],
      ],
      [
        'raised to alarm @11 since 0 value 85',
        'level_lowered to warning @14 since 0 value 74',
        'cleared @15 since 0 value 60',
      ],
    );
  });

  it('believes a faulty device that a level is reached, and ends none by it', () => {
    expectSteps(
      { ...GRADED, evidence: 'unless_serviced', offDelayS: 0 },
      [
        [0, 120, 'raised', { flag: 'D' }],
        [1, 75, 'stands', { flag: 'D' }],
        [2, 60, 'no_evidence', { flag: 'D' }],
        [3, 75, 'level_lowered'],
        [4, 120, 'no_evidence', { flag: 'M' }],
        [5, 60, 'cleared'],
      ],
      [
        'raised to danger @0 since 0 value 120',
        'level_lowered to warning @3 since 0 value 75',
        'cleared @5 since 0 value 60',
      ],
    );
  });

  it('ends outside its hours at once, whatever the delays and the evidence, and starts its delays again inside', () => {
    const off = { inSchedule: false };
    expectSteps(
      { ...COD, offDelayS: 3_600 },
      [
        [0, 90, 'delay_running'],
        [30, 90, 'outside_schedule', off],
        [40, 90, 'delay_running'],
        [100, 90, 'raised'],
        [110, 90, 'cleared', { ...off, flag: 'D' }],
        [120, 90, 'outside_schedule', off],
        [119, 90, 'out_of_order'],
        [130, 90, 'delay_running'],
      ],
      ['raised to alarm @100 since 40 value 90', 'cleared @110 since 40 value 0'],
    );
  });
});

describe('longestBridgedMs', () => {
  it.each([
    [100, 10, 100_000],
    [null, 60, 180_000],
    [null, null, 3_600_000],
    [7_200, 14_400, 43_200_000],
  ])('rule %s, expected interval %s: %i ms', (maxGapS, expectedIntervalS, ms) => {
    expect(longestBridgedMs({ maxGapS }, expectedIntervalS)).toBe(ms);
  });
});
