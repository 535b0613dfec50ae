import type { WireAlarm } from '../../src/alarms/model/wire.js';

/** An event of the service's record, as its API gives it. */
export interface RecordedEvent {
  readonly seq: number;
  readonly event: string;
  readonly cause: string;
  /** RFC 3339: event time where a reading decided. */
  readonly at: string;
  /** Token id and comment of the operator who acted. */
  readonly by: string | null;
  readonly comment: string | null;
  readonly alarm: Pick<WireAlarm, 'id' | 'rule' | 'device' | 'park' | 'level' | 'state' | 'unacknowledged' | 'seq'> &
    Partial<Pick<WireAlarm, 'cause'>>;
}

/** An event from the live feed. */
export interface HeardEvent {
  readonly seq: number;
  readonly event: string;
  readonly alarm: Pick<WireAlarm, 'id'>;
}
