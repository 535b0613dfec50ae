import type { Transition } from './evaluate.js';
import {
  asTold,
  isOpen,
  isQuiet,
  type PastBase,
  type PastEvent,
  type PastOutcome,
  type PastState,
  recorded,
  type Span,
} from './past.js';

/** An exceedance of the past that ended: its last raise, and its end in epoch milliseconds of event time. */
export interface Run {
  readonly raised: Transition;
  readonly at: number;
  /** Whether a reading that came late ended it. */
  readonly late: boolean;
}

/** All that is remembered, as if nothing of it had been told. */
export interface JudgedAgain {
  /** Those that ended. */
  readonly runs: readonly Run[];
  /** What goes on in the end. */
  readonly past: PastState;
  /** Event times of what is known to be normal, rising. */
  readonly normals: readonly number[];
  /** Event time of the oldest reading to be remembered, and what was before it. */
  readonly keptFrom: number;
  readonly base: PastBase;
}

/**
 * Whether an exceedance is one that was told from `since` to `to`: it has something of the time in which that came to be
 * raised, or lies within it.
 */
export function isSame([from, to]: Span, [since, end, , raisedAt = since]: Span): boolean {
  return (from <= Math.min(raisedAt, end) && since < to) || (since <= from && to <= end);
}

/** What was told and goes on; null: nothing. */
function standingOf({ told, raised, toldAs, endTold }: PastState): Transition | null {
  return told && endTold !== true ? (toldAs ?? raised) : null;
}

const event = (name: PastEvent['event'], raised: Transition, at: number): PastEvent => ({ event: name, raised, at });

/**
 * What of the exceedances is to be told, given what was told before. One that was told is not told again: at most a
 * higher level of it, or a later end. One without a reading that is new was there before, and is no news. What was told
 * and goes on, and is none any more by what came since, ends.
 * @param before as it was told so far
 * @param news event times of the readings that were not judged before
 */
export function retold(before: PastState, again: JudgedAgain, news: readonly number[]): PastOutcome {
  const { runs, past, base, keptFrom } = again;
  const events: PastEvent[] = [];
  let { spans } = before;
  // The first exceedance that is the same takes it up.
  let standing = standingOf(before);
  // What is parted from what was told had not been told by itself.
  const openedAt = standing?.since ?? Number.POSITIVE_INFINITY;
  const isParted = ([from, to]: Span) => to > openedAt || before.spans.some(([since, end]) => from < end && since < to);
  for (const { raised, at, late } of runs) {
    const span: Span = [raised.since, at, late ? 1 : 0, raised.at];
    let toldAs = raised;
    const known = before.spans.filter((one) => isSame(span, one));
    if (standing !== null && isSame(span, openOf(standing))) {
      const isWorse = raised.level > (before.raised?.level ?? 0);
      if (isWorse) events.push(event('raised_late', raised, raised.at));
      else toldAs = asTold(before, raised);
      events.push(event('cleared_late', toldAs, at));
      standing = null;
    } else if (known.length > 0) {
      const last = known.reduce((a, b) => (b[1] > a[1] ? b : a));
      toldAs = { ...raised, at: last[3] ?? raised.at };
      if (at > last[1]) events.push(event('cleared_late', toldAs, at));
      // It is remembered as it was told for as long as its readings are: some of them may yet be parted from it.
      else if (at >= keptFrom) continue;
    } else if (isParted(span) || news.some((one) => one >= span[0] && one <= at)) {
      events.push(event('raised_late', raised, raised.at), event('cleared_late', raised, at));
    } else continue;
    spans = recorded({ ...before, spans }, [span[0], at, late ? 1 : 0, toldAs.at]).spans;
  }
  const goesOn = goingOn(before, past, standing);
  if (standing !== null && !goesOn.told) {
    const at = endOf(standing, again);
    events.push(event('cleared_late', standing, at));
    spans = recorded({ ...before, spans }, [standing.since, at, 1, standing.at]).spans;
  } else if (standing !== null && goesOn.raised !== null && goesOn.raised.level > (before.raised?.level ?? 0)) {
    events.push(event('raised_late', goesOn.raised, goesOn.raised.at));
  }
  const { normalAt, heldUntil, heardAt } = past;
  const after: PastState = { ...before, ...goesOn, normalAt, heldUntil: heldUntil ?? null, spans, base };
  if (events.length === 0 && spans === before.spans && isQuiet(before) && isQuiet(after))
    return { past: before, events };
  return { past: { ...after, heardAt }, events };
}

const openOf = ({ since, at }: Transition): Span => [since, at, 0, at];

type GoingOn = Pick<PastState, 'condition' | 'raised' | 'told' | 'toldAs' | 'endTold'>;

/** What goes on, and whether it is told. */
function goingOn(before: PastState, past: PastState, standing: Transition | null): GoingOn {
  const { condition, raised } = past;
  const untold: GoingOn = { condition, raised, told: false, toldAs: null, endTold: false };
  if (!isOpen(past)) return { ...untold, raised: null };
  const since = raised?.since ?? condition.since ?? condition.lastTs;
  const span: Span = [since, Number.POSITIVE_INFINITY];
  if (standing !== null && since <= standing.at) {
    const toldAs = raised !== null && raised.level > (before.raised?.level ?? 0) ? raised : standing;
    if (raised !== null) return { ...untold, raised, told: true, toldAs };
    // It had held for its delay by the clock.
    if (condition.lastTs === before.condition.lastTs && condition.since === before.condition.since) {
      return { ...untold, condition: before.condition, raised: before.raised, told: true, toldAs };
    }
  }
  if (raised === null) return untold;
  const known = before.spans.findLast((one) => isSame(span, one));
  if (known === undefined) return untold;
  return { ...untold, raised, told: true, toldAs: { ...raised, at: known[3] ?? raised.at }, endTold: true };
}

/** When what was told, and is none any more by what came since, counts as ended: as soon as it was not abnormal. */
function endOf({ at, since }: Transition, { normals, runs, past: { condition } }: JudgedAgain): number {
  const next = Math.min(condition.since ?? condition.lastTs, ...runs.map(({ raised }) => raised.since));
  return Math.max(at, normals.find((one) => one > since) ?? next);
}
