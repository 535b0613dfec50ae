import { measuredMetric } from '../measured.js';
import type { AlarmRule } from '../rule/rule.js';

/** The unit of what a rule compares with its setpoints; '' for a plain number. */
export function signalUnit({ domain, metric, signal }: Pick<AlarmRule, 'domain' | 'metric' | 'signal'>): string {
  const unit = measuredMetric(domain, metric)?.unit ?? '';
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
