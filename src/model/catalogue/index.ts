import type { Domain } from '../reading.js';
import { ENERGY } from './energy.js';
import { FIRE } from './fire.js';
import { TRAFFIC } from './traffic.js';
import type { Metric } from './types.js';
import { WASTEWATER } from './wastewater.js';

export type { Metric, MetricKind } from './types.js';

/** Every metric of the four domains; a key names one metric across all of them. */
export const CATALOGUE: readonly Metric[] = [...ENERGY, ...WASTEWATER, ...FIRE, ...TRAFFIC];

const byKey = (metrics: readonly Metric[]): ReadonlyMap<string, Metric> => new Map(metrics.map((m) => [m.key, m]));

const BY_DOMAIN: Readonly<Record<Domain, ReadonlyMap<string, Metric>>> = {
  energy: byKey(ENERGY),
  wastewater: byKey(WASTEWATER),
  fire: byKey(FIRE),
  traffic: byKey(TRAFFIC),
};

const BY_HJ212 = new Map(CATALOGUE.flatMap((m) => (m.hj212 === undefined ? [] : [[m.hj212, m] as const])));

/** The metrics of one domain by key. */
export function metricsOf(domain: Domain): ReadonlyMap<string, Metric> {
  return BY_DOMAIN[domain];
}

export function metric(domain: Domain, key: string): Metric | undefined {
  return BY_DOMAIN[domain].get(key);
}

/** The metric of an HJ 212-2017 factor code, table B.1. */
export function metricByHj212(code: string): Metric | undefined {
  return BY_HJ212.get(code);
}
