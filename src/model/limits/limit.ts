import { metric as catalogued } from '../catalogue/index.js';
import type { Domain } from '../reading.js';

/**
 * Where a number comes from. `verified`: read in the standard's own text. `secondary`: quoted elsewhere.
 * `site`: a customary value that each site should set for itself.
 */
export const CERTAINTIES = ['verified', 'secondary', 'site'] as const;
export interface LimitSource {
  readonly standard: string;
  readonly clause: string;
  readonly certainty: (typeof CERTAINTIES)[number];
}

/** The limit of a standard for one metric. */
export interface Limit<Values extends readonly number[] = readonly number[]> {
  readonly metric: string;
  /** In order of severity, or the ends of a range. */
  readonly values: Values;
  /** The catalogue's unit. */
  readonly unit: string;
  readonly source: LimitSource;
}

const sourced =
  (certainty: LimitSource['certainty']) =>
  (standard: string, clause: string): LimitSource => ({ standard, clause, certainty });
export const verified = sourced('verified');
export const secondary = sourced('secondary');
export const site = sourced('site');

/** Defines the limits of one domain. */
export const limitsIn =
  (domain: Domain) =>
  <Values extends readonly number[]>(metric: string, source: LimitSource, ...values: Values): Limit<Values> => ({
    ...{ metric, values, unit: catalogued(domain, metric)?.unit ?? '', source },
  });
