import type { ResultSpan } from '../../historian/port/results.js';
import type { Assessment } from '../model/assess/assessment.js';
import type { Tracked } from '../model/assess/quantity-book.js';
import type { Scope } from '../model/assess/scope.js';

/** Brings computed figures to where boards read them; returns at once and never throws. */
export interface ResultSink {
  /** What boards show of an assessment, for `assessed` once the verdicts are recorded. */
  prepare(told: ToldYear, assessment: Assessment): PreparedResults;
  assessed(results: readonly PreparedResults[]): void;
  /** Consumption of these parks is due, of the last months, or of all since the base year. */
  metered(parks: readonly string[] | 'all', since: 'recent' | 'base_year'): void;
}

export interface PreparedResults {
  /** The key of the publication. */
  readonly key: string;
  readonly spans: readonly ResultSpan[];
}

/** One scope, carrier and year whose verdicts are published. */
export interface ToldYear {
  readonly scope: Scope;
  readonly carrier: Tracked;
  readonly year: number;
}
