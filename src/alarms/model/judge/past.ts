import { isOlder, LIVE_WINDOW_MS } from '../../../model/time/trust.js';
import { type ConditionState, normalCondition } from './condition.js';
import { dueAt, type EvaluatedRule, evaluate, evaluateHeld, type Observation, type Transition } from './evaluate.js';

/** From when to when something stood. Epoch milliseconds of event time. */
export type Span = readonly [from: number, to: number];

/** What is known of a condition's past: of what came too late to be live, and of what is recorded already. */
export interface PastState {
  /** As the readings that came late leave it. */
  readonly condition: ConditionState;
  /** How it came to stand: its last raise. Null while it does not. */
  readonly raised: Transition | null;
  /** Whether that is recorded already: what goes on may yet turn out to be what an alarm is raised on. */
  readonly told: boolean;
  /** Receipt of the last of them. */
  readonly heardAt: number;
  /** Event time of the first live reading after them that was normal; null without. */
  readonly normalAt: number | null;
  /** Until when at most the newest of them held, where newer ones were known already: for its interval. */
  readonly heldUntil?: number | null;
  /** Event time of the oldest of them. */
  readonly from?: number;
  /** Of a backlog that still comes in: what has not been judged yet. */
  readonly waiting?: WaitingReadings | null;
  /** Occurrences that are recorded, live ones too; the newest last. What is sent again is none of its own. */
  readonly spans: readonly Span[];
}

/** Readings of a backlog as they outlive a restart. Epoch milliseconds. */
export interface WaitingReadings {
  readonly heardAt: number;
  /** Event time of the newest of the series when the backlog began; null: there was none. */
  readonly newestAt: number | null;
  /** In the order of their receipt; flags and qualities by their places in the lists of them. */
  readonly readings: readonly (readonly [at: number, value: number, flag: number, quality: number, late: 0 | 1])[];
}

/** What happened in the past, for the record alone; an end comes with the raise that it ends. */
export interface PastEvent {
  readonly event: 'raised_late' | 'cleared_late';
  readonly raised: Transition;
  readonly at: number;
}

/** What a delay that runs in the past depends on. */
export interface Holding {
  readonly rule: EvaluatedRule;
  /** Longest step that a delay may bridge, in milliseconds. */
  readonly gapMs: number;
  readonly inSchedule: (at: number) => boolean;
}

export interface PastOutcome {
  readonly past: PastState;
  /** In their order. */
  readonly events: readonly PastEvent[];
}

/** Most occurrences remembered for one alarm. */
const MOST_SPANS = 16;

export const NO_PAST: PastState = {
  condition: normalCondition(),
  raised: null,
  told: false,
  heardAt: Number.NEGATIVE_INFINITY,
  normalAt: null,
  spans: [],
};

/** Whether an exceedance of the past may be going on: then live readings are looked at for its end. */
export function isOpen({ condition }: PastState): boolean {
  return condition.level > 0 || condition.since !== null;
}

/**
 * Takes in a reading that came too late to be live: what was abnormal then is told as of then, with its delays, and once.
 * They are taken in the order of event time, see `judgeBacklog`.
 * @param later when things are known to have been normal later, and until when the reading held; null: not known
 */
export function takeLate(
  holding: Holding,
  before: PastState,
  seen: Observation,
  later: Pick<PastState, 'normalAt' | 'heldUntil'>,
  now: number,
): PastOutcome {
  const { at, measure } = seen;
  const isCovered = before.spans.some(([from, to]) => at >= from && at <= to);
  if (measure === null || (isCovered && !isOpen(before))) return { past: before, events: [] };
  const { condition, transitions } = passed(holding, before.condition, at);
  const outcome = evaluate(holding.rule, condition, { ...seen, lagMs: 0 });
  if (outcome.transition) transitions.push(outcome.transition);
  return settled({ ...before, ...later, condition: outcome.condition, heardAt: now }, transitions);
}

/** The condition once its delays that are over before `until` have ended, and what that brought. */
function passed({ rule, gapMs, inSchedule }: Holding, before: ConditionState, until: number) {
  const transitions: Transition[] = [];
  let condition = before;
  for (let due = dueAt(rule, condition, gapMs); due !== null && due < until; due = dueAt(rule, condition, gapMs)) {
    const outcome = evaluateHeld(rule, condition, due, inSchedule(due));
    condition = outcome.condition;
    if (outcome.transition) transitions.push(outcome.transition);
  }
  return { condition, transitions };
}

