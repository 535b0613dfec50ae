import { isOlder } from '../../../model/time/trust.js';
import type { Observation } from './evaluate.js';
import {
  acceptLate,
  acceptLive,
  type ExceedanceSpan,
  ended,
  type Holding,
  isOpen,
  isWithin,
  NO_PAST,
  type PastBase,
  type PastEvent,
  type PastOutcome,
  type PastState,
  recorded,
} from './past.js';
import { isDoubtful, type JudgedAgain, knownOf, type RetoldExceedance, retold } from './retold.js';

/** One late or remembered reading, or a live one among them, as a rule sees it. */
interface SeenReading {
  readonly seen: Observation;
  readonly late: boolean;
  readonly isNormal: boolean;
  /** Whether no earlier backlog has judged it. */
  readonly isNew: boolean;
}

/** Facts about a backlog. Epoch milliseconds. */
export interface Beside {
  /** Newest event time of the series when the backlog began; and whether the live condition is normal. */
  readonly newestAt: number;
  readonly isNormal: boolean;
  /** Interval of the readings; 0: unknown. */
  readonly intervalMs: number;
  /** Receipt of the last late reading. */
  readonly heardAt: number;
  /** Event times of the newest judged reading forgotten so far, and of the oldest to remember from now on. */
  readonly forgottenAt: number;
  readonly keptFrom: number;
}

/**
 * Judges a backlog that has stopped growing. The past is a function of all its known readings, in any order and any
 * pieces: the runs of exceedance in order of event time, each ended by the first reading known to be normal. So it
 * judges all remembered readings again, from `base` on, and records the runs not recorded before (`retold`).
 *
 * It cannot know whether a forgotten normal reading lay between two known ones (`Memory` says which it remembers), and
 * assumes none between remembered ones. It judges readings older than those by themselves; they join a recorded run if
 * their last one held, for its interval, until that run began.
 * @param all by event time, remembered ones included
 */
export function judgeBacklog(
  holding: Holding,
  before: PastState,
  all: readonly SeenReading[],
  beside: Beside,
): PastOutcome {
  const { forgottenAt, heardAt } = beside;
  const base: PastBase = before.base ?? { condition: before.condition, raised: before.raised };
  const boundary = Math.max(base.condition.lastTs, forgottenAt);
  const isBefore = ({ seen }: SeenReading) => isOlder(seen.at, boundary, heardAt);
  const older = all.filter((one) => one.isNew && one.late && isBefore(one));
  const newer = all.filter((one) => !isBefore(one));
  const first = older.length > 0 ? judgeOlder(holding, before, older, beside) : { past: before, events: [] };
  const again = judgeAgain(holding, base, withMarks(before, newer, boundary, beside), beside);
  const news = newer.filter(({ isNew }) => isNew).map(({ seen }) => seen.at);
  const { past, events, doubtful = 0 } = retold(first.past, again, news);
  return { past, events: [...first.events, ...events], doubtful: doubtful + (first.doubtful ?? 0) };
}

/** Adds times known to be normal without a remembered reading. */
function withMarks(
  before: PastState,
  newer: readonly SeenReading[],
  boundary: number,
  { newestAt, isNormal, heardAt }: Beside,
): SeenReading[] {
  const { spans, normalAt } = before;
  const times = new Set(spans.filter(([, , late]) => late !== 1).map(([, to]) => to));
  if (normalAt !== null) times.add(normalAt);
  // Readings between the last of the backlog and the newest are no longer known.
  const last = newer.findLast(({ late }) => late)?.seen.at ?? Number.POSITIVE_INFINITY;
  const stood = spans.some(([from, to]) => from <= newestAt && newestAt < to);
  if (isNormal && newestAt > last && !stood) times.add(newestAt);
  for (const { seen } of newer) times.delete(seen.at);
  const marks = [...times].filter((at) => at > boundary && at <= heardAt).map(markAt);
  return marks.length === 0 ? [...newer] : [...newer, ...marks].sort((a, b) => a.seen.at - b.seen.at);
}

const markAt = (at: number): SeenReading => ({
  seen: { at, measure: null, mayEnd: false, lagMs: 0, inSchedule: true, gapMs: 0 },
  ...{ late: false, isNormal: true, isNew: false },
});

function judgeAgain(
  holding: Holding,
  base: PastBase,
  readings: readonly SeenReading[],
  { newestAt, intervalMs, heardAt, keptFrom }: Beside,
): JudgedAgain {
  const runs: RetoldExceedance[] = [];
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
      outcome = acceptLate(holding, past, seen, isOvertaken ? at + intervalMs : null, heardAt);
    } else if (isNormal) {
      outcome = index < last ? ended(holding, past, at) : acceptLive(holding, past, at, true, heardAt);
    } else continue;
    past = outcome.past;
    runs.push(...runsOf(outcome.events, late));
  }
  const normals = readings.filter((one) => one.isNormal).map(({ seen }) => seen.at);
  return { runs, past, normals, keptFrom, base: kept ?? { condition: past.condition, raised: past.raised } };
}

const runsOf = (events: readonly PastEvent[], late: boolean): RetoldExceedance[] =>
  events.filter(({ event }) => event === 'cleared_late').map(({ raised, at }) => ({ raised, at, late }));

/** Judges older readings by themselves: an open end joins a recorded run, or ends with its last reading's hold. */
function judgeOlder(
  holding: Holding,
  before: PastState,
  older: readonly SeenReading[],
  { intervalMs, heardAt }: Beside,
): PastOutcome {
  const { spans, raised } = before;
  const runs: RetoldExceedance[] = [];
  let piece: PastState = { ...NO_PAST, heardAt };
  const append = (outcome: PastOutcome) => {
    piece = outcome.past;
    runs.push(...runsOf(outcome.events, false));
  };
  const ends = spans.map(([, to]) => to).sort((a, b) => a - b);
  for (const { seen, isNormal } of older) {
    const end = ends.find((to) => to > piece.condition.lastTs && to < seen.at);
    if (end !== undefined && isOpen(piece)) append(ended(holding, piece, end));
    if (!isNormal || isOpen(piece)) append(acceptLate(holding, piece, seen, null, heardAt));
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
  let doubtful = 0;
  for (const run of runs) {
    const span: ExceedanceSpan = [run.raised.since, run.at, 0, run.raised.at];
    const open: ExceedanceSpan[] = raised === null ? [] : [[raised.since, raised.at, 0, raised.at]];
    const known = knownOf(span, [...spans, ...open]);
    const isTold = known.length > 0;
    if (isTold && isWithin(span, past.spans)) {
      if (isDoubtful(known)) doubtful += 1;
      continue;
    }
    past = recorded(past, span);
    if (!isTold) events.push({ event: 'raised_late', raised: run.raised, at: run.raised.at }, cleared(run));
  }
  return { past, events, doubtful };
}

const cleared = ({ raised, at }: RetoldExceedance): PastEvent => ({ event: 'cleared_late', raised, at });
