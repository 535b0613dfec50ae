import { counter, type Family, gauge, labelled, numberOf } from '../model/metric-family.js';
import type { AbsenceObserver } from './absence/observer.js';
import type { LiveBaselines } from './baseline/live-baselines.js';
import type { LiveKpis } from './kpi/live-kpis.js';
import { PRIORITIES } from './model/class.js';
import type { PositionLoad } from './model/kpi/live/position-loads.js';
import type { NotifyStats } from './notify/port.js';
import type { AlarmStats } from './port.js';

/** Metrics of the alarm engine. @param head newest position in the journal */
export function alarmFamilies(stats: AlarmStats, head: () => number): readonly Family[] {
  const of = numberOf(() => stats);
  return [
    gauge('alarms_standing', 'Alarms standing', of('standing')),
    gauge('alarms_conditions', 'Conditions watched', of('conditions')),
    gauge('alarms_events_kept', 'Events in the record', of('events')),
    gauge('alarms_lag_batches', 'Journal batches not yet evaluated', () => Math.max(0, head() - stats.cursor)),
    counter('alarms_messages', 'Messages evaluated', of('messages')),
    counter('alarms_readings', 'Readings evaluated', of('readings')),
    counter('alarms_raised', 'Alarms raised', () => stats.happened.raised),
    counter('alarms_cleared', 'Alarms cleared', () => stats.happened.cleared),
    labelled('counter', 'alarm_events', 'Events of alarms since the start, by name', 'event', () =>
      Object.entries(stats.happened),
    ),
    counter('alarms_refused_conditions', 'Conditions not watched because of the bound', of('refusedConditions')),
    counter('alarms_failed_messages', 'Messages that could not be evaluated', of('failedMessages')),
    counter('alarms_cut_backlogs', 'Backlogs judged before they were over because of the bound', of('cutBacklogs')),
    counter(
      'alarms_doubtful_exceedances',
      'Late exceedances left out that may be new: more lie around them than are remembered one by one',
      of('doubtfulExceedances'),
    ),
    counter('alarms_failed_writes', 'Writes of alarms that failed', of('failedWrites')),
    gauge('alarms_failing', '1 while alarms cannot be stored', () => (stats.failing === null ? 0 : 1)),
  ];
}

/** Figures of the load on operators, computed at each scrape. */
export type AlarmKpiNumbers = ReturnType<LiveKpis['numbers']>;
type HistogramNumbers = AlarmKpiNumbers['timeToAcknowledge'];

/** Most positions that become labels; metrics omit and count the others. */
export const MAX_POSITION_LABELS = 100;

/** Metrics of alarm-system performance; targets are those of `GET /api/v1/alarm-kpis`. */
export function alarmKpiFamilies(stats: () => AlarmKpiNumbers): readonly Family[] {
  const of = numberOf(stats);
  const perPosition = (name: string, help: string, value: (load: PositionLoad) => number) =>
    labelled('gauge', name, help, 'position', () =>
      [...stats().positions].slice(0, MAX_POSITION_LABELS).map(([position, load]) => [position, value(load)] as const),
    );
  return [
    perPosition('alarms_last_10_minutes', 'Alarms annunciated in the last 10 minutes', (load) => load.last10Min),
    perPosition('alarms_last_hour', 'Alarms annunciated in the last hour', (load) => load.lastHour),
    perPosition('alarms_flood', '1 while there are too many alarms for an operator', (load) => (load.flood ? 1 : 0)),
    gauge('alarms_positions_left_out', 'Positions without metrics because of the bound', () =>
      Math.max(0, stats().positions.size - MAX_POSITION_LABELS),
    ),
    labelled('gauge', 'alarms_standing_by_priority', 'Alarms standing, by priority', 'priority', () =>
      PRIORITIES.map((priority) => [priority, stats().standing[priority]] as const),
    ),
    gauge('alarms_unacknowledged', 'Alarms that wait for an acknowledgement', of('unacknowledged')),
    gauge('alarms_shelved', 'Alarms shelved', of('shelved')),
    gauge('alarms_out_of_service', 'Alarms out of service', of('outOfService')),
    gauge('alarms_chattering', 'Alarms that chatter', of('chattering')),
    gauge('alarms_stale', 'Alarms standing for more than 24 hours', of('stale')),
    counter(
      'alarms_nuisances_pushed_out',
      'Alarms no longer watched for nuisance because of the bound',
      of('nuisancesPushedOut'),
    ),
    ...histogram(
      'park_alarms_time_to_acknowledge_seconds',
      'Time from annunciation to the acknowledgement of an operator',
      () => stats().timeToAcknowledge,
    ),
  ];
}

