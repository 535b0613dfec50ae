/**
 * The process side of an alarm: is the condition there, and has it lasted. What operators do to an alarm (acknowledge,
 * shelve, take out of service: ISA-18.2 clause 11) is another dimension and will stand beside it, not in it.
 * Times are event time in epoch milliseconds; `lastTs` is that of the newest reading evaluated.
 */
export type ConditionState =
  | { readonly phase: 'normal'; readonly lastTs: number }
  /** Abnormal since `since`, not yet for the on-delay or not yet seen by a live reading. */
  | { readonly phase: 'pending'; readonly lastTs: number; readonly since: number }
  | { readonly phase: 'active'; readonly lastTs: number; readonly since: number };

export type Phase = ConditionState['phase'];

/** Before the first reading. */
export const UNSEEN = Number.NEGATIVE_INFINITY;

export function normalState(lastTs: number = UNSEEN): ConditionState {
  return { phase: 'normal', lastTs };
}
