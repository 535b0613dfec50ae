import type { Alarm, AlarmEvent } from './alarm.js';
import { isLateEvent } from './transition.js';

/** Writes an instant for the outside, RFC 3339. */
export type WriteTime = (instant: number) => string;

/** RFC 3339 in UTC. */
export const utcTime: WriteTime = (instant) => new Date(instant).toISOString();

/** As `time`, for what may not have happened. */
export const maybe = (time: WriteTime) => (instant: number | null) => (instant === null ? null : time(instant));

/** An alarm as clients get it over HTTP, WebSocket and MQTT. */
export function alarmToWire(alarm: Alarm, time: WriteTime) {
  const orNull = maybe(time);
  const { shelved, outOfService } = alarm;
  return {
    ...alarm,
    shelved: shelved && { ...shelved, at: time(shelved.at), until: time(shelved.until) },
    outOfService: outOfService && { ...outOfService, at: time(outOfService.at) },
    since: orNull(alarm.since),
    raisedAt: orNull(alarm.raisedAt),
    receivedAt: orNull(alarm.receivedAt),
    clearedAt: orNull(alarm.clearedAt),
    acknowledgedAt: orNull(alarm.acknowledgedAt),
  };
}
export type WireAlarm = ReturnType<typeof alarmToWire>;

/** An event as clients get it. */
export function eventToWire(event: AlarmEvent, time: WriteTime) {
  return {
    ...event,
    late: isLateEvent(event.event),
    at: time(event.at),
    receivedAt: time(event.receivedAt),
    alarm: alarmToWire(event.alarm, time),
  };
}