/** Until when what came late is known to have held at most. */
const heldUntil = (past: PastState) =>
  Math.min(past.normalAt ?? Number.POSITIVE_INFINITY, past.heldUntil ?? Number.POSITIVE_INFINITY);

/** What no reading of the past has raised may have held for its delay. */
function held(holding: Holding, before: PastState, until: number): PastOutcome {
  if (before.raised !== null) return { past: before, events: [] };
  const { condition, transitions } = passed(holding, before.condition, Math.min(until, heldUntil(before)));
  return settled({ ...before, condition }, transitions);
}

/** Takes in what a live reading says of an exceedance of the past that is open: it ended before the first normal one. */
export function takeLive(holding: Holding, before: PastState, at: number, isNormal: boolean, now: number): PastOutcome {
  const { condition, normalAt, heardAt } = before;
  const nothing: PastOutcome = { past: before, events: [] };
  if (!isOpen(before) || !isNormal || isOlder(at, condition.lastTs, now)) return nothing;
  const past = { ...before, normalAt: normalAt ?? at };
  if (now - heardAt >= LIVE_WINDOW_MS) return ended(holding, past, past.normalAt);
  return normalAt === null ? { past, events: [] } : nothing;
}

/** A backlog has come to a halt once no more of it has come for this long. */
export const QUIET_MS = 5_000;

/** When an exceedance of the past that goes on, or may have held, is to be looked at again; null where there is none. */
export function lookAt({ rule, gapMs }: Holding, past: PastState): number | null {
  const { condition, raised, told, heardAt, normalAt } = past;
  if (raised === null) {
    const due = dueAt(rule, condition, gapMs);
    return due === null || due >= heldUntil(past) ? null : Math.max(due, heardAt + LIVE_WINDOW_MS);
  }
  if (!told) return heardAt + QUIET_MS;
  return normalAt === null ? null : heardAt + LIVE_WINDOW_MS;
}

/**
 * No more of the backlog has come: what goes on is told as far as it is known, and ends at what is known to be normal
 * once the backlog counts as over.
 */
export function look(holding: Holding, before: PastState, now: number): PastOutcome {
  const { told, heardAt, normalAt } = before;
  if (now < (lookAt(holding, before) ?? Number.POSITIVE_INFINITY)) return { past: before, events: [] };
  if (normalAt !== null && now - heardAt >= LIVE_WINDOW_MS) return ended(holding, before, normalAt);
  const { past } = held(holding, before, now + 1);
  const { raised } = past;
  if (told || raised === null) return { past, events: [] };
  return { past: { ...past, told: true }, events: [{ event: 'raised_late', raised, at: raised.at }] };
}

/** What is open ended at `at`, if not before. */
export function ended(holding: Holding, before: PastState, at: number): PastOutcome {
  const { past, events } = held(holding, before, at);
  const outcome = close(past, at);
  return { past: outcome.past, events: [...events, ...outcome.events] };
}

/** The alarm was raised live: what led to it is its own, unless it was told already, or things were normal in between. */
export function takenOver(before: PastState, at: number): PastOutcome {
  const { told, normalAt } = before;
  if (normalAt !== null && normalAt < at) return close(before, normalAt);
  return close(told ? before : { ...before, raised: null }, at);
}

/** An occurrence that was told live: sent again it is no other. */
export function recorded(past: PastState, span: Span): PastState {
  return { ...past, spans: [...past.spans, span].slice(-MOST_SPANS) };
}

function close(before: PastState, at: number): PastOutcome {
  const { condition } = before;
  const past = { ...before, condition: normalCondition(condition.lastTs), normalAt: null, heldUntil: null };
  if (condition.level === 0) return { past, events: [] };
  return settled(past, [{ kind: 'cleared', level: 0, at, since: condition.since ?? at, value: 0 }]);
}

function settled(before: PastState, transitions: readonly Transition[]): PastOutcome {
  const events: PastEvent[] = [];
  let past = before;
  for (const transition of transitions) {
    const { kind, at, since } = transition;
    if (kind === 'raised' || kind === 'level_raised') {
      // A level that is reached later belongs to the same occurrence.
      const raised = { ...transition, since: past.raised?.since ?? since };
      if (past.told) events.push({ event: 'raised_late', raised, at });
      past = { ...past, raised };
    } else if (kind === 'cleared' && past.raised !== null) {
      const { raised } = past;
      if (!past.told) events.push({ event: 'raised_late', raised, at: raised.at });
      events.push({ event: 'cleared_late', raised, at });
      past = { ...recorded(past, [since, at]), raised: null, told: false };
    }
  }
  return { past, events };
}
