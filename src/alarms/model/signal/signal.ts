import type { Reading } from '../../../model/reading.js';
import type { Evidence } from '../rule/rule.js';

/** What a signal needs besides readings. May be shared and may change: signals read it anew at each reading. */
export interface SignalContext {
  /** Device or place of the rule. */
  readonly subject: string;
  /** Longest step of event time, in milliseconds, that counts as uninterrupted. */
  readonly maxGapMs: number;
  /** Which readings may count as met in a vote; see `Evidence`. */
  readonly evidence: Evidence;
  /** Mean of the same local hour of the `weeks` weeks before, in the metric's unit; null: none; NaN: not yet known. */
  baseline(device: string, metric: string, at: number, weeks: number): number | null;
}

/** State of a signal as JSON, opaque to others; times are epoch milliseconds. */
export interface SignalMemory {
  /** Fingerprint of the specification: a memory of another one is ignored. */
  readonly spec: string;
  readonly numbers: readonly number[];
  readonly names?: readonly string[] | undefined;
}

/** Arrival of a reading; times are epoch milliseconds. */
export interface ArrivalTimes {
  readonly receivedAt: number;
  /** Lag of its event time's clock; null: too late to be live. */
  readonly lagMs: number | null;
  /** How long it holds until a newer one comes. */
  readonly holdMs: number;
}

/** A fold over readings: the same readings give the same numbers. Mutable for speed. */
export interface Signal {
  /**
   * The number to compare with the rule's setpoints; null: no evidence, the state stays.
   * @param at event time in epoch milliseconds, never falling for one series
   * @param device needed in votes over a place; the subject where left out
   * @param heard left out: the newest event time is now, and readings hold for the gap bound
   */
  measure(reading: Reading, at: number, device?: string, heard?: ArrivalTimes): number | null;
  /** State to store, at most about 2 KB; null when there is none. */
  save(): SignalMemory | null;
  /** Readings that a bound of the signal refused, where it has one. */
  readonly turnedAway?: number;
}
