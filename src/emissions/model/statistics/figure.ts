import { DAY_MS } from '../../../model/time/duration.js';
import { type Decimal, divideHalfEven } from '../rounding/decimal.js';
import { cubicMetres, exactConcentration, kilograms, massOf } from './amounts.js';
import { SLOT_MS } from './flow.js';
import type { Tally } from './tally.js';

/** How a pollutant is averaged: by flow, or (pH, temperature) as values with their range, which have no mass. */
export const WEIGHTINGS = ['flow', 'range'] as const;
export type Weighting = (typeof WEIGHTINGS)[number];
export const weightingOf = (metric: string): Weighting => (metric.endsWith('_mg_l') ? 'flow' : 'range');

/** Whether enough is valid: of each time with discharge; `no_discharge` where there was none, which is not 0 mg/L. */
export type Effectiveness = 'effective' | 'not_effective' | 'no_discharge';

/** A time within a longer interval of the programme has nothing expected of its own: it is as its interval, whose value it has. */
export function effectivenessOf(tally: Tally, minShare: number): Effectiveness {
  const { expected, valid, volume, measuredVolume, unknownSlots } = tally;
  if (expected > 0) return valid >= minShare * expected ? 'effective' : 'not_effective';
  if (volume === 0n && unknownSlots === 0) return 'no_discharge';
  return measuredVolume > 0n && measuredVolume === volume ? 'effective' : 'not_effective';
}

/**
 * Mass in kg, three ways: in what was measured; with what stands in for the rest; and at worst, the rest at the highest
 * valid hourly mean of the time asked for (or what an instrument at the end of its range showed) and the largest flow.
 */
export interface MassFigure {
  readonly measured: Decimal;
  /** Null where nothing can stand in for a part of it. */
  readonly withSubstitutes: Decimal | null;
  /** Null where nothing was measured in all that time. */
  readonly worst: Decimal | null;
}

/** What a tally says, in units that people read. */
export interface Figure {
  /** Weighted by flow, Σ C·D / Σ D; arithmetic for `range`. Null without a valid value. */
  readonly mean: Decimal | null;
  readonly arithmeticMean: Decimal | null;
  readonly min: Decimal | null;
  readonly max: Decimal | null;
  /** m³ with what stands in for unknown ten minutes, and of it what is known. */
  readonly volume: Decimal;
  readonly knownVolume: Decimal;
  /** Mean over the time, L/s; null over no time. */
  readonly meanFlow: Decimal | null;
  readonly mass: MassFigure | null;
  readonly effectiveness: Effectiveness;
}

const GRID_DIGITS = 8;
const MORE_DIGITS = 12;

/** Reads a tally. @param ms length of its time, for the mean flow */
export function tallyFigure(tally: Tally, weighting: Weighting, ms: number, minShare: number): Figure {
  const { measured, measuredVolume, valueSum, valueCount, volume, estimatedVolume } = tally;
  const onGrid = (value: bigint | null): Decimal | null =>
    value === null ? null : { unscaled: value, digits: GRID_DIGITS };
  const arithmeticMean = valueCount === 0 ? null : exactConcentration(valueSum, BigInt(valueCount), MORE_DIGITS);
  const weighted = measuredVolume === 0n ? null : exactConcentration(measured, measuredVolume, MORE_DIGITS);
  return {
    mean: weighting === 'flow' ? (weighted ?? arithmeticMean) : arithmeticMean,
    arithmeticMean,
    min: onGrid(tally.min),
    max: onGrid(tally.max),
    volume: cubicMetres(volume + estimatedVolume),
    knownVolume: cubicMetres(volume),
    // mL per ms is L/s.
    meanFlow: ms > 0 ? { unscaled: divideHalfEven(volume * 1_000_000n, BigInt(ms)), digits: 6 } : null,
    mass: weighting === 'flow' ? massFigure(tally) : null,
    effectiveness: effectivenessOf(tally, minShare),
  };
}

function massFigure(tally: Tally): MassFigure {
  const { measured, substituted, unsubstituted, unestimatedSlots } = tally;
  const isFilled = unsubstituted === 0n && unestimatedSlots === 0;
  return {
    measured: kilograms(measured),
    withSubstitutes: isFilled ? kilograms(measured + substituted) : null,
    worst: worstMass(tally),
  };
}

function worstMass(tally: Tally): Decimal | null {
  const { measured, volume, measuredVolume, unknownSlots, peakSlot, peakHour, overRange } = tally;
  const rest = volume - measuredVolume + peakSlot * BigInt(unknownSlots);
  if (rest === 0n && unknownSlots === 0) return kilograms(measured);
  const highest = peakHour === null || (overRange !== null && overRange > peakHour) ? overRange : peakHour;
  if (highest === null || (unknownSlots > 0 && peakSlot === 0n)) return null;
  return kilograms(measured + massOf(highest, rest));
}

/** The mean of effective daily means, and how many days there are: a month by HJ 356-2019, from memory. */
export interface MeanOfDays {
  readonly mean: Decimal | null;
  readonly effectiveDays: number;
  /** Days with discharge. */
  readonly days: number;
  readonly isEffective: boolean;
}

/** Arithmetic mean of the effective daily means of a month or a year. */
export function meanOfDays(days: readonly Tally[], weighting: Weighting, minShare: number): MeanOfDays {
  const due = days.filter(({ expected }) => expected > 0);
  const means = due
    .map((day) => tallyFigure(day, weighting, 0, minShare))
    .flatMap(({ mean, effectiveness }) => (effectiveness === 'effective' && mean !== null ? [mean.unscaled] : []));
  const sum = means.reduce((total, mean) => total + mean, 0n);
  const mean = { unscaled: 0n, digits: GRID_DIGITS + MORE_DIGITS };
  return {
    mean: means.length === 0 ? null : { ...mean, unscaled: divideHalfEven(sum, BigInt(means.length)) },
    effectiveDays: means.length,
    days: due.length,
    isEffective: due.length > 0 && means.length >= minShare * due.length,
  };
}

/** A day as substitutes of later days use it; null where it is not effective. */
export function effectiveDayOf(from: number, tally: Tally, weighting: Weighting, minShare: number) {
  const { mean, effectiveness } = tallyFigure(tally, weighting, 0, minShare);
  const slots = BigInt(Math.max(1, dischargingSlots(tally)));
  if (effectiveness !== 'effective' || mean === null) return null;
  return { from, mean: divideHalfEven(mean.unscaled, 10n ** BigInt(MORE_DIGITS)), meanSlot: tally.volume / slots };
}

/** A day of 23 or 25 hours is off by its hour: there is none in China. */
const SLOTS_A_DAY = DAY_MS / SLOT_MS;
const dischargingSlots = ({ idleSlots, unknownSlots }: Tally): number => SLOTS_A_DAY - idleSlots - unknownSlots;
