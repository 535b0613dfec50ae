import { ALARM_EVENTS, type AlarmEventName } from './model/transition.js';
import type { AlarmStats } from './port.js';

export function newStats(): AlarmStats {
  return {
    cursor: 0,
    storedCursor: 0,
    messages: 0,
    readings: 0,
    happened: Object.fromEntries(ALARM_EVENTS.map((event) => [event, 0])) as Record<AlarmEventName, number>,
    standing: 0,
    conditions: 0,
    events: 0,
    refusedConditions: 0,
    failedMessages: 0,
    cutBacklogs: 0,
    failedWrites: 0,
    failing: null,
  };
}
