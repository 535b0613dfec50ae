import { alarmTopic } from '../../model/wire/topic.js';
import { type Alarm, isAnnunciated } from '../model/alarm.js';
import { asSeen } from '../model/judge/seen.js';
import { isLateEvent } from '../model/transition.js';
import { alarmToWire, type WriteTime } from '../model/wire.js';
import type { Alarms } from '../port.js';

/** A retained MQTT message; the empty payload takes back what was retained. */
interface RetainedMessage {
  readonly topic: string;
  readonly payload: string;
}

/**
 * The alarm as it stands on its topic: its view while it stands, nothing once it is normal or suppressed. Null for an alarm
 * of the service itself: topics are a park's.
 */
export function retainedAlarm(alarm: Alarm, time: WriteTime): RetainedMessage | null {
  if (alarm.park === null) return null;
  const { park } = alarm;
  // Topics are a park's own, and tell nothing of the others.
  const seen = asSeen(alarm, { sees: (one) => one === park, parksNamed: () => [] });
  const payload = isAnnunciated(alarm) ? JSON.stringify(alarmToWire(seen, time)) : '';
  return { topic: alarmTopic(park, seen.id), payload };
}

/** Publishes what stands, and from then on each alarm as it changes, as retained messages at QoS 1. */
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
