import { metric as catalogued, type MetricKind } from '../../model/catalogue/index.js';
import type { AlarmDomain, AlarmRule } from './rule/rule.js';
import { DEVICE_SILENCE, isSystemMetric, SYSTEM_METRICS } from './system.js';

/** The metric of a rule, from the catalogue or an observation of the service. */
export interface RuleMetric {
  readonly kind: MetricKind;
  /** '' for a plain number. */
  readonly unit: string;
  /** Plausible range, both ends included. */
  readonly range: readonly [min: number, max: number];
  readonly labelZh: string;
  readonly labelEn: string;
}

/**
 * Observations about devices, in each of the four domains, only for rules of the signal `silence`. Such a rule on a
 * metric of the catalogue is about that one series, missing from a device that sends others.
 */
export const DEVICE_METRICS = {
  [DEVICE_SILENCE]: {
    kind: 'gauge',
    unit: 's',
    range: [0, Number.MAX_SAFE_INTEGER],
    labelZh: '设备静默时间',
    labelEn: 'Time for which a device has been silent beyond what is expected',
  },
} as const satisfies Readonly<Record<string, RuleMetric>>;

type DeviceMetricKey = keyof typeof DEVICE_METRICS;

export function isDeviceMetric(key: string): key is DeviceMetricKey {
  return Object.hasOwn(DEVICE_METRICS, key);
}

/** The metric of a rule; null when the domain has no such metric. */
export function ruleMetric(domain: AlarmDomain, metric: string): RuleMetric | null {
  if (domain === 'system') return isSystemMetric(metric) ? { kind: 'gauge', ...SYSTEM_METRICS[metric] } : null;
  return isDeviceMetric(metric) ? DEVICE_METRICS[metric] : (catalogued(domain, metric) ?? null);
}

/** The unit of a rule's setpoints; '' for a plain number. */
export function signalUnit({ domain, metric, signal }: Pick<AlarmRule, 'domain' | 'metric' | 'signal'>): string {
  const unit = ruleMetric(domain, metric)?.unit ?? '';
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
