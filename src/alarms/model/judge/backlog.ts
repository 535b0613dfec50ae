import { isOlder } from '../../../model/time/trust.js';
import type { Observation } from './evaluate.js';
import {
  ended,
  type Holding,
  isOpen,
  NO_PAST,
  type PastEvent,
  type PastOutcome,
  type PastState,
  recorded,
  takeLate,
  takeLive,
} from './past.js';

/** One reading as a rule sees it, of those that came while a backlog did. */
export interface BacklogReading {
  readonly seen: Observation;
  /** It came too late to be live. */
  readonly late: boolean;
  readonly isNormal: boolean;
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
}

const NOTHING_LATER = { normalAt: null, heldUntil: null } as const;

/**
 * Judges a backlog that has come to a halt, in the order of event time, whatever the order was in which it came. What is
 * older than a backlog that was judged before is judged by itself.
 */
export function judgeBacklog(
  holding: Holding,
  before: PastState,
  all: readonly BacklogReading[],
  { newestAt, isNormal, intervalMs, heardAt }: Beside,
): PastOutcome {
  const isBefore = ({ seen }: BacklogReading) => isOlder(seen.at, before.condition.lastTs, heardAt);
  const older = all.filter((one) => one.late && isBefore(one));
  const newer = all.filter((one) => !isBefore(one));
  const events: PastEvent[] = [];
  let past = before;
  const append = (outcome: PastOutcome) => {
    past = outcome.past;
    events.push(...outcome.events);
  };
  if (older.length > 0) append(judgeOlder(holding, before, older, intervalMs, heardAt));
  const last = newer.findLastIndex(({ late }) => late);
  newer.forEach((one, index) => {
    const { at } = one.seen;
    if (one.isNormal && !isOpen(past)) return;
    if (one.late) {
      const isOvertaken = index === last && newestAt > at;
      // What came between it and the newest is not known any more.
      const later = { normalAt: isNormal ? newestAt : null, heldUntil: at + intervalMs };
      append(takeLate(holding, past, one.seen, isOvertaken ? later : NOTHING_LATER, heardAt));
    } else if (one.isNormal) {
      append(index < last ? ended(holding, past, at) : takeLive(holding, past, at, true, heardAt));
    }
  });
  if (past === before) return { past, events };
  const oldest = all.find(({ late }) => late)?.seen.at ?? Number.POSITIVE_INFINITY;
  return { past: { ...past, from: Math.min(before.from ?? oldest, oldest) }, events };
}

/** By itself: what it leaves open ends with what is known to follow, or goes over into that, which is told already. */
function judgeOlder(
  holding: Holding,
  before: PastState,
  older: readonly BacklogReading[],
  intervalMs: number,
  now: number,
): PastOutcome {
  const { spans, raised, from = Number.NEGATIVE_INFINITY } = before;
  const events: PastEvent[] = [];
  let piece: PastState = { ...NO_PAST, spans, heardAt: now };
  for (const { seen, isNormal } of older) {
    // Part of what goes on.
    if ((raised !== null && seen.at >= raised.since) || (isNormal && !isOpen(piece))) continue;
    const outcome = takeLate(holding, piece, seen, NOTHING_LATER, now);
    piece = outcome.past;
    events.push(...outcome.events);
  }
  if (isOpen(piece)) {
    const { at } = older[older.length - 1]!.seen;
    const next = from > at ? from : at + intervalMs;
    const goesOn = raised?.since === next || spans.some(([since]) => since === next);
    if (goesOn) piece = recorded(piece, [piece.condition.since ?? at, next]);
    else {
      const outcome = ended(holding, piece, next);
      piece = outcome.past;
      events.push(...outcome.events);
    }
  }
  return { past: { ...before, spans: piece.spans }, events };
}
