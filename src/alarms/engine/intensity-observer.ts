import { isIntensityMetric, SYSTEM_METRICS, type SystemMetricKey } from '../model/system.js';
import type { AlarmEngine } from './engine.js';
import type { RunningAlarms } from './running.js';

/** A figure of the 5 % that alarms may rest on. */
interface IntensityFinding {
  readonly metric: SystemMetricKey;
  /** What it is of, such as `{park}.energy` or `{park}.electricity.2026-11`; unique in the service. */
  readonly part: string;
  /** Null of a sum over parks: only those who see all parks see its alarms. */
  readonly park: string | null;
  /** Null: it is not watched any more, and its alarms end with that reason. */
  readonly value: number | null;
}

/** All that is known just now; what is missing is not known, and its alarms stay as they are. */
export interface IntensityFindings {
  readonly warnings: readonly IntensityFinding[];
  /** `YYYY-MM`: alarms of a month before it end. */
  readonly since: string;
}

const UNWATCHED = {
  cause: 'rule_withdrawn',
  comment: 'nothing is expected of this figure any more: it is no longer watched',
} as const;

const OF_MONTH = /\.(\d{4}-\d{2})$/;

/**
 * Tells the engine what is known of the 5 %. It is told again and again: while writes fail the engine takes no observation.
 * What blocks a verdict comes first, so that it silences what it blocks; where nothing is watched any more it ends last, so
 * that what it silenced does not sound again before it ends too. That end is no return to normal (ISA-18.2): nobody knows
 * the condition, and the event says so.
 */
export function observeIntensity(
  alarms: Pick<RunningAlarms, 'accept'>,
  { warnings, since }: IntensityFindings,
  now: number,
): void {
  alarms.accept('the 5 %', (engine) => {
    for (const isCause of [true, false]) {
      for (const { metric, part, park, value } of warnings) {
        const month = OF_MONTH.exec(part)?.[1];
        // What could not be worked out anew may still be of a month that is not watched any more.
        if (month !== undefined && month < since) continue;
        if ((metric === 'path_blocks') === isCause && value !== null && Number.isFinite(value)) {
          engine.observe(metric, inRange(metric, value), now, part, park);
        }
      }
    }
    for (const isCause of [false, true]) {
      for (const { metric, part, park, value } of warnings) {
        if ((metric === 'path_blocks') === isCause && value === null) unwatch(engine, { metric, part, park }, now);
      }
    }
    for (const { rule, subject } of [...engine.annunciator.standing.values()]) {
      const month = OF_MONTH.exec(subject.id)?.[1];
      if (month === undefined || month >= since || !isIntensityMetric(rule.metric)) continue;
      const metric = rule.metric as SystemMetricKey;
      const [least, most] = SYSTEM_METRICS[metric].range;
      engine.observe(metric, rule.comparison.side === 'low' ? most : least, now, subject.id, subject.park);
    }
  });
}

/** Ends alarms, and delays that run, of a figure that nobody will tell again: no value could end them. */
function unwatch(
  { subjects, verdicts }: AlarmEngine,
  { metric, part, park }: Omit<IntensityFinding, 'value'>,
  now: number,
) {
  for (const watch of subjects.series(subjects.other(part, park), metric).watches) {
    if (!watch.normal || watch.state.active || watch.state.latched) verdicts.withdraw(watch, now, UNWATCHED);
  }
}

function inRange(metric: SystemMetricKey, value: number): number {
  const [least, most] = SYSTEM_METRICS[metric].range;
  return Math.min(most, Math.max(least, value));
}
