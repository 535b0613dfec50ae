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
  /** Most alarms followed; at the bound only critical ones are added. */
  escalations: 100_000,
  /** Most deliveries of one channel that wait; beyond, the lowest priorities go first and critical ones stay. */
  waitingPerChannel: 2_000,
  /** Milliseconds after which a waiting delivery is given up. */
  waitMs: 24 * 3_600_000,
  /** Rows kept of dead and of sent deliveries; the channel with most rows loses its oldest. */
  deadKept: 1_000,
  sentKept: 5_000,
  policiesKept: 100,
  /** Messages in flight to one channel. */
  concurrency: 2,
  /** For one attempt, answer included, in milliseconds. */
  timeoutMs: 10_000,
  /** Bytes read of an answer's body. */
  answerBytes: 64 * 1_024,
  /** Events, and due escalations, in one transaction. */
  batch: 500,
};
export type NotifyBounds = Readonly<typeof NOTIFY_BOUNDS>;
