import type { ValidityRules } from './rules.js';
import type { EmissionFlag, EmissionValue, ReceivedValue } from './value.js';
import { latestValues } from './value.js';

export const VALIDITY_VERDICTS = ['valid', 'suspect', 'invalid'] as const;
export type ValidityVerdict = (typeof VALIDITY_VERDICTS)[number];

/** Why a value is not simply valid. The first that holds, in this order, is given. */
export const VALIDITY_REASONS = [
  ...(['marked', 'calibration', 'flag', 'range', 'frozen', 'min_avg_max', 'flow_volume', 'jump'] as const),
] as const;
export type ValidityReason = (typeof VALIDITY_REASONS)[number];

/** A value with its verdict; the value itself stays as it came. */
export interface JudgedValue extends ReceivedValue {
  readonly verdict: ValidityVerdict;
  readonly reason: ValidityReason | null;
}

/** What somebody said of a period at an outlet. Nothing is changed or deleted; a later one takes its place. */
export interface PeriodMark {
  /** Epoch ms, `from <= t < to`. */
  readonly from: number;
  readonly to: number;
  /** A metric; null: all of the outlet. */
  readonly metric: string | null;
  /** `valid` confirms what is suspect or frozen; it lifts no flag and no range. */
  readonly verdict: 'valid' | 'invalid' | 'withdrawn';
  readonly by: string;
  /** Epoch ms at which it was said. */
  readonly at: number;
  readonly why: string;
}

/** What a mark can confirm: findings of the service, not those of the instrument. */
const CONFIRMABLE: ReadonlySet<ValidityReason> = new Set(['frozen', 'min_avg_max', 'flow_volume', 'jump']);

/**
 * Judges the values of one metric at one outlet: in any order, with duplicates. Values of the hours before a day decide
 * what is frozen or jumps at its beginning, so give them too.
 */
export function judgeValues(
  metric: string,
  values: Iterable<EmissionValue>,
  rules: ValidityRules,
  marks: readonly PeriodMark[],
): JudgedValue[] {
  const rising = latestValues(values);
  const frozen = frozenTimes(rising, rules);
  const own = marks.filter((mark) => mark.metric === null || mark.metric === metric);
  let before: ReceivedValue | null = null;
  return rising.map((value) => {
    const reason = reasonOf(value, frozen, before, rules);
    if (reason === null || reason === 'jump') before = value;
    return markedAs(value, reason, own);
  });
}

function reasonOf(
  value: ReceivedValue,
  frozen: ReadonlySet<ReceivedValue>,
  before: ReceivedValue | null,
  rules: ValidityRules,
): ValidityReason | null {
  const [lowest, highest] = rules.range;
  if (value.flag !== 'N') return value.flag === 'C' ? 'calibration' : 'flag';
  if (!(value.value >= lowest && value.value <= highest)) return 'range';
  if (frozen.has(value)) return 'frozen';
  if ((value.min ?? value.value) > value.value || (value.max ?? value.value) < value.value) return 'min_avg_max';
  if (disagrees(value, rules.flowTolerance)) return 'flow_volume';
  return jumps(value, before, rules) ? 'jump' : null;
}

/** A logger's m³ against its mean L/s times its seconds (HJ 212-2017, D.1). */
function disagrees({ value, volume, intervalMs }: EmissionValue, tolerance: number): boolean {
  if (volume === undefined || intervalMs === undefined) return false;
  const expected = (value * intervalMs) / 1e6;
  // Loggers print one decimal of a cubic metre at least.
  return Math.abs(volume - expected) > tolerance * Math.max(Math.abs(volume), expected) + 0.05;
}

function jumps(value: ReceivedValue, before: ReceivedValue | null, { jump }: ValidityRules): boolean {
  if (jump === null || before === null || value.ts - before.ts > jump.withinMs) return false;
  return value.value > jump.factor * Math.max(before.value, jump.floor);
}

/** All values of each run in which an instrument stands still for too long; flagged ones neither count nor end a run. */
function frozenTimes(rising: readonly ReceivedValue[], { frozen }: ValidityRules): ReadonlySet<ReceivedValue> {
  const found = new Set<ReceivedValue>();
  if (frozen === null) return found;
  let run: ReceivedValue[] = [];
  const end = () => {
    const [first, last] = [run[0], run.at(-1)];
    const isLong = first !== undefined && last !== undefined && last.ts - first.ts >= frozen.ms;
    if (isLong && run.length >= frozen.values) for (const one of run) found.add(one);
    run = [];
  };
  for (const value of rising) {
    if (value.flag !== 'N') continue;
    if (run.length > 0 && run[0]!.value !== value.value) end();
    if (value.value > frozen.except) run.push(value);
  }
  end();
  return found;
}

function markedAs(value: ReceivedValue, reason: ValidityReason | null, marks: readonly PeriodMark[]): JudgedValue {
  const mark = markAt(marks, value.ts);
  if (mark?.verdict === 'invalid') return { ...value, verdict: 'invalid', reason: 'marked' };
  const isConfirmed = mark?.verdict === 'valid' && reason !== null && CONFIRMABLE.has(reason);
  return { ...value, verdict: isConfirmed ? 'valid' : verdictFor(reason), reason };
}

/** What is said of a time: the newest, which may withdraw what was said before. */
function markAt(marks: readonly PeriodMark[], ts: number): PeriodMark | null {
  let newest: PeriodMark | null = null;
  for (const mark of marks) {
    if (ts >= mark.from && ts < mark.to && (newest === null || mark.at >= newest.at)) newest = mark;
  }
  return newest;
}

function verdictFor(reason: ValidityReason | null): ValidityVerdict {
  if (reason === null) return 'valid';
  return reason === 'jump' || reason === 'min_avg_max' || reason === 'flow_volume' ? 'suspect' : 'invalid';
}

/** Whether a value enters statistics. */
export const entersStatistics = (
  { verdict }: Pick<JudgedValue, 'verdict'>,
  { suspectCounts }: ValidityRules,
): boolean => verdict === 'valid' || (verdict === 'suspect' && suspectCounts);

/** An instrument at the end of its range: what was there may have been more. */
export const isOverRange = (flag: EmissionFlag): boolean => flag === 'T';
