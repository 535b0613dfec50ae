import { isOlder, LIVE_WINDOW_MS } from '../../../model/time/trust.js';
import { type ConditionState, normalCondition } from './condition.js';
import { dueAt, type EvaluatedRule, evaluate, evaluateHeld, type Observation, type Transition } from './evaluate.js';

/**
 * An exceedance, in epoch milliseconds of event time. `late`: 1 where a late reading ended it, so that more of them may
 * move its end; else things are known to have been normal at the end. `raisedAt`: end of its on-delay; where unknown,
 * its begin; null: several exceedances joined, whatever overlaps them counts as recorded.
 */
export type ExceedanceSpan = readonly [from: number, to: number, late?: 0 | 1, raisedAt?: number | null];

/** The past of a condition: exceedances from late readings, and stored ones. */
export interface PastState {
  /** The condition after the late readings. */
  readonly condition: ConditionState;
  /** Its last raise; null while nothing stands. */
  readonly raised: Transition | null;
  /** Whether that raise is stored: an open exceedance may still become the one that raises the alarm. */
  readonly told: boolean;
  /** The raise as stored: its end will name it, although later readings may have moved its begin. */
  readonly toldAs?: Transition | null;
  /** Whether an end of it is stored; by later readings it continues. */
  readonly endTold?: boolean;
  /** Receipt of the last late reading. */
  readonly heardAt: number;
  /** Event time of the first normal live reading after the late ones; null without. */
  readonly normalAt: number | null;
  /** Latest time until which the newest late reading held, where newer ones were known: its interval. */
  readonly heldUntil?: number | null;
  /** The state before the oldest remembered reading: the judgement restarts there. */
  readonly base?: PastBase;
  /** The remembered readings, only in a stored state. */
  readonly kept?: KeptReadings | null;
  /** Readings of a growing backlog that are not judged yet. */
  readonly waiting?: WaitingReadings | null;
  /** Stored exceedances, live ones too, by their ends. A resend does not add one. */
  readonly spans: readonly ExceedanceSpan[];
}

/** The part of the past that rests on forgotten readings. */
export type PastBase = Pick<PastState, 'condition' | 'raised'>;

/** Judged readings of the past in stored form. */
export interface KeptReadings extends Pick<WaitingReadings, 'readings'> {
  /** Event time of the newest forgotten one; null: none. */
  readonly forgottenAt: number | null;
}

/** Readings of a backlog in stored form. Epoch milliseconds. */
export interface WaitingReadings {
  readonly heardAt: number;
  /** Newest event time of the series when the backlog began; null: none. */
  readonly newestAt: number | null;
  /** By receipt; flags and qualities as indexes into their lists. */
  readonly readings: readonly (readonly [at: number, value: number, flag: number, quality: number, late: 0 | 1])[];
}

/** An event of the past, only to be stored; an end comes with the raise that it ends. */
export interface PastEvent {
  readonly event: 'raised_late' | 'cleared_late';
  readonly raised: Transition;
  readonly at: number;
}

/** What the delays of a past condition depend on. */
export interface Holding {
  readonly rule: EvaluatedRule;
  /** Longest step that a delay may bridge, in milliseconds. */
  readonly gapMs: number;
  readonly inSchedule: (at: number) => boolean;
}

export interface PastOutcome {
  readonly past: PastState;
  readonly events: readonly PastEvent[];
  /** How many exceedances with new readings are left out because of joined ones alone: some may not be recorded. */
  readonly doubtful?: number;
}

/**
 * Most exceedances remembered for one alarm. Of more, the two nearest of the older half are joined, and what comes late
 * between those is not recorded: nothing may be recorded twice.
 */
const MOST_SPANS = 32;

export const NO_PAST: PastState = {
  condition: normalCondition(),
  raised: null,
  told: false,
  heardAt: Number.NEGATIVE_INFINITY,
  normalAt: null,
  spans: [],
};

/** Whether an exceedance of the past may continue: then live readings are checked for its end. */
export function isOpen({ condition }: PastState): boolean {
  return condition.level > 0 || condition.since !== null;
}

/** Whether normal readings leave it unchanged. */
export function isSettled({ base, ...past }: PastState): boolean {
  return !isOpen(past) && (base === undefined || !isOpen({ ...past, ...base }));
}

/**
 * Evaluates a late reading as of its event time, with delays. Call it in the order of event time, see `judgeBacklog`.
 * @param heldUntil latest time until which the reading held, in epoch milliseconds; null: unknown
 */
