import { levelHeld, levelMet } from '../rule/comparison.js';
import type { AlarmRule } from '../rule/rule.js';
import { type ConditionState, isTiming, normalCondition } from './condition.js';

/** Why an evaluation ended as it did. */
export const REASONS = [
  'out_of_order',
  'no_evidence',
  'outside_schedule',
  'normal',
  'delay_running',
  'gap',
  'late',
  'raised',
  'level_raised',
  'stands',
  'within_deadband',
  'off_delay_running',
  'level_lowered',
  'cleared',
] as const;
export type EvaluationReason = (typeof REASONS)[number];

/** A change of the condition that operators may need to know. Times are event time in epoch milliseconds. */
export interface Transition {
  readonly kind: 'raised' | 'level_raised' | 'level_lowered' | 'cleared';
  /** Number of the level from now on; 0: normal. */
  readonly level: number;
  readonly at: number;
  /** When the condition began. */
  readonly since: number;
  readonly value: number;
}

export interface Evaluation {
  readonly condition: ConditionState;
  readonly reason: EvaluationReason;
  readonly transition?: Transition;
}

/** One measure of the rule's signal, with its circumstances. */
export interface Observation {
  /** Event time, see `eventTime`. */
  readonly at: number;
  /** Null: no evidence, see `evidence.ts`. */
  readonly measure: number | null;
  /** Whether it may end an alarm, or a level of it; see `evidence.ts`. */
  readonly mayEnd: boolean;
  /** Lag of its event time's clock; null: too late, it may end an alarm but not raise one. */
  readonly lagMs: number | null;
  /** Another lag to count with while it holds: it raises nothing now, but does once it has held that long. */
  readonly heldLagMs?: number | null;
  /** Outside the rule's schedule nothing is abnormal. */
  readonly inSchedule: boolean;
  /** Longest step of event time that a delay may bridge, in milliseconds; see `longestBridgedMs`. */
  readonly gapMs: number;
}

export type EvaluatedRule = Pick<AlarmRule, 'comparison' | 'onDelayS' | 'offDelayS'>;

/**
 * The next condition of one rule on one subject. Delays run in event time and restart after a gap; a reading older than
 * the last evaluated is ignored. Each level has its own delays.
 */
export function evaluate(rule: EvaluatedRule, before: ConditionState, seen: Observation): Evaluation {
  const outcome = next(rule, before, seen);
  const { at, measure, lagMs, heldLagMs = lagMs } = seen;
  const { condition } = outcome;
  if (condition === before || measure === null || !isTiming(condition)) return outcome;
  // A resend does not increase the lag.
  const first = at === before.lastTs ? (before.newest?.lagMs ?? null) : null;
  const held = first === null || heldLagMs === null ? heldLagMs : Math.min(first, heldLagMs);
  return { ...outcome, condition: { ...condition, newest: { measure, lagMs: held } } };
}

/**
 * When the running delay ends, in event time, if the newest measure holds until then; null: only another reading can
 * end it. On-delays do not run on late readings.
 */
export function dueAt(rule: EvaluatedRule, condition: ConditionState, gapMs: number): number | null {
  const { newest, met, back, level, lastTs } = condition;
  if (newest === undefined) return null;
  let due = Number.POSITIVE_INFINITY;
  if (newest.lagMs !== null) {
    for (let step = level + 1; step <= met.length; step += 1) {
      const since = met[step - 1];
      if (typeof since === 'number') due = Math.min(due, since + onDelayMs(rule, step));
    }
  }
  for (const since of back ?? []) if (since !== null) due = Math.min(due, since + rule.offDelayS * 1_000);
  // Not before the newest measure, which was evaluated at its own time.
  return due <= lastTs + gapMs ? Math.max(due, lastTs) : null;
}

/** Evaluates the newest measure at `at`, when a delay ends; the next reading still counts from its time. */
export function evaluateHeld(rule: EvaluatedRule, before: ConditionState, at: number, inSchedule: boolean): Evaluation {
  const { newest, lastTs } = before;
  if (newest === undefined) return { condition: before, reason: 'no_evidence' };
  const { measure, lagMs } = newest;
  const seen = { at, measure, lagMs, mayEnd: true, inSchedule, gapMs: Number.POSITIVE_INFINITY };
  const outcome = evaluate(rule, before, seen);
  return { ...outcome, condition: { ...outcome.condition, lastTs } };
}

