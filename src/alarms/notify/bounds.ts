import type { Audit } from '../../registry/audit/port.js';
import type { State } from '../../state/port.js';
import { RETRY_BOUNDS } from '../model/notify/retry.js';
import type { Log } from '../port.js';
import type { NotifyStats } from './port.js';

/** What the parts of notification share. */
export interface NotifyParts {
  readonly state: State;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly log: Log;
  readonly random: () => number;
  readonly audit: Pick<Audit, 'record'>;
  readonly stats: NotifyStats;
  readonly bounds: NotifyBounds;
}

export const NOTIFY_BOUNDS = {
  retry: RETRY_BOUNDS,
  channels: 50,
  /** Alarms followed at once; beyond, only critical ones are taken on. */
  escalations: 100_000,
  /** Deliveries of one channel that wait; beyond, the lowest priorities go first and critical ones stay. */
  waitingPerChannel: 2_000,
  /** Deliveries that waited longer than this are given up, in milliseconds. */
  waitMs: 24 * 3_600_000,
  /** Rows kept of what was given up, and of what was sent; the oldest of the channel that has most go. */
  deadKept: 1_000,
  sentKept: 5_000,
  policiesKept: 100,
  /** Messages on their way to one channel at once. */
  concurrency: 2,
  /** For one attempt, answer included, in milliseconds. */
  timeoutMs: 10_000,
  /** Of an answer's body, in bytes. */
  answerBytes: 64 * 1_024,
  /** Events, and escalations due, that one transaction takes in. */
  batch: 500,
};
export type NotifyBounds = Readonly<typeof NOTIFY_BOUNDS>;
