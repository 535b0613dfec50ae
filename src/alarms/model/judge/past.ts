import { isOlder, LIVE_WINDOW_MS } from '../../../model/time/trust.js';
import { type ConditionState, normalCondition } from './condition.js';
import { dueAt, type EvaluatedRule, evaluate, evaluateHeld, type Observation, type Transition } from './evaluate.js';

/**
 * From when to when something stood. Epoch milliseconds of event time. `late`: 1 where a reading that came late ended it,
 * so that its end is another if more comes; else things are known to have been normal at the end. `raisedAt`: when it
 * had lasted long enough; where it is not known, from the begin on.
 */
export type Span = readonly [from: number, to: number, late?: 0 | 1, raisedAt?: number];

/** What is known of a condition's past: of what came too late to be live, and of what is recorded already. */
export interface PastState {
  /** As the readings that came late leave it. */
  readonly condition: ConditionState;
  /** How it came to stand: its last raise. Null while it does not. */
  readonly raised: Transition | null;
  /** Whether that is recorded already: what goes on may yet turn out to be what an alarm is raised on. */
  readonly told: boolean;
  /** As it was told last: its end will name this raise, although by what came since it may have begun at another time. */
  readonly toldAs?: Transition | null;
  /** An end of it was told already; by what came since it goes on. */
  readonly endTold?: boolean;
  /** Receipt of the last of them. */
  readonly heardAt: number;
  /** Event time of the first live reading after them that was normal; null without. */
  readonly normalAt: number | null;
  /** Until when at most the newest of them held, where newer ones were known already: for its interval. */
  readonly heldUntil?: number | null;
  /** As of the oldest of them that is remembered, where readings are: from there on they are judged again. */
  readonly base?: PastBase;
  /** What is remembered of them, in a stored state alone. */
  readonly kept?: KeptReadings | null;
  /** Of a backlog that still comes in: what has not been judged yet. */
  readonly waiting?: WaitingReadings | null;
  /** Occurrences that are recorded, live ones too; by their ends. What is sent again is none of its own. */
  readonly spans: readonly Span[];
}

/** What of the past depends on readings that are remembered no more. */
export type PastBase = Pick<PastState, 'condition' | 'raised'>;

/** Readings that were judged as of the past, as they outlive a restart. */
export interface KeptReadings extends Pick<WaitingReadings, 'readings'> {
  /** Event time of the newest one that is remembered no more; null: there is none. */
  readonly forgottenAt: number | null;
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

/** Most occurrences remembered for one alarm: one that was told before these would be told again. */
const MOST_SPANS = 32;

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

/** Whether normal readings change nothing of it. */
export function isQuiet({ base, ...past }: PastState): boolean {
  return !isOpen(past) && (base === undefined || !isOpen({ ...past, ...base }));
}

/**
 * Takes in a reading that came too late to be live: what was abnormal then is told as of then, with its delays. They are
 * taken in the order of event time, see `judgeBacklog`.
 * @param heldUntil until when at most the reading held, in epoch milliseconds; null: not known
 */
export function takeLate(
  holding: Holding,
  before: PastState,
  seen: Observation,
  heldUntil: number | null,
  now: number,
): PastOutcome {
  const { at, measure } = seen;
  if (measure === null) return { past: before, events: [] };
  const { condition, transitions } = passed(holding, before.condition, at);
  const outcome = evaluate(holding.rule, condition, { ...seen, lagMs: 0 });
  if (outcome.transition) transitions.push(outcome.transition);
  return settled({ ...before, normalAt: null, heldUntil, condition: outcome.condition, heardAt: now }, transitions);
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
  return {
    past: { ...past, told: true, toldAs: raised, endTold: false },
    events: [{ event: 'raised_late', raised, at: raised.at }],
  };
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

/** An occurrence that was told: sent again it is no other. One that holds others takes their place. */
export function recorded(past: PastState, span: Span): PastState {
  const [from, to] = span;
  if (past.spans.some(([a, b]) => a <= from && to <= b)) return past;
  const spans = [...past.spans.filter(([a, b]) => a < from || b > to), span];
  return { ...past, spans: spans.sort((a, b) => a[1] - b[1]).slice(-MOST_SPANS) };
}

function close(before: PastState, at: number): PastOutcome {
  const { condition } = before;
  const past = { ...before, condition: normalCondition(condition.lastTs), normalAt: null, heldUntil: null };
  if (condition.level === 0) return { past, events: [] };
  return settled(past, [{ kind: 'cleared', level: 0, at, since: condition.since ?? at, value: 0 }]);
}

/** With its begin as it is known now, and the raise by which it was told. */
export function asTold({ told, toldAs }: PastState, raised: Transition): Transition {
  return told && toldAs ? { ...raised, at: toldAs.at } : raised;
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
      past = { ...past, raised, ...(past.told && { toldAs: raised }) };
    } else if (kind === 'cleared' && past.raised !== null) {
      const { raised } = past;
      if (!past.told) events.push({ event: 'raised_late', raised, at: raised.at });
      events.push({ event: 'cleared_late', raised: asTold(past, raised), at });
      past = { ...recorded(past, [since, at]), raised: null, told: false };
    }
  }
  return { past, events };
}
