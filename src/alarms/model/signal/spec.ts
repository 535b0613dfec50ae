import type { ComparisonSide } from './compare.js';

/** One series of a vote, with the condition that counts as met. `setpoint` in the metric's unit. */
export interface VoteMember {
  readonly metric: string;
  readonly side: ComparisonSide;
  readonly setpoint: number;
  readonly inclusive: boolean;
}

/** Change of the value per minute or hour over a window of event time, positive in the chosen direction. */
export interface RateSpec {
  readonly kind: 'rate';
  readonly windowS: number;
  readonly per: 'minute' | 'hour';
  readonly direction: 'rise' | 'fall' | 'either';
  /**
   * Counts only a change that would reach this value, in the metric's unit, within so many seconds if it continued;
   * others are 0. So it warns before the value itself can. Not for `either`.
   */
  readonly towards?: { readonly value: number; readonly withinS: number } | undefined;
}

/** Difference from the mean of the same local hour of the past weeks, negative below it. */
export interface DeviationSpec {
  readonly kind: 'deviation';
  readonly weeks: number;
  readonly as: 'percent' | 'absolute';
  /**
   * For `percent`, in the metric's unit: a mean nearer to 0 counts as this, so that the rule also works in an idle
   * hour. Where left out, a mean of 0 has no percentage.
   */
  readonly minBaseline?: number | undefined;
  /** The usual value where the past weeks have none, in the metric's unit; left out: no evidence. */
  readonly assumedBaseline?: number | undefined;
}

/** Seconds of event time without a change of the value: a stuck sensor. */
export interface UnchangedSpec {
  readonly kind: 'unchanged';
  /** How far the value may stray from where it got stuck, in the metric's unit. 0 where left out. */
  readonly tolerance?: number | undefined;
}

/** Per cent of the window's readings that are not good. */
export interface BadShareSpec {
  readonly kind: 'bad_share';
  readonly windowS: number;
  /** Fewest readings in the window for evidence. */
  readonly minReadings: number;
}

/**
 * Number of members met: the setpoint is their number for AND, 1 for OR and N for N of M. In the scope `place` devices
 * vote: each counts once, however many members it meets (two smoke detectors of one hall; a combined detector is one).
 * With `distinct` each member counts once too (smoke and heat, from two detectors).
 */
export interface VoteSpec {
  readonly kind: 'vote';
  readonly scope: 'device' | 'place';
  readonly members: readonly VoteMember[];
  readonly distinct?: boolean | undefined;
}

/** How readings become the number that a rule compares with its setpoints. */
export type SignalSpec =
  /** The reading's own value. */
  | { readonly kind: 'value' }
  | RateSpec
  | DeviationSpec
  | UnchangedSpec
  /** Seconds of event time for which a counter has not risen. */
  | { readonly kind: 'counter_still' }
  | BadShareSpec
  /** Seconds of silence beyond the bound, from the clock (absence/monitor.ts). */
  | { readonly kind: 'silence' }
  | VoteSpec;

export type SignalKind = SignalSpec['kind'];

export const SIGNAL_KINDS = [
  'value',
  'rate',
  'deviation',
  'unchanged',
  'counter_still',
  'bad_share',
  'silence',
  'vote',
] as const satisfies readonly SignalKind[];

/** Bounds of a specification, both ends included. */
export const SIGNAL_BOUNDS = {
  windowS: [10, 86_400],
  withinS: [60, 86_400],
  weeks: [1, 12],
  minReadings: [1, 10_000],
  members: [1, 16],
} as const;
