import { isOlder } from '../../../model/time/trust.js';
import type { Observation } from './evaluate.js';
import {
  ended,
  type Holding,
  isOpen,
  NO_PAST,
  type PastBase,
  type PastEvent,
  type PastOutcome,
  type PastState,
  recorded,
  type Span,
  takeLate,
  takeLive,
} from './past.js';
import { isSame, type JudgedAgain, type Run, retold } from './retold.js';

/** One reading as a rule sees it, of those that came while a backlog did, or that are remembered from before it. */
export interface BacklogReading {
  readonly seen: Observation;
  /** It came too late to be live. */
  readonly late: boolean;
  readonly isNormal: boolean;
  /** It was not judged with an earlier backlog. */
  readonly isNew: boolean;
}

/** What is known beside a backlog. Epoch milliseconds. */
export interface Beside {
  /** Event time of what was the newest when the backlog began; and whether things are normal by what is live. */
  readonly newestAt: number;
  readonly isNormal: boolean;
  /** How often readings come; 0: not known. */
  readonly intervalMs: number;
  /** Receipt of the last that came late. */
  readonly heardAt: number;
  /** Event time of the newest judged reading that is remembered no more, and of the oldest to be remembered from now on. */
  readonly forgottenAt: number;
  readonly keptFrom: number;
}

/**
 * Judges a backlog that has come to a halt. What happened in the past is a function of all readings known of it,
 * whatever the order and the pieces in which they came: the runs of exceedance over all of them, in the order of event
 * time, each ended by the first reading known to be normal. So all that is remembered is judged again, from `base` on,
 * and each run is told that was not told before, see `retold`.
 *
 * What cannot be decided: whether a normal reading that is forgotten lay between two that are known, see `Memory` for
 * which are remembered. Between remembered ones none is assumed. What is older than all of them is judged by itself, and
 * counts to what was told already where its last reading held until that began: for its interval.
 * @param all by event time; those remembered too
 */
export function judgeBacklog(
  holding: Holding,
  before: PastState,
  all: readonly BacklogReading[],
  beside: Beside,
): PastOutcome {
  const { forgottenAt, heardAt } = beside;
  const base: PastBase = before.base ?? { condition: before.condition, raised: before.raised };
  const boundary = Math.max(base.condition.lastTs, forgottenAt);
  const isBefore = ({ seen }: BacklogReading) => isOlder(seen.at, boundary, heardAt);
  const older = all.filter((one) => one.isNew && one.late && isBefore(one));
  const newer = all.filter((one) => !isBefore(one));
  const first = older.length > 0 ? judgeOlder(holding, before, older, beside) : { past: before, events: [] };
  const again = judgeAgain(holding, base, withMarks(before, newer, boundary, beside), beside);
  const news = newer.filter(({ isNew }) => isNew).map(({ seen }) => seen.at);
  const { past, events } = retold(first.past, again, news);
  return { past, events: [...first.events, ...events] };
}

/** Times that are known to be normal although no reading of them is remembered, among the readings. */
function withMarks(
  before: PastState,
  newer: readonly BacklogReading[],
  boundary: number,
  { newestAt, isNormal, heardAt }: Beside,
): BacklogReading[] {
  const { spans, normalAt } = before;
  const times = new Set(spans.filter(([, , late]) => late !== 1).map(([, to]) => to));
  if (normalAt !== null) times.add(normalAt);
  // What came between the last of the backlog and the newest is not known any more.
  const last = newer.findLast(({ late }) => late)?.seen.at ?? Number.POSITIVE_INFINITY;
  const stood = spans.some(([from, to]) => from <= newestAt && newestAt < to);
  if (isNormal && newestAt > last && !stood) times.add(newestAt);
  for (const { seen } of newer) times.delete(seen.at);
  const marks = [...times].filter((at) => at > boundary && at <= heardAt).map(markAt);
  return marks.length === 0 ? [...newer] : [...newer, ...marks].sort((a, b) => a.seen.at - b.seen.at);
}

const markAt = (at: number): BacklogReading => ({
  seen: { at, measure: null, mayEnd: false, lagMs: 0, inSchedule: true, gapMs: 0 },
  ...{ late: false, isNormal: true, isNew: false },
});

function judgeAgain(
  holding: Holding,
  base: PastBase,
  readings: readonly BacklogReading[],
  { newestAt, intervalMs, heardAt, keptFrom }: Beside,
): JudgedAgain {
  const runs: Run[] = [];
  let past: PastState = { ...NO_PAST, ...base, heardAt };
  let kept: PastBase | null = null;
  const last = readings.findLastIndex(({ late }) => late);
  for (const [index, { seen, late, isNormal }] of readings.entries()) {
    const { at } = seen;
    if (kept === null && at >= keptFrom) kept = { condition: past.condition, raised: past.raised };
    if (isNormal && !isOpen(past)) continue;
    let outcome: PastOutcome;
    if (late) {
      const isOvertaken = index === last && newestAt > at;
      outcome = takeLate(holding, past, seen, isOvertaken ? at + intervalMs : null, heardAt);
    } else if (isNormal) {
      outcome = index < last ? ended(holding, past, at) : takeLive(holding, past, at, true, heardAt);
    } else continue;
    past = outcome.past;
    runs.push(...runsOf(outcome.events, late));
  }
  const normals = readings.filter((one) => one.isNormal).map(({ seen }) => seen.at);
  return { runs, past, normals, keptFrom, base: kept ?? { condition: past.condition, raised: past.raised } };
}

const runsOf = (events: readonly PastEvent[], late: boolean): Run[] =>
  events.filter(({ event }) => event === 'cleared_late').map(({ raised, at }) => ({ raised, at, late }));

/** By itself: what it leaves open goes over into what is told already, or ends with the hold of its last reading. */
function judgeOlder(
  holding: Holding,
  before: PastState,
  older: readonly BacklogReading[],
  { intervalMs, heardAt }: Beside,
): PastOutcome {
  const { spans, raised } = before;
  const runs: Run[] = [];
  let piece: PastState = { ...NO_PAST, heardAt };
  const append = (outcome: PastOutcome) => {
    piece = outcome.past;
    runs.push(...runsOf(outcome.events, false));
  };
  const ends = spans.map(([, to]) => to).sort((a, b) => a - b);
  for (const { seen, isNormal } of older) {
    const end = ends.find((to) => to > piece.condition.lastTs && to < seen.at);
    if (end !== undefined && isOpen(piece)) append(ended(holding, piece, end));
    if (!isNormal || isOpen(piece)) append(takeLate(holding, piece, seen, null, heardAt));
  }
  let past = before;
  if (isOpen(piece)) {
    const { lastTs, since } = piece.condition;
    const until = lastTs + (intervalMs || holding.gapMs);
    const starts = [...spans.map(([from]) => from), ...(raised === null ? [] : [raised.since])];
    const next = starts.filter((from) => from > lastTs && from <= until).sort((a, b) => a - b)[0];
    if (next === undefined) append(ended(holding, piece, until));
    else past = recorded(past, [since ?? lastTs, next]);
  }
  const events: PastEvent[] = [];
  for (const run of runs) {
    const span: Span = [run.raised.since, run.at, 0, run.raised.at];
    const open: Span[] = raised === null ? [] : [[raised.since, raised.at, 0, raised.at]];
    const isTold = [...spans, ...open].some((one) => isSame(span, one));
    past = recorded(past, span);
    if (!isTold) events.push({ event: 'raised_late', raised: run.raised, at: run.raised.at }, cleared(run));
  }
  return { past, events };
}

const cleared = ({ raised, at }: Run): PastEvent => ({ event: 'cleared_late', raised, at });
