import { metric as catalogued } from '../../catalogue/index.js';
import type { AlarmRule } from '../rule.js';
import { isSystemMetric, SYSTEM_METRICS } from '../system.js';

/** The unit of what a rule compares with its setpoints; '' for a plain number. */
export function signalUnit({ domain, metric, signal }: Pick<AlarmRule, 'domain' | 'metric' | 'signal'>): string {
  const unit =
    domain === 'system'
      ? isSystemMetric(metric)
        ? SYSTEM_METRICS[metric].unit
        : ''
      : (catalogued(domain, metric)?.unit ?? '');
  switch (signal.kind) {
    case 'rate':
      return `${unit}/${signal.per === 'hour' ? 'h' : 'min'}`;
    case 'deviation':
      return signal.as === 'percent' ? '%' : unit;
    case 'bad_share':
      return '%';
    case 'unchanged':
    case 'counter_still':
    case 'silence':
      return 's';
    case 'vote':
      return '';
    default:
      return unit;
  }
}
