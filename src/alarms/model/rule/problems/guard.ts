import { type FieldError, must } from '../../../../model/field-error.js';
import { atLeast, classPolicyOf } from '../../class.js';
import type { ComparisonSide } from '../../signal/compare.js';
import type { SignalSpec } from '../../signal/spec.js';
import type { AlarmLevel } from '../comparison.js';
import type { AlarmRule } from '../rule.js';

/**
 * How far an edit may move a safety rule from its reference. Beyond that the rule would be listed but never warn, or
 * always. To silence a rule, disable it: every operator sees that.
 */
interface Bounds {
  /** Longest on-delay in seconds; a longer one of the reference may stay. */
  readonly delayS: number;
  /** Longest off-delay: an alarm that stands on after its condition hides the next; likewise. */
  readonly offDelayS: number;
  /** Factors by which a setpoint may be further out, and nearer to normal. */
  readonly further: number;
  readonly nearer: number;
}

const FIRE_ALARM: Bounds = { delayS: 30, offDelayS: 3_600, further: 1, nearer: 5 };
const OTHERS: Bounds = { delayS: 600, offDelayS: 3_600, further: 2, nearer: 10 };
/** A shorter gap would stop delays, and votes would not count. */
const LEAST_GAP_S = 60;

/** Classes on which lives depend. */
const isGuarded = ({ alarmClass }: Pick<AlarmRule, 'alarmClass'>) =>
  classPolicyOf(alarmClass).guarded || alarmClass === 'safety';

/**
 * Keeps an edit from making a safety rule useless. The reference is the rule that the service ships under its id, else
 * the general rule of its family, which it replaces for devices of its limit profile: as shipped, since a reference that
 * was edited itself would let each edit go as far again.
 */
export function guardProblems(
  rule: AlarmRule,
  {
    shipped,
    shippedGeneral,
    rules,
  }: {
    readonly shipped: AlarmRule | undefined;
    readonly shippedGeneral?: AlarmRule | undefined;
    readonly rules: ReadonlyMap<string, AlarmRule>;
  },
): FieldError[] {
  const right = shipped ?? shippedGeneral ?? [...rules.values()].find((other) => isGeneralFor(other, rule));
  if (right === undefined || !isGuarded(right)) return [];
  const bounds = classPolicyOf(right.alarmClass).leastPriority === 'critical' ? FIRE_ALARM : OTHERS;
  return [
    ...fixed(rule, right, shipped !== undefined),
    ...delays(rule, right, bounds),
    ...signal(rule.signal, right.signal, bounds),
    ...levels(rule, right, bounds),
    ...causes(rule, right),
  ];
}

/** Whether a rule of another id is the general one of its family. */
export const isGeneralFor = (other: AlarmRule, { id, family, domain }: AlarmRule) =>
  other.id !== id && other.family === family && other.domain === domain && other.limitProfile === null;

function fixed(rule: AlarmRule, right: AlarmRule, isShipped: boolean): FieldError[] {
  const why = `for a rule of the class ${right.alarmClass}`;
  const { side, inclusive } = right.comparison;
  const found = [
    ...must(rule.alarmClass === right.alarmClass, 'alarmClass', `${right.alarmClass}: it keeps its class`),
    ...must(rule.metric === right.metric, 'metric', `${right.metric} ${why}`),
    ...must(rule.comparison.side === side, 'comparison.side', `${side} ${why}`),
    ...must(rule.comparison.inclusive || !inclusive, 'comparison.inclusive', `true ${why}`),
    ...must(rule.evidence === right.evidence || right.evidence === 'good', 'evidence', `${right.evidence} ${why}`),
    ...must(rule.schedule === null || right.schedule !== null, 'schedule', `null, so that it always counts, ${why}`),
  ];
  if (!isShipped) return found;
  const { limitProfile } = right;
  return [
    ...found,
    ...must(rule.limitProfile === limitProfile, 'limitProfile', `${limitProfile}, as the service ships it`),
    ...(['parks', 'devices'] as const).flatMap((field) =>
      must(rule[field].length === 0, field, `none ${why}, which watches all; add another rule instead`),
    ),
  ];
}

function delays(rule: AlarmRule, right: AlarmRule, { delayS, offDelayS }: Bounds): FieldError[] {
  const own = right.comparison.levels.map((level) => level.onDelayS ?? 0);
  const most = Math.max(delayS, right.onDelayS, ...own);
  const gap = right.maxGapS ?? LEAST_GAP_S;
  const mostOff = Math.max(offDelayS, right.offDelayS);
  return [
    ...delaysOf(rule).flatMap(([field, seconds]) =>
      must(seconds <= most, field, `at most ${most} seconds for a rule of the class ${right.alarmClass}`),
    ),
    ...must(
      rule.offDelayS <= mostOff,
      'offDelayS',
      `at most ${mostOff} seconds for a rule of the class ${right.alarmClass}`,
    ),
    ...must(rule.maxGapS === null || rule.maxGapS >= gap, 'maxGapS', `at least ${gap} seconds, or null`),
  ];
}

