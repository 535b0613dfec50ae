import type { Domain } from '../reading.js';

/**
 * How a metric behaves. `gauge`: an instantaneous value. `counter`: a total that only rises, except at resets and
 * roll-overs. `state`: a condition that holds until it changes, 0 or 1 unless `values` names more.
 */
export type MetricKind = 'gauge' | 'counter' | 'state';

/** One metric of the catalogue. */
export interface Metric {
  /** snake_case, with the unit as suffix where there is one. */
  readonly key: string;
  readonly domain: Domain;
  /** Display unit; '' where the quantity has none. */
  readonly unit: string;
  readonly kind: MetricKind;
  /** Plausible range, both ends included; a value outside is stored and marked `out_of_range`. */
  readonly range: readonly [min: number, max: number];
  /** Counters only: the most that it can physically rise in one hour, in its own unit. */
  readonly maxRatePerHour?: number;
  /**
   * Counters only: hourly rate up to which no rise is doubtful while the meter's own rate is unknown; later the bound
   * learned from the meter's history applies, see `CounterIncrements`.
   */
  readonly usualRatePerHour?: number;
  /** Counters only: the register's modulus in its own unit, where it rolls over to 0. */
  readonly rollover?: number;
  readonly labelZh: string;
  readonly labelEn: string;
  /** Factor code of HJ 212-2017 table B.1, where one exists. */
  readonly hj212?: string;
  /** HJ 212 default unit divided by this metric's unit: 1000 where HJ 212 counts in µg/L and the catalogue in mg/L. */
  readonly hj212PerUnit?: number;
}
