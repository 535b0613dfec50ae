import { type FieldError, must } from '../../../../model/field-error.js';
import { atLeast } from '../../class.js';
import type { RuleMetric } from '../../metric.js';
import { isBeyond } from '../../signal/compare.js';
import { type AlarmLevel, type Comparison, levelHeld, MAX_LEVELS } from '../comparison.js';
import type { AlarmRule } from '../rule.js';

/** What is wrong with the levels: their number, order, setpoints and deadbands. */
export function levelProblems(rule: AlarmRule, subject: RuleMetric | null): FieldError[] {
  const { side, levels } = rule.comparison;
  const field = 'comparison.levels';
  if (levels.length < 1 || levels.length > MAX_LEVELS) return [{ field, expected: `1 to ${MAX_LEVELS} levels` }];
  if (side === 'equal') return equalProblems(rule, subject);
  const bounds = boundsOf(rule, subject);
  return levels.flatMap((level, index) => {
    const at = `${field}.${index}`;
    const before = levels[index - 1];
    return [
      ...setpointProblems(rule.comparison, level, bounds, at),
      ...(before === undefined ? [] : orderProblems(rule.comparison, before, level, index, at)),
      ...nameProblems(levels, index, at),
    ];
  });
}

/** A state is what it is: there is one setpoint and no way back but another state. */
function equalProblems({ comparison: { levels }, signal }: AlarmRule, subject: RuleMetric | null): FieldError[] {
  const { deadband, setpoint } = levels[0]!;
  const isState = signal.kind === 'value' && subject?.kind === 'state';
  const isFit = subject === null || isState || signal.kind === 'vote';
  const [least, most] = isState ? subject!.range : ([0, 16] as const);
  const isWhole = Number.isInteger(setpoint) && setpoint >= least && setpoint <= most;
  return [
    ...must(levels.length === 1, 'comparison.levels', 'one level where side is equal'),
    ...must(deadband === 0, 'comparison.levels.0.deadband', '0 where side is equal'),
    ...must(isFit, 'comparison.side', 'high or low: only states and votes are equal to something'),
    ...must(!isFit || isWhole, 'comparison.levels.0.setpoint', `a whole number from ${least} to ${most}`),
  ];
}

interface Bounds {
  readonly range: readonly [min: number, max: number];
  readonly unit: string;
  readonly whole: boolean;
}

const MAX_SECONDS = 90 * 86_400;

/** What the signal can be at all; null where only finite numbers are asked for. */
function boundsOf({ signal }: AlarmRule, subject: RuleMetric | null): Bounds | null {
  switch (signal.kind) {
    case 'value':
      return subject === null ? null : { range: subject.range, unit: subject.unit, whole: false };
    case 'bad_share':
      return { range: [0, 100], unit: '%', whole: false };
    case 'unchanged':
    case 'counter_still':
    case 'silence':
      return { range: [0, MAX_SECONDS], unit: 's', whole: false };
    case 'vote':
      return { range: [0, Math.max(1, signal.members.length)], unit: 'members', whole: true };
    default:
      return null;
  }
}

function setpointProblems(comparison: Comparison, level: AlarmLevel, bounds: Bounds | null, at: string): FieldError[] {
  const { side, inclusive } = comparison;
  const { setpoint, deadband } = level;
  if (!Number.isFinite(setpoint)) return [{ field: `${at}.setpoint`, expected: 'a number' }];
  if (!(Number.isFinite(deadband) && deadband >= 0)) return [{ field: `${at}.deadband`, expected: '0 or more' }];
  if (bounds === null) return [];
  const { range, unit, whole } = bounds;
  const [least, most] = range;
  const expected = `${whole ? 'a whole number ' : ''}from ${least} to ${most}${unit === '' ? '' : ` ${unit}`}`;
  if (setpoint < least || setpoint > most || (whole && !Number.isInteger(setpoint))) {
    return [{ field: `${at}.setpoint`, expected }];
  }
  const [worst, best] = side === 'high' ? [most, least] : [least, most];
  if (!isBeyond(side, setpoint, inclusive, worst)) {
    return [{ field: `${at}.setpoint`, expected: `one that a plausible value can pass: it is ${expected}` }];
  }
  if (levelHeld({ side, inclusive, levels: [level] }, 1, best) === 1) {
    return [{ field: `${at}.deadband`, expected: `one that a plausible value can come back by: it is ${expected}` }];
  }
  return [];
}

/** The next level is further out and more important, and ends before the one below it begins to. */
function orderProblems(
  { side }: Comparison,
  before: AlarmLevel,
  level: AlarmLevel,
  index: number,
  at: string,
): FieldError[] {
  const isFurther = isBeyond(side, before.setpoint, false, level.setpoint);
  const reachesBack = level.deadband > Number(Math.abs(level.setpoint - before.setpoint).toPrecision(12));
  const isWorse = level.priority !== before.priority && atLeast(level.priority, before.priority);
  const beyond = side === 'high' ? 'above' : 'below';
  return [
    ...must(isFurther, `${at}.setpoint`, `${beyond} the setpoint of level ${index}: the least severe comes first`),
    ...must(
      !isFurther || !reachesBack,
      `${at}.deadband`,
      `one that does not reach back beyond the setpoint of level ${index}`,
    ),
    ...must(isWorse, `${at}.priority`, `above ${before.priority}, that of level ${index}`),
  ];
}

function nameProblems(levels: readonly AlarmLevel[], index: number, at: string): readonly FieldError[] {
  const { name } = levels[index]!;
  const isFirst = levels.findIndex((level) => level.name === name) === index;
  return must(isFirst, `${at}.name`, `a name of its own; ${name} is there already`);
}
