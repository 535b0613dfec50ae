import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Family } from '../model/metric-family.js';

/** Most samples of one family in a scrape; further ones are cut, and the cut is counted. */
export const MAX_SAMPLES = 2_000;

/** A Prometheus registry that reads the families at each scrape; includes the process metrics. */
export function prometheusOf(families: readonly Family[]): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const cut = new Counter({
    name: 'park_metrics_cut_samples_total',
    help: 'Samples left out of scrapes because of the bound of a family',
    registers: [registry],
  });
  for (const family of families) add(registry, family, cut);
  return registry;
}

/** Metrics for a principal limited to some parks: samples whose label names an object in scope. */
export function scopedPrometheusOf(
  families: readonly Family[],
  sees: (label: string, value: string) => boolean,
): Registry {
  const registry = new Registry();
  const cut = new Counter({ name: 'park_metrics_cut_samples_total', help: 'Samples left out', registers: [] });
  for (const family of families.filter(({ labels = [] }) => labels.length > 0)) {
    const seen = [...family.samples()].filter(({ labels = {} }) =>
      Object.entries(labels).some(([label, value]) => sees(label, value)),
    );
    if (seen.length > 0) add(registry, { ...family, samples: () => seen }, cut);
  }
  return registry;
}

function add(registry: Registry, family: Family, cut: Counter): void {
  const { name, help, kind } = family;
  const options = { name, help, labelNames: [...(family.labels ?? [])], registers: [registry] };
  if (kind === 'counter') {
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const { labels, value } of bounded(family, cut)) this.inc({ ...labels }, value);
      },
    });
  } else {
    new Gauge({
      ...options,
      collect() {
        this.reset();
        for (const { labels, value } of bounded(family, cut)) this.set({ ...labels }, value);
      },
    });
  }
}

function* bounded(family: Family, cut: Counter) {
  let count = 0;
  for (const sample of family.samples()) {
    count += 1;
    if (count > MAX_SAMPLES) cut.inc();
    else yield sample;
  }
}
