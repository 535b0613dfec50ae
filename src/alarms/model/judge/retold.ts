import type { Transition } from './evaluate.js';
import {
  asTold,
  type ExceedanceSpan,
  isOpen,
  isSettled,
  isWithin,
  type PastBase,
  type PastEvent,
  type PastOutcome,
  type PastState,
  recorded,
} from './past.js';

/** An ended exceedance of the past: its last raise, and its end in epoch milliseconds of event time. */
export interface RetoldExceedance {
  readonly raised: Transition;
  readonly at: number;
  readonly late: boolean;
}

/** Result of judging all remembered readings again, without regard to what is recorded. */
export interface JudgedAgain {
  /** Ended exceedances. */
  readonly runs: readonly RetoldExceedance[];
  /** The exceedance that continues. */
  readonly past: PastState;
  /** Event times known to be normal, rising. */
  readonly normals: readonly number[];
  /** Event time of the oldest reading to remember, and the state before it. */
  readonly keptFrom: number;
  readonly base: PastBase;
}

/** Whether an exceedance is the one recorded as `since` to `to`: it overlaps the time to its raise, or is within. */
export function isSame(one: ExceedanceSpan, told: ExceedanceSpan): boolean {
  return hasRaise(one, told) || isWithin(one, [told]);
}

/** Whether an exceedance overlaps the time in which a recorded one came to be raised. */
function hasRaise([from, to]: ExceedanceSpan, [since, end, , raisedAt = since]: ExceedanceSpan): boolean {
  return from <= Math.min(raisedAt ?? end, end) && since < to;
}

const isJoined = ([, , , raisedAt]: ExceedanceSpan): boolean => raisedAt === null;

/** The recorded ones that an exceedance is: by their raise, else those that it lies in, else joined ones. */
export function knownOf(one: ExceedanceSpan, spans: readonly ExceedanceSpan[]): readonly ExceedanceSpan[] {
  const known = spans.filter((told) => isSame(one, told));
  const single = known.filter((told) => !isJoined(told));
  const raised = single.filter((told) => hasRaise(one, told));
  return [raised, single].find(({ length }) => length > 0) ?? known;
}

/** Whether an exceedance is only known to be one of several, or to lie between them. */
export const isDoubtful = (known: readonly ExceedanceSpan[]): boolean => known.every(isJoined);

/** The recorded raise that has not ended; null without one. */
function standingOf({ told, raised, toldAs, endTold }: PastState): Transition | null {
  return told && endTold !== true ? (toldAs ?? raised) : null;
}

const event = (name: PastEvent['event'], raised: Transition, at: number): PastEvent => ({ event: name, raised, at });

/**
 * Which exceedances to record, given those before. Each one that all readings known by now show is recorded once: a
 * record, as described last, is the same (`isSame`), or it gets a record of its own. Of a recorded one only a higher
 * level or a later end is new. One without a new reading existed before and is left out. A recorded one that continues
 * ends if new readings disprove it.
 * @param before as recorded so far
 * @param news event times of the readings not judged before
 */
