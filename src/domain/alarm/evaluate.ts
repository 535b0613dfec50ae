import { LIVE_WINDOW_MS } from '../wire/readings.js';
import { levelHeld, levelMet } from './comparison.js';
import { type ConditionState, normalCondition } from './condition.js';
import type { AlarmRule } from './rule.js';

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
export type Reason = (typeof REASONS)[number];

/** A change of the condition that people may have to know of. Times are event time in epoch milliseconds. */
export interface Transition {
  readonly kind: 'raised' | 'level_raised' | 'level_lowered' | 'cleared';
  /** Place of the level that stands from now on; 0: normal. */
  readonly level: number;
  readonly at: number;
  /** When the condition began. */
  readonly since: number;
  /** The measure that decided. */
  readonly value: number;
}

export interface Outcome {
  readonly condition: ConditionState;
  readonly reason: Reason;
  readonly transition?: Transition;
}

/** One measure of the rule's signal, and what is known beside it. */
export interface Observation {
  /** Event time, see `eventTime`. */
  readonly at: number;
  /** Null: no evidence, see `evidence.ts`. */
  readonly measure: number | null;
  /** Whether it may end an alarm, or a level of it; see `evidence.ts`. */
  readonly mayEnd: boolean;
  /** Beyond the live window: it may end an alarm, never raise one. */
  readonly late: boolean;
  /** Outside the rule's schedule nothing is abnormal. */
  readonly inSchedule: boolean;
  /** Longest step of event time that a delay may bridge, in milliseconds; see `gapBoundMs`. */
  readonly gapMs: number;
}

/** What of a rule the evaluation needs. */
export type Judged = Pick<AlarmRule, 'comparison' | 'onDelayS' | 'offDelayS'>;

/**
 * Event time as alarms count it: a reading dated after its receipt counts as of its receipt, so that a clock running
 * ahead cannot make the right readings after it look old.
 */
export function eventTime(ts: number, receivedAt: number): number {
  return Math.min(ts, receivedAt);
}

export function isLate(ts: number, receivedAt: number): boolean {
  return receivedAt - ts > LIVE_WINDOW_MS;
}

/**
 * The next condition of one rule on one subject. Delays run in event time and start again after a gap; what is older
 * than the last reading evaluated is ignored. Each level has delays of its own.
 */
export function evaluate(rule: Judged, before: ConditionState, seen: Observation): Outcome {
  const { at, measure, inSchedule } = seen;
  if (at < before.lastTs) return { condition: before, reason: 'out_of_order' };
  if (!inSchedule) return leave(before, at, measure ?? 0);
  if (measure === null) return { condition: before, reason: 'no_evidence' };
  const met = levelMet(rule.comparison, measure);
  if (!seen.mayEnd && met === 0) return { condition: before, reason: 'no_evidence' };

  const gap = at - before.lastTs > seen.gapMs;
  const timers = metSince(rule, before, met, at, gap);
  const since = before.level > 0 ? before.since : (timers[0] ?? null);
  const reached = seen.late ? 0 : levelReached(rule, timers, at);
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
  const waiting = gap && before.since !== null ? 'gap' : seen.late ? 'late' : 'delay_running';
  return {
    condition: since === null ? normalCondition(at) : { lastTs: at, level: 0, since, met: timers, back: null },
    reason: since === null ? 'normal' : waiting,
  };
}

/** A level stands and no higher one is reached: it stays, or ends once the measure has been back for the off-delay. */
function stand(
  rule: Judged,
  before: ConditionState,
  { at, mayEnd }: Observation,
  measure: number,
  timers: ConditionState['met'],
  gap: boolean,
): Outcome {
  const held = levelHeld(rule.comparison, before.level, measure);
  const stays = { ...before, lastTs: at, met: timers };
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

/** Back to normal at once. */
function leave(before: ConditionState, at: number, value: number): Outcome {
  const condition = normalCondition(at);
  if (before.level === 0) return { condition, reason: 'outside_schedule' };
  return {
    condition,
    reason: 'cleared',
    transition: { kind: 'cleared', level: 0, at, since: before.since ?? at, value },
  };
}

function metSince(rule: Judged, before: ConditionState, met: number, at: number, gap: boolean): (number | null)[] {
  return rule.comparison.levels.map((_, index) => {
    if (index >= met) return null;
    return gap ? at : (before.met[index] ?? at);
  });
}

/** The most severe level that has been met for its on-delay. */
function levelReached(rule: Judged, timers: ConditionState['met'], at: number): number {
  for (let place = timers.length; place > 0; place -= 1) {
    const since = timers[place - 1];
    const delayS = rule.comparison.levels[place - 1]?.onDelayS ?? rule.onDelayS;
    if (since !== null && since !== undefined && at - since >= delayS * 1_000) return place;
  }
  return 0;
}

function backSince({ level, back }: ConditionState, held: number, at: number, gap: boolean): (number | null)[] {
  return Array.from({ length: level }, (_, index) => {
    if (index < held) return null;
    return gap ? at : (back?.[index] ?? at);
  });
}

/** The most severe level that the measure has not been back from for the off-delay; 0: none. */
function levelLeft({ offDelayS }: Judged, back: readonly (number | null)[], at: number): number {
  return back.findLastIndex((since) => since === null || at - since < offDelayS * 1_000) + 1;
}
