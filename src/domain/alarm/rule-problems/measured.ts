import { metric as catalogued, type MetricKind } from '../../catalogue/index.js';
import type { AlarmRule } from '../rule.js';
import { isSystemMetric, SYSTEM_METRICS } from '../system.js';

/** What a rule's metric is. */
export interface Measured {
  readonly kind: MetricKind;
  readonly unit: string;
  readonly range: readonly [min: number, max: number];
}

/** Null when the domain has no such metric. */
export function measured({ domain, metric }: Pick<AlarmRule, 'domain' | 'metric'>): Measured | null {
  if (domain !== 'system') return catalogued(domain, metric) ?? null;
  return isSystemMetric(metric) ? { kind: 'gauge', ...SYSTEM_METRICS[metric] } : null;
}
