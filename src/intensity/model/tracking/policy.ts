import { type FieldError, must } from '../../../model/field-error.js';

/** What is asked, and when a figure may be judged. All of it is configuration. */
export interface Policy {
  readonly baseYear: number;
  /** Decline asked of each year, a fraction. */
  readonly rate: number;
  /** The year at whose end the whole target is due. */
  readonly targetYear: number;
  /** An expected annual decline from here to `rate` is at risk, below it off track. */
  readonly riskRate: number;
  /** The least share of a period that has to be measured. */
  readonly minCompleteness: number;
  /** The least share of the counted enterprises that has both quantity and added value. */
  readonly minCoverage: number;
  /**
   * What the achieved decline is taken from: `levels`, `e_n / e_0`; `chained`, the product of yearly changes, each with
   * last year restated on this year's set, where enterprises come and go.
   */
  readonly comparison: 'levels' | 'chained';
}

/** The guideline's 5 % a year from 2020 on; the years after 2025 are assessed too. */
export const DEFAULT_POLICY: Policy = {
  ...{ baseYear: 2020, rate: 0.05, targetYear: 2027, riskRate: 0.04 },
  ...{ minCompleteness: 0.9, minCoverage: 0.9, comparison: 'levels' },
};

/** What is wrong with a policy, by field. */
export function checkPolicy(policy: Policy): readonly FieldError[] {
  const { baseYear, rate, targetYear, riskRate, minCompleteness, minCoverage, comparison } = policy;
  const share = (value: number) => value > 0 && value <= 1;
  return [
    ...must(Number.isInteger(baseYear) && baseYear >= 1980 && baseYear < 2200, 'baseYear', 'a year from 1980 on'),
    ...must(rate > 0 && rate < 1, 'rate', 'a fraction between 0 and 1, 0.05 for 5 %'),
    ...must(riskRate >= 0 && riskRate <= rate, 'riskRate', 'at least 0 and at most rate'),
    ...must(Number.isInteger(targetYear) && targetYear > baseYear && targetYear < 2200, 'targetYear', 'a later year'),
    ...must(share(minCompleteness), 'minCompleteness', 'above 0 and at most 1'),
    ...must(share(minCoverage), 'minCoverage', 'above 0 and at most 1'),
    ...must(comparison === 'levels' || comparison === 'chained', 'comparison', 'levels or chained'),
  ];
}
