import type { Domain } from '../reading.js';
import type { Metric } from './types.js';

type Labels = readonly [zh: string, en: string];
type Hj212 = Pick<Metric, 'hj212' | 'hj212PerUnit'>;

/** Rate that any meter may show before its own is learned, as a share of the largest meter's. */
const USUAL_SHARE = 0.03;

/** Short forms that define the metrics of one domain. */
export function metricsIn(domain: Domain) {
  return {
    gauge: (
      key: string,
      unit: string,
      range: readonly [number, number],
      [labelZh, labelEn]: Labels,
      code: Hj212 = {},
    ): Metric => ({ key, domain, unit, kind: 'gauge', range, labelZh, labelEn, ...code }),

    /** A counter's range is its register: from 0 up to its modulus. */
    counter: (
      key: string,
      unit: string,
      rollover: number,
      maxRatePerHour: number,
      [labelZh, labelEn]: Labels,
      usualShare = USUAL_SHARE,
    ): Metric => ({
      key,
      domain,
      unit,
      kind: 'counter',
      range: [0, rollover],
      rollover,
      maxRatePerHour,
      usualRatePerHour: maxRatePerHour * usualShare,
      labelZh,
      labelEn,
    }),

    state: (key: string, [labelZh, labelEn]: Labels): Metric => ({
      key,
      domain,
      unit: '',
      kind: 'state',
      range: [0, 1],
      labelZh,
      labelEn,
    }),
  };
}
