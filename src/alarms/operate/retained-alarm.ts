import type { WriteTime } from '../../model/time/rfc3339.js';
import { alarmTopic } from '../../model/wire/topic.js';
import { type Alarm, isAnnunciated } from '../model/alarm.js';
import { asSeen } from '../model/judge/seen.js';
import { isLateEvent } from '../model/transition.js';
import { alarmToWire } from '../model/wire.js';
import type { Alarms } from '../port.js';

/** A retained MQTT message; an empty payload deletes the retained one. */
interface RetainedMessage {
  readonly topic: string;
  readonly payload: string;
}

/** The retained message of an alarm: empty if normal or suppressed, null if it has no park and so no topic. */
export function retainedAlarm(alarm: Alarm, time: WriteTime): RetainedMessage | null {
  if (alarm.park === null) return null;
  const { park } = alarm;
  // A topic belongs to one park and shows nothing of others.
  const seen = asSeen(alarm, { sees: (one) => one === park, parksNamed: () => [] });
  const payload = isAnnunciated(alarm) ? JSON.stringify(alarmToWire(seen, time)) : '';
  return { topic: alarmTopic(park, seen.id), payload };
}

/** Publishes all standing alarms, then each alarm as it changes, as retained messages at QoS 1. */
export function publishAlarms(
  alarms: Pick<Alarms, 'standing' | 'onEvent'>,
  broker: { publish(topic: string, payload: string, options: { retain: true; qos: 1 }): void },
  time: WriteTime,
): void {
  const publish = (alarm: Alarm) => {
    const message = retainedAlarm(alarm, time);
    if (message !== null) broker.publish(message.topic, message.payload, { retain: true, qos: 1 });
  };
  for (const alarm of alarms.standing()) publish(alarm);
  alarms.onEvent((event) => {
    if (!isLateEvent(event.event)) publish(event.alarm);
  });
}
