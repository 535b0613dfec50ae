import { counter, type Family, gauge, labelled } from '../../model/metric-family.js';
import type { AlarmStats } from '../port.js';

/** Metrics of the alarm engine. @param head newest position in the journal */
export function alarmFamilies(stats: AlarmStats, head: () => number): readonly Family[] {
  return [
    gauge('alarms_standing', 'Alarms standing', () => stats.standing),
    gauge('alarms_conditions', 'Conditions watched', () => stats.conditions),
    gauge('alarms_events_kept', 'Events in the record', () => stats.events),
    gauge('alarms_lag_batches', 'Journal batches not yet evaluated', () => Math.max(0, head() - stats.cursor)),
    counter('alarms_messages', 'Messages evaluated', () => stats.messages),
    counter('alarms_readings', 'Readings evaluated', () => stats.readings),
    counter('alarms_raised', 'Alarms raised', () => stats.happened.raised),
    counter('alarms_cleared', 'Alarms cleared', () => stats.happened.cleared),
    labelled('counter', 'alarm_events', 'Events of alarms since the start, by name', 'event', () =>
      Object.entries(stats.happened),
    ),
    counter('alarms_refused_conditions', 'Conditions not watched because of the bound', () => stats.refusedConditions),
    counter('alarms_failed_messages', 'Messages that could not be evaluated', () => stats.failedMessages),
    counter(
      'alarms_cut_backlogs',
      'Backlogs judged before they were over because of the bound',
      () => stats.cutBacklogs,
    ),
    counter('alarms_failed_writes', 'Writes of alarms that failed', () => stats.failedWrites),
    gauge('alarms_failing', '1 while alarms cannot be stored', () => (stats.failing === null ? 0 : 1)),
  ];
}
