import type { Reading } from '../../../model/reading.js';
import type { Evidence } from '../rule/rule.js';

/** What a signal is told beside the readings. May be shared and may change: it is read anew at each reading. */
export interface SignalContext {
  /** Device, or place, that the rule is judged for. */
  readonly subject: string;
  /** Longest step of event time, in milliseconds, that counts as watching without interruption. */
  readonly maxGapMs: number;
  /** Which readings may count as met in a vote; see `Evidence`. */
  readonly evidence: Evidence;
  /**
   * Mean of the same local hour of the `weeks` weeks before `at`, in the metric's unit; null: the past says nothing;
   * NaN: nobody could look it up yet.
   */
  baseline(device: string, metric: string, at: number, weeks: number): number | null;
}

/** State of a signal as JSON. Meaningful to the signal alone; times are epoch milliseconds. */
export interface SignalMemory {
  /** Fingerprint of the specification: the memory of another one is not used. */
  readonly spec: string;
  readonly numbers: readonly number[];
  readonly names?: readonly string[] | undefined;
}

/** What is known of a reading's arrival; times are epoch milliseconds. */
export interface Heard {
  readonly receivedAt: number;
  /** By how much the clock of its event time lags; null: it came too late to be live. */
  readonly lagMs: number | null;
  /** For how long it holds while nothing newer comes. */
  readonly holdMs: number;
}

/** A fold over readings: the same readings give the same numbers. Mutable for speed. */
export interface Signal {
  /**
   * The number to compare with the rule's setpoints; null: no evidence, the state stays.
   * @param at event time in epoch milliseconds, never falling for one series
   * @param device needed in votes over a place; the subject where left out
   * @param heard left out, the newest event time is now, and readings hold as long as the gap bound
   */
  measure(reading: Reading, at: number, device?: string, heard?: Heard): number | null;
  /** What must outlive a restart, at most about 2 KB; null when nothing. */
  save(): SignalMemory | null;
  /** Readings that a bound of the signal turned away, where it has one. */
  readonly turnedAway?: number;
}
