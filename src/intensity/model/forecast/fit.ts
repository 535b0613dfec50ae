import { PERIODS, type PeriodObservation, type Stretch } from './figures.js';
import { type FilterRun, type Gains, gainsOf, type Parameters, runFilter } from './filter.js';
import { outlook } from './outlook.js';

/** How a forecast made in the past did. */
export interface PastError {
  /** `ln(actual ÷ forecast)` of the sum, in standard deviations that the model gave it. */
  readonly error: number;
  /** 1 for errors that share no month; less where they overlap. */
  readonly weight: number;
}

/** The model of one series. */
interface Fit {
  readonly parameters: Parameters;
  readonly run: FilterRun;
}

const REST_LOADS = [0, 0.25, 0.5, 1];
const FIRST_WANDER = 0.1;
const NO_JUMPS: readonly number[] = [];
const WANDERS = [0.01, 0.08, 0.5, 3];
/** A jump counts where it raises the logarithm of the likelihood by this much, which chance rarely does in a year. */
const JUMP_GAIN = 5;
const MOST_JUMPS = 2;
/** A period is tried as a jump where its standardised innovation is larger than this. */
const SUSPECT = 2;
const MOST_SUSPECTS = 2;
/** Fewest periods that show the season; jumps and forecasts before them mean nothing. */
const SETTLED = PERIODS + 1;

/** The likeliest parameters: load on days off, how much the level wanders, and up to two jumps of the level. */
export function fitModel(observations: readonly PeriodObservation[], restLoads: readonly number[] = REST_LOADS): Fit {
  let best = likeliest(
    observations,
    restLoads.map((restLoad) => ({ restLoad, wander: FIRST_WANDER, jumps: NO_JUMPS })),
  );
  const refine = ({ parameters }: Fit, wanders: readonly number[]) =>
    likeliest(
      observations,
      wanders.map((wander) => ({ ...parameters, wander })),
    );
  best = refine(best, WANDERS);
  while (best.parameters.jumps.length < MOST_JUMPS) {
    const { parameters, run } = best;
    const suspects = observations
      .map(({ number }, i) => ({ number, size: i < SETTLED ? 0 : Math.abs(run.innovations[i]!) }))
      .filter(({ size }) => size > SUSPECT)
      .sort((a, b) => b.size - a.size)
      .slice(0, MOST_SUSPECTS);
    if (suspects.length === 0) break;
    const jumped = refine(
      likeliest(
        observations,
        suspects.map(({ number }) => ({ ...parameters, jumps: [...parameters.jumps, number] })),
      ),
      // What a jump explains, wandering need not.
      WANDERS.filter((wander) => wander <= parameters.wander),
    );
    if (jumped.run.logLikelihood < run.logLikelihood + JUMP_GAIN) break;
    best = jumped;
  }
  return best;
}

function likeliest(observations: readonly PeriodObservation[], candidates: readonly Parameters[]): Fit {
  let gains: Gains | undefined;
  let best: Fit | undefined;
  for (const [i, parameters] of candidates.entries()) {
    const before = candidates[i - 1];
    // Load on days off changes what was observed, not what observing it teaches.
    if (before?.wander !== parameters.wander || before.jumps !== parameters.jumps)
      gains = gainsOf(observations, parameters);
    const run = runFilter(observations, parameters, gains);
    if (!best || run.logLikelihood > best.run.logLikelihood) best = { parameters, run };
  }
  return best!;
}

/**
 * Errors of forecasts of as many months as are open now, as they would have been made after each past period that had a
 * year before it. Forecasts near the end of the history look less far.
 */
export function pastErrors(
  observations: readonly PeriodObservation[],
  { parameters, run }: Fit,
  openMonths: number,
): PastError[] {
  const means: Float64Array[] = [];
  runFilter(observations, parameters, undefined, (mean) => means.push(mean.slice()));
  const errors: PastError[] = [];
  gainsOf(observations, parameters, (covariance, index) => {
    if (index + 1 < SETTLED) return;
    const next: PeriodObservation[] = [];
    for (let months = 0, i = index + 1; i < observations.length && months < openMonths; i++) {
      next.push(observations[i]!);
      months += observations[i]!.months;
    }
    if (next.length === 0) return;
    const stretches: Stretch[] = next.map((one) => ({ ...one, period: one.number % PERIODS }));
    const state = { mean: means[index]!, covariance, time: observations[index]!.time };
    const forecast = outlook(state, stretches, parameters, run.noise);
    const actual = next.reduce((sum, { value }) => sum + value, 0);
    errors.push({
      error: Math.log(actual / forecast.sum) / forecast.deviation,
      weight: 1 / Math.max(1, openMonths),
    });
  });
  return errors;
}
