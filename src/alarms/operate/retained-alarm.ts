import { alarmTopic } from '../../model/wire/topic.js';
import { type Alarm, isAnnunciated } from '../model/alarm.js';
import { asSeen } from '../model/judge/seen.js';
import { alarmToWire, type WriteTime } from '../model/wire.js';

/** A retained MQTT message; the empty payload takes back what was retained. */
export interface RetainedMessage {
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
