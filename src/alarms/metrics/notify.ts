import { counter, type Family, gauge, labelled } from '../../model/metric-family.js';
import type { NotifyStats } from '../notify/port.js';

/** Metrics of the notification of alarms. */
export function notifyFamilies(stats: NotifyStats): readonly Family[] {
  return [
    counter('notify_events', 'Alarm events taken in for notification', () => stats.events),
    counter('notify_missed_events', 'Events that were no longer kept when they were read', () => stats.missedEvents),
    counter('notify_queued', 'Messages queued for channels', () => stats.queued),
    counter('notify_sent', 'Messages that channels took', () => stats.sent),
    counter('notify_failed_attempts', 'Attempts to send that failed', () => stats.failedAttempts),
    counter('notify_dead', 'Messages given up', () => stats.dead),
    labelled('counter', 'notify_dropped', 'Messages pushed out of a full queue, by priority', 'priority', () =>
      Object.entries(stats.dropped),
    ),
    counter(
      'notify_refused_escalations',
      'Alarms that were not followed because of the bound',
      () => stats.refusedEscalations,
    ),
    gauge('notify_followed', 'Alarms that are followed until somebody acknowledges them', () => stats.escalations),
    counter('notify_failed_writes', 'Times that the queue could not be stored', () => stats.failedWrites),
    gauge('notify_waiting', 'Messages that wait to be sent', () => stats.waiting),
  ];
}
