import { counter, type Family, gauge, labelled } from '../model/metric-family.js';
import type { Components } from './components.js';
import { door, http, sockets } from './families/faces.js';
import { broker, registry } from './families/gateways.js';
import { history } from './families/history.js';
import { intake, storage } from './families/storage.js';

const one = (failing: string | null) => (failing === null ? 0 : 1);

/** The service's own metrics. */
export function familiesOf(components: Components): readonly Family[] {
  return [
    ...storage(components),
    ...intake(components),
    ...history(components),
    ...registry(components),
    ...broker(components),
    ...alarms(components),
    ...sockets(components),
    ...http(components),
    ...door(components),
  ];
}

function alarms({ alarms: engine, journal }: Components): Family[] {
  if (!engine) return [];
  return [
    gauge('alarms_standing', 'Alarms standing', () => engine.stats.standing),
    gauge('alarms_conditions', 'Conditions watched', () => engine.stats.conditions),
    gauge('alarms_events_kept', 'Events in the record', () => engine.stats.events),
    gauge('alarms_lag_batches', 'Journal batches not yet evaluated', () =>
      Math.max(0, journal.head() - engine.stats.cursor),
    ),
    counter('alarms_messages', 'Messages evaluated', () => engine.stats.messages),
    counter('alarms_readings', 'Readings evaluated', () => engine.stats.readings),
    counter('alarms_raised', 'Alarms raised', () => engine.stats.happened.raised ?? 0),
    counter('alarms_cleared', 'Alarms cleared', () => engine.stats.happened.cleared ?? 0),
    labelled('counter', 'alarm_events', 'Events of alarms since the start, by name', 'event', () =>
      Object.entries(engine.stats.happened),
    ),
    counter(
      'alarms_refused_conditions',
      'Conditions not watched because of the bound',
      () => engine.stats.refusedConditions,
    ),
    counter('alarms_failed_messages', 'Messages that could not be evaluated', () => engine.stats.failedMessages),
    counter(
      'alarms_cut_backlogs',
      'Backlogs judged before they were over because of the bound',
      () => engine.stats.cutBacklogs,
    ),
    counter('alarms_failed_writes', 'Writes of alarms that failed', () => engine.stats.failedWrites),
    gauge('alarms_failing', '1 while alarms cannot be stored', () => one(engine.stats.failing)),
  ];
}
