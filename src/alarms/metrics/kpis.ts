import { counter, type Family, gauge, labelled } from '../../model/metric-family.js';
import type { AlarmLoadWatch } from '../kpi/load-watch.js';
import type { PositionLoad } from '../model/kpi/live/position-loads.js';
import type { Histogram } from '../model/kpi/report/histogram.js';
import { PRIORITIES } from '../model/priority.js';

type HistogramNumbers = Pick<Histogram, 'bounds' | 'counts' | 'sum'>;

/** What is known of the load on operators, read when somebody asks. */
export type AlarmKpiNumbers = Omit<ReturnType<AlarmLoadWatch['numbers']>, 'timeToAcknowledge'> & {
  readonly timeToAcknowledge: HistogramNumbers;
};

/** Positions that become labels; beyond, they are left out and counted. */
export const MAX_POSITION_LABELS = 100;

/** Metrics of alarm-system performance; targets are those of `GET /api/v1/alarm-kpis`. */
export function alarmKpiFamilies(stats: () => AlarmKpiNumbers): readonly Family[] {
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
    gauge('alarms_unacknowledged', 'Alarms that wait for an acknowledgement', () => stats().unacknowledged),
    gauge('alarms_shelved', 'Alarms shelved', () => stats().shelved),
    gauge('alarms_out_of_service', 'Alarms out of service', () => stats().outOfService),
    gauge('alarms_chattering', 'Alarms that chatter', () => stats().chattering),
    gauge('alarms_stale', 'Alarms standing for more than 24 hours', () => stats().stale),
    counter(
      'alarms_nuisances_pushed_out',
      'Alarms no longer watched for nuisance because of the bound',
      () => stats().nuisancesPushedOut,
    ),
    ...histogram(
      'park_alarms_time_to_acknowledge_seconds',
      'Time from annunciation to the acknowledgement of an operator',
      () => stats().timeToAcknowledge,
    ),
  ];
}

/** A histogram as its three series, under the names and labels that `histogram_quantile` goes by. */
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