export function retold(before: PastState, again: JudgedAgain, news: readonly number[]): PastOutcome {
  const { runs, past, base, keptFrom } = again;
  const events: PastEvent[] = [];
  const parts: RetoldExceedance[] = [];
  let doubtful = 0;
  let { spans } = before;
  const record = (span: ExceedanceSpan) => {
    ({ spans } = recorded({ ...before, spans }, span));
  };
  const tell = (run: RetoldExceedance) => {
    const { raised, at } = run;
    events.push(event('raised_late', raised, raised.at), event('cleared_late', raised, at));
    record(spanOf(run));
  };
  // The first exceedance that is the same continues it.
  let standing = standingOf(before);
  // An exceedance split off a recorded one, or off the one that went on, was not recorded by itself.
  const openedAt = isOpen(before) ? (standing ?? before.raised ?? before.condition).since : null;
  const isParted = ([from, to]: ExceedanceSpan) =>
    (openedAt !== null && to > openedAt) || before.spans.some(([since, end]) => from < end && since < to);
  const isNews = ([from, to]: ExceedanceSpan) => news.some((one) => one >= from && one <= to);
  for (const run of runs) {
    const { raised, at } = run;
    const span = spanOf(run);
    const known = knownOf(span, before.spans);
    if (standing !== null && isSame(span, openOf(standing))) {
      const isWorse = raised.level > (before.raised?.level ?? 0);
      if (isWorse) events.push(event('raised_late', raised, raised.at));
      const toldAs = isWorse ? raised : asTold(before, raised);
      events.push(event('cleared_late', toldAs, at));
      record(describedAs(span, toldAs.at));
      standing = null;
    } else if (known.length > 0) {
      const last = latestOf(known);
      const toldAs = { ...raised, at: last[3] ?? raised.at };
      if (at > last[1]) events.push(event('cleared_late', toldAs, at));
      // It stays as recorded while its readings are remembered: some may still be split off it.
      if (at > last[1] || (at < keptFrom && !isJoined(last))) record(describedAs(span, toldAs.at));
      else parts.push(run);
      if (at <= last[1] && isDoubtful(known) && isNews(span)) doubtful += 1;
    } else if (isParted(span) || isNews(span)) tell(run);
  }
  const { known, ...goesOn } = goingOn(before, past, standing);
  if (standing !== null && !goesOn.told) {
    const at = endOf(standing, again);
    events.push(event('cleared_late', standing, at));
    record([standing.since, at, 1, standing.at]);
  } else if (standing !== null && goesOn.raised !== null && goesOn.raised.level > (before.raised?.level ?? 0)) {
    events.push(event('raised_late', goesOn.raised, goesOn.raised.at));
  }
  // A record that is described with a later begin is no longer the same as what lies before that.
  const isLost = (run: RetoldExceedance, records = spans) => !records.some((told) => isSame(spanOf(run), told));
  if (known !== null && !isJoined(known) && goesOn.toldAs) {
    const { toldAs } = goesOn;
    const later = spans.map((one) => (one === known ? beginningAt(toldAs.since, one) : one));
    if (parts.some((run) => isLost(run, later))) {
      events.push(event('cleared_late', toldAs, known[1]));
      spans = later;
    }
  }
  for (const run of parts) if (isLost(run)) tell(run);
  const { normalAt, heldUntil, heardAt } = past;
  const after: PastState = { ...before, ...goesOn, normalAt, heldUntil: heldUntil ?? null, spans, base };
  // A restart must not lose what new readings say of remembered exceedances.
  const isUnchanged = events.length === 0 && spans === before.spans && before.base === undefined;
  if (isUnchanged && isSettled(before) && isSettled(after)) return { past: before, events, doubtful };
  return { past: { ...after, heardAt }, events, doubtful };
}

const spanOf = ({ raised, at, late }: RetoldExceedance): ExceedanceSpan => [raised.since, at, late ? 1 : 0, raised.at];
const describedAs = ([from, to, late = 0]: ExceedanceSpan, raisedAt: number) => [from, to, late, raisedAt] as const;
const beginningAt = (at: number, [from, to, late = 0, raisedAt = from]: ExceedanceSpan) =>
  [at, to, late, raisedAt] as const;
const latestOf = (spans: readonly ExceedanceSpan[]) => spans.reduce((a, b) => (b[1] > a[1] ? b : a));
const openOf = ({ since, at }: Transition): ExceedanceSpan => [since, at, 0, at];

type GoingOn = Pick<PastState, 'condition' | 'raised' | 'told' | 'toldAs' | 'endTold'>;

/** The exceedance that continues, whether it is recorded, and its record if that has an end. */
function goingOn(
  before: PastState,
  past: PastState,
  standing: Transition | null,
): GoingOn & { known: ExceedanceSpan | null } {
  const { condition, raised } = past;
  const untold = { condition, raised, told: false, toldAs: null, endTold: false, known: null };
  if (!isOpen(past)) return { ...untold, raised: null };
  const since = raised?.since ?? condition.since ?? condition.lastTs;
  const span: ExceedanceSpan = [since, Number.POSITIVE_INFINITY];
  if (standing !== null && since <= standing.at) {
    const toldAs = raised !== null && raised.level > (before.raised?.level ?? 0) ? raised : standing;
    if (raised !== null) return { ...untold, raised, told: true, toldAs };
    // It was raised by the clock, having held for its delay.
    if (condition.lastTs === before.condition.lastTs && condition.since === before.condition.since) {
      return { ...untold, condition: before.condition, raised: before.raised, told: true, toldAs };
    }
  }
  if (raised === null) return untold;
  const known = knownOf(span, before.spans).at(-1);
  if (known === undefined) return untold;
  return { ...untold, raised, told: true, toldAs: { ...raised, at: known[3] ?? raised.at }, endTold: true, known };
}

/** End of a recorded exceedance that new readings disprove: the first time it was not abnormal. */
function endOf({ at, since }: Transition, { normals, runs, past: { condition } }: JudgedAgain): number {
  const next = Math.min(condition.since ?? condition.lastTs, ...runs.map(({ raised }) => raised.since));
  return Math.max(at, normals.find((one) => one > since) ?? next);
}
