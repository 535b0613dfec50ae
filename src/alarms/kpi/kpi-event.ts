import type { Alarm, AlarmEvent } from '../model/alarm.js';
import {
  type AlarmOwner,
  BY_DESIGN,
  type KpiEvent,
  type KpiStanding,
  OUT_OF_SERVICE,
  SHELVED,
} from '../model/kpi/event.js';

/** An event as the figures of the alarm system take it: by the service's clock. */
export function kpiEventOf({ seq, event, receivedAt, by, alarm }: AlarmEvent): KpiEvent {
  return { ...ownerOf(alarm), seq, at: receivedAt, event, by };
}

/** An alarm as its last event, at `lastAt` (epoch ms), left it; null when there is nothing of it to count. */
export function kpiStandingOf(alarm: Alarm, lastAt: number): KpiStanding | null {
  if (alarm.state === 'normal' && alarm.suppression === null) return null;
  return {
    ...ownerOf(alarm),
    activeSince: alarm.active ? (alarm.receivedAt ?? lastAt) : null,
    unacknowledgedSince: alarm.unacknowledged ? (alarm.receivedAt ?? lastAt) : null,
    suppression:
      (alarm.shelved ? SHELVED : 0) |
      (alarm.cause === null ? 0 : BY_DESIGN) |
      (alarm.outOfService ? OUT_OF_SERVICE : 0),
  };
}

function ownerOf({ id: alarm, rule, device, park, domain, priority }: Alarm): AlarmOwner {
  return { alarm, rule, device, park, domain, priority };
}
