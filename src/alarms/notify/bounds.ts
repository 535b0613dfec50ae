import { RETRY_BOUNDS, type RetryBounds } from '../model/notify/retry.js';

export interface NotifyBounds {
  readonly retry: RetryBounds;
  readonly channels: number;
  /** Alarms followed at once; beyond, only critical ones are taken on. */
  readonly escalations: number;
  /** Deliveries of one channel that wait; beyond, the lowest priorities go first and critical ones stay. */
  readonly waitingPerChannel: number;
  /** Deliveries that waited longer than this are given up, in milliseconds. */
  readonly waitMs: number;
  /** Rows kept of what was given up, and of what was sent; the oldest of the channel that has most go. */
  readonly deadKept: number;
  readonly sentKept: number;
  readonly policiesKept: number;
  /** Messages on their way to one channel at once. */
  readonly concurrency: number;
  /** For one attempt, answer included, in milliseconds. */
  readonly timeoutMs: number;
  /** Of an answer's body, in bytes. */
  readonly answerBytes: number;
  /** Events, and escalations due, that one transaction takes in. */
  readonly batch: number;
}

export const NOTIFY_BOUNDS: NotifyBounds = {
  retry: RETRY_BOUNDS,
  channels: 50,
  escalations: 100_000,
  waitingPerChannel: 2_000,
  waitMs: 24 * 3_600_000,
  deadKept: 1_000,
  sentKept: 5_000,
  policiesKept: 100,
  concurrency: 2,
  timeoutMs: 10_000,
  answerBytes: 64 * 1_024,
  batch: 500,
};
