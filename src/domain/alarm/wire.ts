import type { Alarm, AlarmEvent } from './alarm.js';

/** Writes an instant for the outside, RFC 3339. */
export type WriteTime = (instant: number) => string;

/** RFC 3339 in UTC. */
export const utcTime: WriteTime = (instant) => new Date(instant).toISOString();

/** An alarm as clients get it over HTTP, WebSocket and MQTT. */
export function alarmToWire(alarm: Alarm, time: WriteTime) {
  return {
    ...alarm,
    since: time(alarm.since),
    raisedAt: time(alarm.raisedAt),
    receivedAt: time(alarm.receivedAt),
    clearedAt: alarm.clearedAt === null ? null : time(alarm.clearedAt),
  };
}
export type WireAlarm = ReturnType<typeof alarmToWire>;

/** An event as clients get it. */
export function eventToWire(event: AlarmEvent, time: WriteTime) {
  return {
    seq: event.seq,
    event: event.event,
    cause: event.cause,
    at: time(event.at),
    receivedAt: time(event.receivedAt),
    alarm: alarmToWire(event.alarm, time),
  };
}
