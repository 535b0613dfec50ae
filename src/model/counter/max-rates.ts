import { type Metric, metric } from '../catalogue/index.js';
import type { Domain } from '../reading.js';

/** What is known of one device's counters: the most each can rise in an hour, in its own unit, by metric. */
export type MaxRates = Readonly<Record<string, number>>;

/** Why these are no rates for a device of the domain; null when they are. More than any meter can is no bound. */
export function maxRateProblem(
  domain: Domain,
  rates: MaxRates,
): { readonly metric: string; readonly expected: string } | null {
  for (const [key, rate] of Object.entries(rates)) {
    const known = metric(domain, key);
    if (known?.kind !== 'counter') return { metric: key, expected: `a counter of ${domain}: ${key} is none` };
    const { maxRatePerHour: most = Number.POSITIVE_INFINITY, unit } = known;
    if (!(rate > 0 && rate <= most)) return { metric: key, expected: `above 0, and at most ${most} ${unit} per hour` };
  }
  return null;
}

/** The metric as it is on a device with a rate of its own: known beforehand, nothing is to be learned. */
export function withMaxRate({ usualRatePerHour: _, ...metric }: Metric, rate: number): Metric {
  return { ...metric, maxRatePerHour: rate };
}

export function sameMaxRates(a: MaxRates | null | undefined, b: MaxRates | null | undefined): boolean {
  const [left, right] = [Object.entries(a ?? {}), b ?? {}];
  return left.length === Object.keys(right).length && left.every(([key, rate]) => right[key] === rate);
}
