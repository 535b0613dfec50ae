import { isIntensityMetric, SYSTEM_METRICS, type SystemMetricKey } from '../model/system.js';
import type { RunningAlarms } from './running.js';

/** A figure of the 5 % that alarms may rest on. */
interface IntensityFinding {
  readonly metric: SystemMetricKey;
  /** What it is of, such as `{park}.energy` or `{park}.electricity.2026-11`; unique in the service. */
  readonly part: string;
  /** Null of a sum over parks: only those who see all parks see its alarms. */
  readonly park: string | null;
  readonly value: number;
}

/** All that is known just now; what is missing is not known, and its alarms stay as they are. */
export interface IntensityFindings {
  readonly warnings: readonly IntensityFinding[];
  /** `YYYY-MM`: alarms of a month before it end. */
  readonly since: string;
}

const OF_MONTH = /\.(\d{4}-\d{2})$/;

/**
 * Tells the engine what is known of the 5 %. It is told again and again: while writes fail the engine takes no observation.
 * What blocks a verdict comes first, so that it silences what it blocks.
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
        if ((metric === 'path_blocks') === isCause && Number.isFinite(value)) {
          engine.observe(metric, inRange(metric, value), now, part, park);
        }
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

function inRange(metric: SystemMetricKey, value: number): number {
  const [least, most] = SYSTEM_METRICS[metric].range;
  return Math.min(most, Math.max(least, value));
}
