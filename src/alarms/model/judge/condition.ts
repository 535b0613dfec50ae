/**
 * The process side of an alarm: is something abnormal, how much, and has it lasted. What people do to an alarm is another
 * dimension (`state.ts`) and stands beside it. Times are event time in epoch milliseconds.
 */
export interface ConditionState {
  /** Of the newest reading evaluated. */
  readonly lastTs: number;
  /** Place of the level that stands, 1 for the least severe; 0: normal. */
  readonly level: number;
  /** When what stands, or may come to stand, began; null while nothing is abnormal. */
  readonly since: number | null;
  /** For each level, the least severe first: since when it has been met without a gap; null while it is not. */
  readonly met: readonly (number | null)[];
  /**
   * For each level up to the one that stands: since when the measure has been back from it without a gap, null while it is
   * not. Null as a whole while it is back from none.
   */
  readonly back: readonly (number | null)[] | null;
  /** What was measured last; only while a delay runs, for it goes on holding while nothing newer comes. */
  readonly newest?: NewestMeasure;
}

interface NewestMeasure {
  readonly measure: number;
  /** By how much the clock of its event time lags, in milliseconds; null: it came too late to raise anything. */
  readonly lagMs: number | null;
}

/** `pending`: abnormal, not yet for the on-delay or not yet seen by a live reading. */
export type Phase = 'normal' | 'pending' | 'active';

export function phaseOf({ level, since }: ConditionState): Phase {
  if (level > 0) return 'active';
  return since === null ? 'normal' : 'pending';
}

/** Whether a delay is running: on its way to a first or a higher level, or back from one. */
export function isTiming({ level, since, met, back }: ConditionState): boolean {
  return level === 0 ? since !== null : back !== null || typeof met[level] === 'number';
}

/** As it counts once our clock was set back: nothing of it is later than `at`. */
export function setBack(condition: ConditionState, at: number): ConditionState {
  const notAfter = (time: number | null) => (time === null ? null : Math.min(time, at));
  const { since, met, back } = condition;
  return {
    ...condition,
    lastTs: at,
    since: notAfter(since),
    met: met.map(notAfter),
    back: back?.map(notAfter) ?? null,
  };
}

/** Before the first reading. */
export const UNSEEN = Number.NEGATIVE_INFINITY;

const NOTHING_MET: readonly null[] = [];

export function normalCondition(lastTs: number = UNSEEN): ConditionState {
  return { lastTs, level: 0, since: null, met: NOTHING_MET, back: null };
}