/** On-delays of a rule by field; a level without its own has none. */
export const delaysOf = ({ onDelayS, comparison }: AlarmRule): (readonly [field: string, seconds: number])[] => [
  ['onDelayS', onDelayS],
  ...comparison.levels.map((one, index) => [`comparison.levels.${index}.onDelayS`, one.onDelayS ?? 0] as const),
];

function signal(given: SignalSpec, right: SignalSpec, bounds: Bounds): FieldError[] {
  if (given.kind !== right.kind)
    return [{ field: 'signal.kind', expected: `${right.kind}: the rule keeps its signal` }];
  if (given.kind === 'rate' && right.kind === 'rate') {
    const same = given.direction === right.direction && given.per === right.per;
    const most = 2 * right.windowS;
    return [
      ...must(same, 'signal', `a ${right.direction} per ${right.per}`),
      ...must(given.windowS <= most, 'signal.windowS', `at most ${most} seconds: a longer one levels every change out`),
      ...must(
        given.towards === undefined || right.towards !== undefined,
        'signal.towards',
        'none: every change counts',
      ),
    ];
  }
  if (given.kind === 'bad_share' && right.kind === 'bad_share') {
    // As many readings as hardly come in the window would never be evidence.
    const [least, most] = [right.windowS / 2, 2 * right.minReadings];
    return [
      ...must(given.windowS >= least, 'signal.windowS', `at least ${least} seconds`),
      ...must(given.minReadings <= most, 'signal.minReadings', `at most ${most}`),
    ];
  }
  if (given.kind !== 'vote' || right.kind !== 'vote') return [];
  if (given.scope !== right.scope) return [{ field: 'signal.scope', expected: right.scope }];
  return right.members.flatMap((member, index) => {
    const { metric, side, setpoint } = member;
    const found = given.members.filter((one) => one.metric === metric && one.side === side);
    const [least, most] = span(side, setpoint, bounds);
    const isThere = found.some((one) => one.setpoint >= least && one.setpoint <= most);
    return must(isThere, `signal.members.${index}`, `${metric} with a setpoint of ${inWords([least, most])}`);
  });
}

function levels({ comparison }: AlarmRule, right: AlarmRule, bounds: Bounds): FieldError[] {
  const { side } = right.comparison;
  if (comparison.side !== side || comparison.levels.length === 0) return [];
  const ends: readonly (readonly [index: number, as: AlarmLevel])[] = [
    [0, right.comparison.levels[0]!],
    [comparison.levels.length - 1, right.comparison.levels.at(-1)!],
  ];
  const found: FieldError[] = [];
  for (const [index, as] of ends) {
    const { setpoint } = comparison.levels[index]!;
    const [least, most] = spanOf(right.signal, side, as.setpoint, bounds);
    const field = `comparison.levels.${index}.setpoint`;
    if ((setpoint >= least && setpoint <= most) || found.some((one) => one.field === field)) continue;
    found.push({ field, expected: `${inWords([least, most])} for a rule of the class ${right.alarmClass}` });
  }
  comparison.levels.forEach(({ setpoint, deadband }, index) => {
    const most = mostDeadband(setpoint, right);
    const field = `comparison.levels.${index}.deadband`;
    if (deadband > most) found.push({ field, expected: `at most ${most} for a rule of the class ${right.alarmClass}` });
  });
  const [index, worst] = ends[1]!;
  if (!atLeast(comparison.levels[index]!.priority, worst.priority)) {
    found.push({ field: `comparison.levels.${index}.priority`, expected: `${worst.priority} or above` });
  }
  return found;
}

function causes({ suppressedBy }: AlarmRule, right: AlarmRule): FieldError[] {
  return suppressedBy.flatMap(({ rule, scope }, index) => {
    const known = right.suppressedBy.some((cause) => cause.rule === rule && cause.scope === scope);
    const names = right.suppressedBy.map((cause) => `${cause.rule} of its ${cause.scope}`);
    const expected = `nothing but ${names.length === 0 ? 'nothing' : names.join(', ')} silences it`;
    return known ? [] : [{ field: `suppressedBy.${index}`, expected }];
  });
}

/** Half the setpoint, or as shipped: beyond that an alarm hardly ever ends, and hides the next. */
const mostDeadband = (setpoint: number, { comparison: { levels } }: AlarmRule) =>
  Math.max(Math.abs(setpoint) / 2, ...levels.map(({ deadband }) => deadband));

const HOUR_S = 3_600;

/** Allowed range of a setpoint, by signal. */
function spanOf({ kind }: SignalSpec, side: ComparisonSide, setpoint: number, bounds: Bounds): Span {
  if (kind === 'vote') return [1, Math.max(1, setpoint)];
  if (kind === 'silence') return [0, Math.max(HOUR_S, setpoint)];
  return kind === 'bad_share' ? [1, 90] : span(side, setpoint, bounds);
}

type Span = readonly [least: number, most: number];
const inWords = ([least, most]: Span) => (least === most ? `${least}` : `${least} to ${most}`);

function span(side: ComparisonSide, setpoint: number, { further, nearer }: Bounds): Span {
  if (side === 'equal' || setpoint === 0) return [setpoint, setpoint];
  const ends = side === 'high' ? [setpoint / nearer, setpoint * further] : [setpoint / further, setpoint * nearer];
  return [Math.min(...ends), Math.max(...ends)];
}
