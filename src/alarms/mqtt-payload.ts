import type { Alarm } from '../domain/alarm/alarm.js';
import { alarmToWire, type WriteTime } from '../domain/alarm/wire.js';
import { alarmTopic } from '../domain/wire/topic.js';

/** A retained MQTT message; the empty payload takes back what was retained. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: string;
}

/** The alarm as it stands on its topic: its view while active, nothing once it is normal. */
export function retainedAlarm(alarm: Alarm, time: WriteTime): RetainedMessage {
  const payload = alarm.state === 'active' ? JSON.stringify(alarmToWire(alarm, time)) : '';
  return { topic: alarmTopic(alarm.park, alarm.id), payload };
}
