import { type Metric, metric } from '../catalogue/index.js';
import type { Domain } from '../reading.js';

/** The most that each counter of one device can rise in an hour, in its own unit, by metric. */
export type MaxRates = Readonly<Record<string, number>>;

/** Why the rates do not fit a device of the domain, else null. A rate above the largest meter's is no bound. */
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

/** The metric of a device with its own rate: the bound is known, so that the register learns none. */
export function withMaxRate({ usualRatePerHour: _, ...metric }: Metric, rate: number): Metric {
  return { ...metric, maxRatePerHour: rate };
}

export function sameMaxRates(a: MaxRates | null | undefined, b: MaxRates | null | undefined): boolean {
  const [left, right] = [Object.entries(a ?? {}), b ?? {}];
  return left.length === Object.keys(right).length && left.every(([key, rate]) => right[key] === rate);
}