function next(rule: EvaluatedRule, before: ConditionState, seen: Observation): Evaluation {
  const { at, measure, inSchedule } = seen;
  if (at < before.lastTs) return { condition: before, reason: 'out_of_order' };
  if (!inSchedule) return leave(before, at, measure ?? 0);
  if (measure === null) return { condition: before, reason: 'no_evidence' };
  const met = levelMet(rule.comparison, measure);
  if (!seen.mayEnd && met === 0) return { condition: before, reason: 'no_evidence' };

  const gap = at - before.lastTs > seen.gapMs;
  const timers = metSince(rule, before, met, at, gap);
  const since = before.level > 0 ? before.since : (timers[0] ?? null);
  const late = seen.lagMs === null;
  const reached = late ? 0 : levelReached(rule, timers, at);
  if (reached > before.level) {
    const kind = before.level === 0 ? 'raised' : 'level_raised';
    const began = before.level === 0 ? (since ?? at) : (timers[reached - 1] ?? at);
    return {
      condition: { lastTs: at, level: reached, since, met: timers, back: null },
      reason: kind,
      transition: { kind, level: reached, at, since: began, value: measure },
    };
  }
  if (before.level > 0) return stand(rule, before, seen, measure, timers, gap);
  const waiting = gap && before.since !== null ? 'gap' : late ? 'late' : 'delay_running';
  return {
    condition: since === null ? normalCondition(at) : { lastTs: at, level: 0, since, met: timers, back: null },
    reason: since === null ? 'normal' : waiting,
  };
}

/** The present level stays, or ends once the measure has been back for the off-delay; no higher one is reached. */
function stand(
  rule: EvaluatedRule,
  before: ConditionState,
  { at, mayEnd }: Observation,
  measure: number,
  timers: ConditionState['met'],
  gap: boolean,
): Evaluation {
  const held = levelHeld(rule.comparison, before.level, measure);
  const { level: stood, since } = before;
  const stays = { lastTs: at, level: stood, since, met: timers };
  if (held >= before.level || !mayEnd) {
    const within = levelMet(rule.comparison, measure) < before.level && mayEnd;
    return { condition: { ...stays, back: null }, reason: within ? 'within_deadband' : 'stands' };
  }
  const back = backSince(before, held, at, gap);
  const level = levelLeft(rule, back, at);
  if (level === before.level) return { condition: { ...stays, back }, reason: 'off_delay_running' };
  if (level === 0) return leave(before, at, measure);
  return {
    condition: { ...stays, level, back: level > held ? back.slice(0, level) : null },
    reason: 'level_lowered',
    transition: { kind: 'level_lowered', level, at, since: before.since ?? at, value: measure },
  };
}

/** Returns to normal at once. */
function leave(before: ConditionState, at: number, value: number): Evaluation {
  const condition = normalCondition(at);
  if (before.level === 0) return { condition, reason: 'outside_schedule' };
  return {
    condition,
    reason: 'cleared',
    transition: { kind: 'cleared', level: 0, at, since: before.since ?? at, value },
  };
}

function metSince(
  rule: EvaluatedRule,
  before: ConditionState,
  met: number,
  at: number,
  gap: boolean,
): (number | null)[] {
  return rule.comparison.levels.map((_, index) => {
    if (index >= met) return null;
    return gap ? at : (before.met[index] ?? at);
  });
}

/** The most severe level met for its on-delay. */
function levelReached(rule: EvaluatedRule, timers: ConditionState['met'], at: number): number {
  for (let step = timers.length; step > 0; step -= 1) {
    const since = timers[step - 1];
    if (since !== null && since !== undefined && at - since >= onDelayMs(rule, step)) return step;
  }
  return 0;
}

function onDelayMs({ comparison, onDelayS }: EvaluatedRule, step: number): number {
  return (comparison.levels[step - 1]?.onDelayS ?? onDelayS) * 1_000;
}

function backSince({ level, back }: ConditionState, held: number, at: number, gap: boolean): (number | null)[] {
  return Array.from({ length: level }, (_, index) => {
    if (index < held) return null;
    return gap ? at : (back?.[index] ?? at);
  });
}

/** The most severe level from which the measure has not been back for the off-delay; 0: none. */
function levelLeft({ offDelayS }: EvaluatedRule, back: readonly (number | null)[], at: number): number {
  return back.findLastIndex((since) => since === null || at - since < offDelayS * 1_000) + 1;
}
