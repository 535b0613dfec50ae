/**
 * The process side of an alarm: whether something is abnormal, how much, and for how long. The annunciation side
 * (`state.ts`) is separate. Times are event time in epoch milliseconds.
 */
export interface ConditionState {
  /** Event time of the newest reading evaluated. */
  readonly lastTs: number;
  /** Number of the present level, 1 for the least severe; 0: normal. */
  readonly level: number;
  /** When the present or pending exceedance began; null while normal. */
  readonly since: number | null;
  /** For each level, the least severe first: since when it is met without a gap; null while not met. */
  readonly met: readonly (number | null)[];
  /**
   * For each level up to the present one: since when the measure is back from it without a gap, null while it is not.
   * Null as a whole while it is back from none.
   */
  readonly back: readonly (number | null)[] | null;
  /** The last measure; only while a delay runs, since it holds until a newer one comes. */
  readonly newest?: NewestMeasure;
}

interface NewestMeasure {
  readonly measure: number;
  /** Lag of its event time's clock, in milliseconds; null: too late to raise anything. */
  readonly lagMs: number | null;
}

/** `pending`: abnormal, but within the on-delay or not yet seen by a live reading. */
type Phase = 'normal' | 'pending' | 'active';

export function phaseOf({ level, since }: ConditionState): Phase {
  if (level > 0) return 'active';
  return since === null ? 'normal' : 'pending';
}

/** Whether a delay is running, towards a level or back from one. */
export function isTiming({ level, since, met, back }: ConditionState): boolean {
  return level === 0 ? since !== null : back !== null || typeof met[level] === 'number';
}

/** The condition after the clock was set back: no time of it is later than `at`. */
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

/** `lastTs` before the first reading. */
export const UNSEEN = Number.NEGATIVE_INFINITY;

const NOTHING_MET: readonly null[] = [];

export function normalCondition(lastTs: number = UNSEEN): ConditionState {
  return { lastTs, level: 0, since: null, met: NOTHING_MET, back: null };
}
