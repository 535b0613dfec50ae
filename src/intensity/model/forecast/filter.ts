import { PERIODS, type PeriodObservation } from './figures.js';
import type { WorkingTime } from './working-time.js';

/**
 * The forecast's model: `ln(value ÷ effective days) = level + season(period) + noise`. The level drifts and wanders, the
 * drift wanders slowly, the season is fixed; a Kalman filter (Harvey 1989, structural time series) estimates all three.
 * All variances are relative to that of the noise of one month, which is concentrated out of the likelihood.
 */
export interface Parameters {
  /** Load of a day off relative to a working day, 0 to 1. */
  readonly restLoad: number;
  /** Variance of the level's wandering in a month, relative to the noise. */
  readonly wander: number;
  /** Numbers of the periods at whose start the level may have jumped. */
  readonly jumps: readonly number[];
}

/** What the filter knows after an observation: `[level, drift a month, season of 11 periods]`. */
export interface FilterState {
  readonly mean: Float64Array;
  /** Covariance relative to the noise, row by row. */
  readonly covariance: Float64Array;
  /** Middle of the last observation, in months since the year 0. */
  readonly time: number;
}

/** A filter's run over all observations. */
export interface FilterRun {
  readonly logLikelihood: number;
  /** Standard deviation of a month's noise, relative to its value. */
  readonly noise: number;
  /** One-step errors, standardised; one for each observation. */
  readonly innovations: readonly number[];
  readonly state: FilterState;
}

/** Numbers of the filter's state: level, drift and the season of each period. */
export const DIMENSION = 2 + PERIODS;
/** What is believed before the first observation, relative to the noise (variances): level, drift a month, season. */
const PRIOR = { level: 1000, drift: 1 / 16, season: 25 };
/** Variance of the drift's wandering in a month, relative to the noise. */
const DRIFT_WANDER = 0.0004;
/** Variance of a jump of the level, relative to the noise. */
const JUMP = 100;
/** The noise counts as having been seen twice at 3 %, and never falls below 1 %: short histories flatter. */
const NOISE_PRIOR = { count: 2, deviation: 0.03, floor: 0.01 };
/**
 * Noise of January and February relative to other months (variances): how long firms close around the Spring Festival is
 * theirs to say. One of both without the other says less still.
 */
const FESTIVAL = { whole: 4, half: 8 };

/** Effective days: those worked, and of the days off the share of load that goes on. */
export const effectiveDays = ({ days, worked }: WorkingTime, restLoad: number): number =>
  worked + restLoad * (days - worked);

/** How much each observation teaches, which depends on when it was made and not on what it was. */
export interface Gains {
  /** A row of `DIMENSION` for each observation. */
  readonly rows: Float64Array;
  /** Variance of each one-step error, relative to the noise. */
  readonly variances: Float64Array;
  /** Covariance after the last observation, relative to the noise, row by row. */
  readonly covariance: Float64Array;
}

/** Runs the covariances; `seen` is told them after each observation and may read them until it returns. */
export function gainsOf(
  observations: readonly PeriodObservation[],
  { wander, jumps }: Pick<Parameters, 'wander' | 'jumps'>,
  seen: (covariance: Float64Array, index: number) => void = () => {},
): Gains {
  const covariance = new Float64Array(DIMENSION * DIMENSION);
  for (let i = 0; i < DIMENSION; i++) {
    covariance[i * DIMENSION + i] = i === 0 ? PRIOR.level : i === 1 ? PRIOR.drift : PRIOR.season;
  }
  const rows = new Float64Array(observations.length * DIMENSION);
  const variances = new Float64Array(observations.length);
  let time = observations[0]?.time ?? 0;
  for (const [index, one] of observations.entries()) {
    pass(covariance, one.time - time, wander);
    if (jumps.includes(one.number)) covariance[0] = covariance[0]! + JUMP;
    time = one.time;
    const row = rows.subarray(index * DIMENSION, (index + 1) * DIMENSION);
    variances[index] = learn(covariance, row, 2 + (one.number % PERIODS), noiseOf(one));
    seen(covariance, index);
  }
  return { rows, variances, covariance };
}

/** Runs the filter; `seen` is told the means after each observation and may read them until it returns. */
export function runFilter(
  observations: readonly PeriodObservation[],
  parameters: Parameters,
  { rows, variances, covariance }: Gains = gainsOf(observations, parameters),
  seen: (mean: Float64Array, index: number) => void = () => {},
): FilterRun {
  const mean = new Float64Array(DIMENSION);
  const errors: number[] = [];
  let logDeterminant = 0;
  let squares = 0;
  let time = observations[0]?.time ?? 0;
  for (const [index, one] of observations.entries()) {
    const y = Math.log(one.value / effectiveDays(one, parameters.restLoad));
    mean[0] = index === 0 ? y : mean[0]! + (one.time - time) * mean[1]!;
    time = one.time;
    const error = y - mean[0]! - mean[2 + (one.number % PERIODS)]!;
    const variance = variances[index]!;
    for (let i = 0; i < DIMENSION; i++) mean[i] = mean[i]! + rows[index * DIMENSION + i]! * error;
    errors.push(error / Math.sqrt(variance));
    logDeterminant += Math.log(variance);
    squares += (error * error) / variance;
    seen(mean, index);
  }
  const { count, deviation, floor } = NOISE_PRIOR;
  const n = observations.length + count;
  const noise = Math.max(floor, Math.sqrt((squares + count * deviation ** 2) / n));
  return {
    logLikelihood: -(logDeterminant + n * Math.log(noise ** 2) + (squares + count * deviation ** 2) / noise ** 2) / 2,
    noise,
    innovations: errors.map((error) => error / noise),
    state: { mean, covariance, time },
  };
}

/** Variance of an observation relative to that of a whole month: more where less time is in it. */
function noiseOf({ number, months }: PeriodObservation): number {
  if (number % PERIODS !== 0) return 1 / months;
  return (months < 2 ? FESTIVAL.half : FESTIVAL.whole) / months;
}

/** Time passes: level and drift become less certain, and the level takes part in the drift's error. */
function pass(covariance: Float64Array, months: number, wander: number): void {
  for (let j = 0; j < DIMENSION; j++) covariance[j] = covariance[j]! + months * covariance[DIMENSION + j]!;
  for (let i = 0; i < DIMENSION; i++) {
    covariance[i * DIMENSION] = covariance[i * DIMENSION]! + months * covariance[i * DIMENSION + 1]!;
  }
  covariance[0] = covariance[0]! + wander * months;
  covariance[DIMENSION + 1] = covariance[DIMENSION + 1]! + DRIFT_WANDER * months;
}

/** One observation of level + season: writes the gain and returns the variance of its error. */
function learn(covariance: Float64Array, gain: Float64Array, season: number, noise: number): number {
  for (let i = 0; i < DIMENSION; i++) gain[i] = covariance[i * DIMENSION]! + covariance[i * DIMENSION + season]!;
  const variance = gain[0]! + gain[season]! + noise;
  for (let i = 0; i < DIMENSION; i++) {
    const share = gain[i]! / variance;
    for (let j = 0; j <= i; j++) {
      const left = covariance[i * DIMENSION + j]! - share * gain[j]!;
      covariance[i * DIMENSION + j] = left;
      covariance[j * DIMENSION + i] = left;
    }
  }
  for (let i = 0; i < DIMENSION; i++) gain[i] = gain[i]! / variance;
  return variance;
}
