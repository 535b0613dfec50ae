import type { WireAlarm } from '../../src/alarms/model/wire.js';

/** An event of the service's record, as its API gives it. */
export interface RecordedEvent {
  readonly seq: number;
  readonly event: string;
  readonly cause: string;
  /** RFC 3339: event time where a reading decided. */
  readonly at: string;
  /** Token id of the person who acted, and what they said. */
  readonly by: string | null;
  readonly comment: string | null;
  readonly alarm: Pick<WireAlarm, 'id' | 'rule' | 'device' | 'park' | 'level' | 'state' | 'unacknowledged' | 'seq'> &
    Partial<Pick<WireAlarm, 'cause'>>;
}

/** An event as the live feed tells it. */
export interface HeardEvent {
  readonly seq: number;
  readonly event: string;
  readonly alarm: Pick<WireAlarm, 'id'>;
}