export function acceptLate(
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

/** Ends the delays that are over before `until`, and returns the transitions. */
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

/** Latest time until which the late readings are known to have held. */
const heldUntil = (past: PastState) =>
  Math.min(past.normalAt ?? Number.POSITIVE_INFINITY, past.heldUntil ?? Number.POSITIVE_INFINITY);

/** Raises a pending exceedance that has held for its on-delay. */
function held(holding: Holding, before: PastState, until: number): PastOutcome {
  if (before.raised !== null) return { past: before, events: [] };
  const { condition, transitions } = passed(holding, before.condition, Math.min(until, heldUntil(before)));
  return settled({ ...before, condition }, transitions);
}

/** Applies a live reading to an open exceedance of the past, which ended before the first normal one. */
export function acceptLive(
  holding: Holding,
  before: PastState,
  at: number,
  isNormal: boolean,
  now: number,
): PastOutcome {
  const { condition, normalAt, heardAt } = before;
  const nothing: PastOutcome = { past: before, events: [] };
  if (!isOpen(before) || !isNormal || isOlder(at, condition.lastTs, now)) return nothing;
  const past = { ...before, normalAt: normalAt ?? at };
  if (now - heardAt >= LIVE_WINDOW_MS) return ended(holding, past, past.normalAt);
  return normalAt === null ? { past, events: [] } : nothing;
}

/** A backlog has stopped growing once no more of it comes for this long. */
export const QUIET_MS = 5_000;

/** When `look` is due for a continuing or pending exceedance of the past; null without one. */
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
 * Runs once a backlog has stopped growing: records the continuing exceedance as far as known, and ends it at the
 * first normal reading once the backlog counts as over.
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

/** Ends the open exceedance at `at`, if it has not ended before. */
export function ended(holding: Holding, before: PastState, at: number): PastOutcome {
  const { past, events } = held(holding, before, at);
  const outcome = close(past, at);
  return { past: outcome.past, events: [...events, ...outcome.events] };
}

/** The alarm was raised live and owns what led to it, unless that is recorded, or ended before. */
export function takenOver(before: PastState, at: number): PastOutcome {
  const { told, normalAt } = before;
  if (normalAt !== null && normalAt < at) return close(before, normalAt);
  return close(told ? before : { ...before, raised: null }, at);
}

/** Whether an exceedance lies in one of these. */
export function isWithin([from, to]: ExceedanceSpan, spans: readonly ExceedanceSpan[]): boolean {
  return spans.some(([since, end]) => since <= from && to <= end);
}

/**
 * Adds a stored exceedance; a resend adds none. Each raise has one, as described last: an older begin or end of it would
 * claim what was split off it. Another raise stays even inside a longer one, which later readings may split.
 */
export function recorded(past: PastState, span: ExceedanceSpan): PastState {
  const raisedAt = ([from, , , at = from]: ExceedanceSpan) => at;
  const own = past.spans.filter((one) => raisedAt(one) === raisedAt(span));
  if (isWithin(span, own)) return past;
  const spans = [...past.spans.filter((one) => !own.includes(one)), span];
  return { ...past, spans: bounded(spans.sort((a, b) => a[1] - b[1])) };
}

function bounded(spans: readonly ExceedanceSpan[]): readonly ExceedanceSpan[] {
  if (spans.length <= MOST_SPANS) return spans;
  const gap = (place: number) => spans[place + 1]![0] - spans[place]![1];
  let nearest = 0;
  for (let place = 1; place < MOST_SPANS / 2; place += 1) if (gap(place) < gap(nearest)) nearest = place;
  const [a, b] = [spans[nearest]!, spans[nearest + 1]!];
  return spans.toSpliced(nearest, 2, [Math.min(a[0], b[0]), b[1], b[2] ?? 0, null]);
}

function close(before: PastState, at: number): PastOutcome {
  const { condition } = before;
  const past = { ...before, condition: normalCondition(condition.lastTs), normalAt: null, heldUntil: null };
  if (condition.level === 0) return { past, events: [] };
  return settled(past, [{ kind: 'cleared', level: 0, at, since: condition.since ?? at, value: 0 }]);
}

/** The raise with its present begin and the time under which it is recorded. */
export function asTold({ told, toldAs }: PastState, raised: Transition): Transition {
  return told && toldAs ? { ...raised, at: toldAs.at } : raised;
}

function settled(before: PastState, transitions: readonly Transition[]): PastOutcome {
  const events: PastEvent[] = [];
  let past = before;
  for (const transition of transitions) {
    const { kind, at, since } = transition;
    if (kind === 'raised' || kind === 'level_raised') {
      // A later level belongs to the same occurrence.
      const raised = { ...transition, since: past.raised?.since ?? since };
      if (past.told) events.push({ event: 'raised_late', raised, at });
      past = { ...past, raised, ...(past.told && { toldAs: raised }) };
    } else if (kind === 'cleared' && past.raised !== null) {
      const { raised } = past;
      if (!past.told) events.push({ event: 'raised_late', raised, at: raised.at });
      const toldAs = asTold(past, raised);
      // Of a recorded end that was disproved only a later one is new.
      const isNew = !past.endTold || !past.spans.some(([, to, , raisedAt]) => raisedAt === toldAs.at && at <= to);
      if (isNew) events.push({ event: 'cleared_late', raised: toldAs, at });
      past = { ...recorded(past, [since, at, 0, toldAs.at]), raised: null, told: false };
    }
  }
  return { past, events };
}
