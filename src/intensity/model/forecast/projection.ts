import { NORMAL_90, studentT, weightedQuantile } from './distribution.js';
import type { PeriodObservation, Stretch } from './figures.js';
import { fitModel, type PastError, pastErrors } from './fit.js';
import { outlook } from './outlook.js';

/** What is still open, as expected. */
interface Projection {
  /** Of each stretch, in the unit of the observations. */
  readonly values: readonly number[];
  /** Half the width of the 80 % interval of their sum, as a logarithm. */
  readonly half: number;
  readonly basis: ProjectionBasis;
}

/** What an interval rests on, for whoever assesses it. */
export interface ProjectionBasis {
  /** Load of a day off relative to a working day, 0 to 1. */
  readonly restLoad: number;
  /** Numbers of periods (11 · year + period) at whose start the level jumped. */
  readonly jumps: readonly number[];
  /** How much wider (above 1) or narrower the interval is than the model alone makes it, after its past forecasts. */
  readonly widening: number;
  /** Past forecasts it was compared with; those that share months count in part. */
  readonly pastForecasts: number;
}

/** What the model's own interval weighs against independent past forecasts. */
const MODEL_WEIGHT = 2;
const WIDENING_BOUND = [0.7, 3] as const;

/**
 * Fits the model to what is known and forecasts what is open. The interval is that of the model, corrected by how far
 * forecasts of as many months would have erred in the past: the 80 % quantile of their errors, in the model's standard
 * deviations, blended with that of the model, and Student's quantile for as many errors as there were.
 */
export function project(
  observations: readonly PeriodObservation[],
  stretches: readonly Stretch[],
  restLoads?: readonly number[],
): Projection {
  const fitted = fitModel(observations, restLoads);
  const { parameters, run } = fitted;
  const { values, deviation } = outlook(run.state, stretches, parameters, run.noise);
  const openMonths = stretches.reduce((sum, { months }) => sum + months, 0);
  const past = pastErrors(observations, fitted, openMonths);
  const pastForecasts = past.reduce((sum, { weight }) => sum + weight, 0);
  const widening = wideningOf(past, pastForecasts);
  const half = studentT(MODEL_WEIGHT + pastForecasts) * widening * deviation;
  const { restLoad, jumps } = parameters;
  return { values, half, basis: { restLoad, jumps, widening, pastForecasts } };
}

function wideningOf(past: readonly PastError[], weight: number): number {
  const sizes = past.map((one) => ({ value: Math.abs(one.error), weight: one.weight }));
  const seen = weight > 0 ? weightedQuantile(sizes, 0.8) / NORMAL_90 : 1;
  const blended = (MODEL_WEIGHT + weight * seen) / (MODEL_WEIGHT + weight);
  return Math.min(WIDENING_BOUND[1], Math.max(WIDENING_BOUND[0], blended));
}
