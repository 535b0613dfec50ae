import type { Alarm, AlarmEvent } from '../alarm.js';
import { type AlarmEventName, SUPPRESSION_ENDED_BY } from '../transition.js';

const NOTIFIED = [
  ...(['id', 'seq', 'priority', 'domain', 'park', 'device', 'place', 'message', 'advice', 'value'] as const),
  ...(['setpoint', 'state', 'active', 'unacknowledged', 'suppression'] as const),
];
/** What notification needs to know of an alarm, as its last event left it. */
export type NotifiedAlarm = Pick<Alarm, (typeof NOTIFIED)[number]>;

/** One entry of the event record; `at` is event time in epoch milliseconds. */
export interface NotifiedEvent extends Pick<AlarmEvent, 'seq' | 'event' | 'at'> {
  readonly alarm: NotifiedAlarm;
}

/** The condition is over; `condition_ended` stands for `cleared` while an alarm is suppressed. */
const ENDS: ReadonlySet<AlarmEventName> = new Set(['cleared', 'condition_ended']);

export const isEnd = (event: AlarmEventName): boolean => ENDS.has(event);
/** Suppression is over; what stands unacknowledged then and was never told is told now. */
export const isResumption = (event: AlarmEventName): boolean => SUPPRESSION_ENDED_BY.has(event);

/** The fields of NotifiedAlarm alone, for storing. */
export const pickNotified = (alarm: NotifiedAlarm): NotifiedAlarm =>
  Object.fromEntries(NOTIFIED.map((field) => [field, alarm[field]])) as unknown as NotifiedAlarm;
