import { HOUR_MS } from '../../../model/time/duration.js';

/** How values of one pollutant, or of the flow, are judged. What is from memory (HJ 356-2019) is for the site to set. */
export interface ValidityRules {
  /** Plausible range, both ends included. */
  readonly range: readonly [min: number, max: number];
  /** The same value for this long, in at least so many values; null: never. Values at or below `except` may stand still. */
  readonly frozen: { readonly ms: number; readonly values: number; readonly except: number } | null;
  /** More than `factor` times the value before it, the latter taken as at least `floor`; null: never. */
  readonly jump: { readonly factor: number; readonly floor: number; readonly withinMs: number } | null;
  /** A valid value below `below` enters statistics as `as`, and is marked there. */
  readonly detection: { readonly below: number; readonly as: number } | null;
  /** How far a logger's volume may be from its mean flow times its interval, as a share of the larger. */
  readonly flowTolerance: number;
  /** Whether a suspect value counts until somebody marks its period. */
  readonly suspectCounts: boolean;
  /** Share of what is expected, and of the values of one interval, that has to be valid. */
  readonly minShare: number;
  /** A value received longer than this after its interval is late. */
  readonly lateAfterMs: number;
}

/** HJ 356-2019 from memory: what a valid value at or near zero enters statistics as, mg/L. */
const DETECTION: Readonly<Record<string, number>> = { cod_mg_l: 2, nh3n_mg_l: 0.01, tp_mg_l: 0.005, tn_mg_l: 0.025 };

/** Rules of a metric as the service ships them; all but the range is from memory, see `VALIDITY_MARK`. */
export function defaultValidityRules(metric: string, range: readonly [number, number]): ValidityRules {
  const as = DETECTION[metric];
  const isConcentration = metric.endsWith('_mg_l');
  return {
    range,
    frozen: isConcentration || metric === 'ph' ? { ms: 8 * HOUR_MS, values: 8, except: as ?? 0 } : null,
    jump: isConcentration ? { factor: 10, floor: as ?? 0.01, withinMs: 6 * HOUR_MS } : null,
    detection: as === undefined ? null : { below: as, as },
    flowTolerance: 0.05,
    suspectCounts: true,
    minShare: 0.75,
    lateAfterMs: HOUR_MS,
  };
}

/** How certain the rules are that `defaultValidityRules` gives. */
export const VALIDITY_MARK = 'M';
