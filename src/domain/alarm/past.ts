import { isOlder, LIVE_WINDOW_MS } from '../time-trust.js';
import { levelMet } from './comparison.js';
import { type ConditionState, normalCondition } from './condition.js';
import { dueAt, evaluate, evaluateHeld, type Judged, type Observation, type Transition } from './evaluate.js';

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
  /** Occurrences that are recorded, live ones too; the newest last. What is sent again is none of its own. */
  readonly spans: readonly Span[];
}

/** What happened in the past, for the record alone; an end comes with the raise that it ends. */
export interface PastEvent {
  readonly event: 'raised_late' | 'cleared_late';
  readonly raised: Transition;
  readonly at: number;
}

export interface PastOutcome {
  readonly past: PastState;
  /** In their order. */
  readonly events: readonly PastEvent[];
}

/** Most occurrences remembered for one alarm. */
export const MOST_SPANS = 16;

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
 * Readings of a backlog come in order; one that is older still counts only where the rule does not wait.
 * @param normalAt when things are known to have been normal later; null while that is not known
 */
export function takeLate(
  rule: Judged,
  before: PastState,
  seen: Observation,
  normalAt: number | null,
  now: number,
): PastOutcome {
  const { at, measure } = seen;
  const nothing: PastOutcome = { past: before, events: [] };
  if (measure === null) return nothing;
  const isCovered = before.spans.some(([from, to]) => at >= from && at <= to);
  if (isOlder(at, before.condition.lastTs, now)) {
    const level = isCovered ? 0 : levelMet(rule.comparison, measure);
    if (level === 0 || !seen.inSchedule || onDelayS(rule, level) > 0) return nothing;
    const raised: Transition = { kind: 'raised', level, at, since: at, value: measure };
    const events = (['raised_late', 'cleared_late'] as const).map((event) => ({ event, raised, at }));
    return { past: recorded(before, [at, at]), events };
  }
  if (isCovered && !isOpen(before)) return nothing;
  const transitions: Transition[] = [];
  let { condition } = before;
  const take = (outcome: ReturnType<typeof evaluate>) => {
    condition = outcome.condition;
    if (outcome.transition) transitions.push(outcome.transition);
  };
  const { gapMs } = seen;
  for (let due = dueAt(rule, condition, gapMs); due !== null && due < at; due = dueAt(rule, condition, gapMs)) {
    take(evaluateHeld(rule, condition, due, seen.inSchedule));
  }
  take(evaluate(rule, condition, { ...seen, lagMs: 0 }));
  return settled({ ...before, condition, heardAt: now, normalAt }, transitions);
}

/** Takes in what a live reading says of an exceedance of the past that is open: it ended before the first normal one. */
export function takeLive(before: PastState, at: number, isNormal: boolean, now: number): PastOutcome {
  const { condition, normalAt, heardAt } = before;
  const nothing: PastOutcome = { past: before, events: [] };
  if (!isOpen(before) || !isNormal || isOlder(at, condition.lastTs, now)) return nothing;
  const past = { ...before, normalAt: normalAt ?? at };
  if (now - heardAt >= LIVE_WINDOW_MS) return close(past, past.normalAt);
  return normalAt === null ? { past, events: [] } : nothing;
}

/** A backlog has come to a halt once no more of it has come for this long. */
const QUIET_MS = 5_000;

/** When an exceedance of the past that goes on is to be looked at again; null where there is none. */
export function lookAt({ raised, told, heardAt, normalAt }: PastState): number | null {
  if (raised === null) return null;
  if (!told) return heardAt + QUIET_MS;
  return normalAt === null ? null : heardAt + LIVE_WINDOW_MS;
}

/**
 * No more of the backlog has come: what goes on is told as far as it is known, and ends at what is known to be normal
 * once the backlog counts as over.
 */
export function look(before: PastState, now: number): PastOutcome {
  const { raised, told, heardAt, normalAt } = before;
  if (raised === null || now < (lookAt(before) ?? now)) return { past: before, events: [] };
  if (normalAt !== null && now - heardAt >= LIVE_WINDOW_MS) return close(before, normalAt);
  if (told) return { past: before, events: [] };
  return { past: { ...before, told: true }, events: [{ event: 'raised_late', raised, at: raised.at }] };
}

/** The alarm was raised live: what led to it is its own, unless it was told already. */
export function takenOver(before: PastState, at: number): PastOutcome {
  return close(before.told ? before : { ...before, raised: null }, at);
}

/** An occurrence that was told live: sent again it is no other. */
export function recorded(past: PastState, span: Span): PastState {
  return { ...past, spans: [...past.spans, span].slice(-MOST_SPANS) };
}

function close(before: PastState, at: number): PastOutcome {
  const { condition } = before;
  const past = { ...before, condition: normalCondition(condition.lastTs), normalAt: null };
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

function onDelayS({ comparison, onDelayS: own }: Judged, level: number): number {
  return comparison.levels[level - 1]?.onDelayS ?? own;
}