/** A histogram as its three series, with the names and labels that `histogram_quantile` needs. */
function histogram(name: string, help: string, numbers: () => HistogramNumbers): Family[] {
  const total = () => numbers().counts.reduce((sum, count) => sum + count, 0);
  return [
    {
      name: `${name}_bucket`,
      help: `${help}, at most le`,
      kind: 'counter',
      labels: ['le'],
      *samples() {
        const { bounds, counts } = numbers();
        let below = 0;
        for (const [index, count] of counts.entries()) {
          below += count;
          yield { labels: { le: index < bounds.length ? String(bounds[index]) : '+Inf' }, value: below };
        }
      },
    },
    { name: `${name}_count`, help: `${help}, how many`, kind: 'counter', samples: () => [{ value: total() }] },
    { name: `${name}_sum`, help: `${help}, together`, kind: 'counter', samples: () => [{ value: numbers().sum }] },
  ];
}

/** Metrics of absence and of baselines. */
export function absenceFamilies(
  absence: () => AbsenceObserver['stats'],
  baselines: LiveBaselines['stats'],
): readonly Family[] {
  const of = numberOf(() => baselines);
  return [
    gauge('absence_devices', 'Devices whose silence is noticed', () => absence().devices),
    counter(
      'absence_turned_away',
      'Times that a device, series or gateway could not be watched because of a bound',
      () => absence().turnedAway,
    ),
    gauge('baseline_series', 'Series whose usual values are followed', of('series')),
    counter(
      'baseline_turned_away',
      'Questions for series that are not followed because of the bound',
      of('turnedAway'),
    ),
    counter('baseline_answered', 'Questions that the historian answered for usual values', of('answered')),
    counter('baseline_failed', 'Such questions that failed', of('failed')),
    gauge('baseline_failing', '1 while usual values cannot be learned', () => (baselines.failing === null ? 0 : 1)),
  ];
}

/** Metrics of the notification of alarms. */
export function notifyFamilies(stats: NotifyStats): readonly Family[] {
  const of = numberOf(() => stats);
  return [
    counter('notify_events', 'Alarm events taken in for notification', of('events')),
    counter('notify_missed_events', 'Events that were no longer kept when they were read', of('missedEvents')),
    counter('notify_queued', 'Messages queued for channels', of('queued')),
    counter('notify_sent', 'Messages that channels took', of('sent')),
    counter('notify_failed_attempts', 'Attempts to send that failed', of('failedAttempts')),
    counter('notify_dead', 'Messages given up', of('dead')),
    labelled('counter', 'notify_dropped', 'Messages pushed out of a full queue, by priority', 'priority', () =>
      Object.entries(stats.dropped),
    ),
    counter(
      'notify_refused_escalations',
      'Alarms that were not followed because of the bound',
      of('refusedEscalations'),
    ),
    gauge('notify_followed', 'Alarms that are followed until somebody acknowledges them', of('escalations')),
    counter('notify_failed_writes', 'Times that the queue could not be stored', of('failedWrites')),
    gauge('notify_waiting', 'Messages that wait to be sent', of('waiting')),
  ];
}
