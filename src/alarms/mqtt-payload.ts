import type { Alarm } from '../domain/alarm/alarm.js';
import { alarmToWire, type WriteTime } from '../domain/alarm/wire.js';
import { alarmTopic } from '../domain/wire/topic.js';

/** A retained MQTT message; the empty payload takes back what was retained. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: string;
}

/**
 * The alarm as it stands on its topic: its view while active, nothing once it is normal. Null for an alarm of the service
 * itself: topics are a park's.
 */
export function retainedAlarm(alarm: Alarm, time: WriteTime): RetainedMessage | null {
  if (alarm.park === null) return null;
  const payload = alarm.state === 'active' ? JSON.stringify(alarmToWire(alarm, time)) : '';
  return { topic: alarmTopic(alarm.park, alarm.id), payload };
}
