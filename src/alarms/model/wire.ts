import type { WriteTime } from '../../model/time/rfc3339.js';
import type { Alarm, AlarmEvent } from './alarm.js';
import { isLateEvent } from './transition.js';

export const utcTime: WriteTime = (instant) => new Date(instant).toISOString();

/** As `time`, but null for an instant that is null. */
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

export function eventToWire(event: AlarmEvent, time: WriteTime) {
  return {
    ...event,
    late: isLateEvent(event.event),
    at: time(event.at),
    receivedAt: time(event.receivedAt),
    alarm: alarmToWire(event.alarm, time),
  };
}
