import { NORMAL_75, NORMAL_90, studentT } from '../forecast/distribution.js';
import { halfIntervalOf } from '../forecast/intensity.js';
import type { Policy } from './policy.js';
import type { PathYear } from './standing.js';
import type { Expected } from './verdict.js';

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A year that is still to come, if intensity goes on as it did since the base year (照此推算). */
export interface ProjectedYear {
  readonly year: number;
  /** tce or t per 10⁴ CNY, comparable with the path. */
  readonly value: number;
  /** 80 % and 50 %; null where fewer than three changes are known, or they say nothing of how years differ. */
  readonly interval: Interval | null;
  readonly interval50: Interval | null;
  readonly allowed: number;
  /** On the year before. */
  readonly change: number;
  /** `value / allowed − 1`. */
  readonly againstPath: number | null;
}

/** Fewest changes from year to year whose spread means something. */
const FEWEST_CHANGES = 3;
/** Years differ by at least this much (standard deviation of the logarithm), however smooth a few of them look. */
const LEAST_SPREAD = 0.01;

/**
 * The years after `year` to the end of the target: a random walk with drift of the logarithm (Hyndman & Athanasopoulos,
 * Forecasting, 5.2). The drift is the mean from the base year to what `year` is expected to end at; after `k` years the
 * error has the variance `s² (k + k² / n)`, with `s` from the changes of the `n` years, and beside it stands what is
 * uncertain of `year` itself.
 * @returns none where the base year or `year` has no positive value
 */
export function projectionOf(
  { baseYear, targetYear }: Pick<Policy, 'baseYear' | 'targetYear'>,
  path: readonly PathYear[],
  expected: Expected | null,
  year: number,
): ProjectedYear[] {
  const base = path.find((row) => row.year === baseYear)?.comparable ?? null;
  const years = year - baseYear;
  if (expected === null || base === null || years <= 0 || !(base > 0) || !(expected.value > 0)) return [];
  const drift = Math.log(expected.value / base) / years;
  const known = path.flatMap(({ year: of, comparable }) =>
    of < year && comparable !== null && comparable > 0 ? [{ year: of, value: comparable }] : [],
  );
  const spread = spreadOf([...known, { year, value: expected.value }], drift);
  return path
    .filter((row) => row.year > year && row.year <= targetYear)
    .map(({ year: of, allowed }) => {
      const k = of - year;
      const value = expected.value * Math.exp(drift * k);
      const interval = (z: number) =>
        spread &&
        around(value, expected, {
          z,
          own: spread.of * Math.sqrt(k + k ** 2 / years),
          carried: 1 + k / years,
          freedom: spread.freedom,
        });
      return {
        ...{ year: of, value, interval: interval(NORMAL_90), interval50: interval(NORMAL_75), allowed },
        ...{ change: Math.exp(drift) - 1, againstPath: allowed > 0 ? value / allowed - 1 : null },
      };
    });
}

/** How years differ from the drift, as a standard deviation of one year; years without a value make one change of many. */
function spreadOf(values: readonly { readonly year: number; readonly value: number }[], drift: number) {
  const squares = values.slice(1).map(({ year, value }, i) => {
    const before = values[i]!;
    const years = year - before.year;
    return (Math.log(value / before.value) - drift * years) ** 2 / years;
  });
  if (squares.length < FEWEST_CHANGES) return null;
  const freedom = squares.length - 1;
  const variance = squares.reduce((sum, one) => sum + one, 0) / freedom;
  return { of: Math.max(LEAST_SPREAD, Math.sqrt(variance)), freedom };
}

function around(
  value: number,
  { value: expected, interval }: Expected,
  {
    z,
    own,
    carried,
    freedom,
  }: { readonly z: number; readonly own: number; readonly carried: number; readonly freedom: number },
): Interval | null {
  const half = z === NORMAL_90 || interval === null ? interval : halfIntervalOf({ value: expected, ...interval });
  const of = (end: number | undefined) => (end !== undefined && end > 0 ? carried * Math.log(end / expected) : 0);
  const drifted = studentT(freedom, z) * own;
  const low = value * Math.exp(-Math.hypot(drifted, of(half?.low)));
  const high = value * Math.exp(Math.hypot(drifted, of(half?.high)));
  return Number.isFinite(high) ? { low, high } : null;
}
