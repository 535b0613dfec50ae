import type { Stretch } from './figures.js';
import { DIMENSION, effectiveDays, type FilterState, type Parameters } from './filter.js';

/** What the sum of several stretches comes to. */
interface SumOutlook {
  /** Expected values, in the unit of the figures. */
  readonly values: readonly number[];
  readonly sum: number;
  /** Standard deviation of the logarithm of the sum. */
  readonly deviation: number;
}

/** Forecasts stretches from a state: their errors share those of level, drift and season, and how the level wanders on. */
export function outlook(
  state: FilterState,
  stretches: readonly Stretch[],
  { restLoad, wander }: Parameters,
  noise: number,
): SumOutlook {
  const ahead = stretches.map(({ time }) => time - state.time);
  const values = stretches.map((one, i) => {
    const seen = new Float64Array(DIMENSION);
    add(seen, one.period, ahead[i]!, 1);
    const variance = quadratic(seen, state.covariance) + wander * Math.abs(ahead[i]!) + 1 / one.months;
    const log = state.mean[0]! + ahead[i]! * state.mean[1]! + state.mean[2 + one.period]!;
    // The mean of a lognormal value, since values are summed; capped, so that a wide variance cannot carry it away.
    return effectiveDays(one, restLoad) * Math.exp(log + Math.min(0.02, (variance * noise * noise) / 2));
  });
  const sum = values.reduce((total, value) => total + value, 0);
  const shared = new Float64Array(DIMENSION);
  let own = 0;
  for (const [i, one] of stretches.entries()) {
    const weight = sum > 0 ? values[i]! / sum : 0;
    add(shared, one.period, ahead[i]!, weight);
    own += weight ** 2 / one.months;
    for (const [j, value] of values.entries()) {
      const together = ahead[i]! * ahead[j]! > 0 ? Math.min(Math.abs(ahead[i]!), Math.abs(ahead[j]!)) : 0;
      own += sum > 0 ? wander * together * weight * (value / sum) : 0;
    }
  }
  return { values, sum, deviation: noise * Math.sqrt(quadratic(shared, state.covariance) + own) };
}

function add(vector: Float64Array, period: number, ahead: number, weight: number): void {
  vector[0] = vector[0]! + weight;
  vector[1] = vector[1]! + weight * ahead;
  vector[2 + period] = vector[2 + period]! + weight;
}

function quadratic(vector: Float64Array, matrix: Float64Array): number {
  const size = vector.length;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const at = vector[i]!;
    if (at === 0) continue;
    let row = 0;
    for (let j = 0; j < size; j++) row += matrix[i * size + j]! * vector[j]!;
    sum += at * row;
  }
  return Math.max(0, sum);
}
