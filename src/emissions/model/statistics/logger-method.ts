import { divideHalfEven } from '../rounding/decimal.js';
import { concentrationOf, massOf, toGrid, toMillilitres } from './amounts.js';
import type { Tally } from './tally.js';

/**
 * How a logger comes to the mass of its hours and days: `mass_summed` adds up the mass of the parts and divides by the
 * volume; `mean_times_flow` takes the plain mean of the parts times the volume. Both write 0 without flow.
 */
export const LOGGER_METHODS = ['mass_summed', 'mean_times_flow'] as const;
export type LoggerMethod = (typeof LOGGER_METHODS)[number];

/** What a logger says of an hour or a day. */
export interface LoggerFigure {
  /** mg/L. */
  readonly mean: number;
  /** kg; left out where it gives none. */
  readonly mass?: number;
}

/** By what factor the logger's figure may differ from ours for rounding alone, plus half its last printed digit. */
export interface LoggerTolerance {
  readonly share: number;
  /** mg/L, and kg. */
  readonly mean: number;
  readonly mass: number;
}

/** What the parts come to by one method: concentration on the grid, and mass; zero without flow. */
export function byLoggerMethod(parts: readonly Tally[], method: LoggerMethod) {
  const measured = parts.filter(({ measuredVolume }) => measuredVolume > 0n);
  const volume = measured.reduce((sum, part) => sum + part.measuredVolume, 0n);
  if (volume === 0n) return { mean: 0n, mass: 0n };
  if (method === 'mass_summed') {
    const mass = measured.reduce((sum, part) => sum + part.measured, 0n);
    return { mean: concentrationOf(mass, volume), mass };
  }
  const sum = measured.reduce((total, part) => total + concentrationOf(part.measured, part.measuredVolume), 0n);
  const mean = divideHalfEven(sum, BigInt(measured.length));
  return { mean, mass: massOf(mean, volume) };
}

/** Whether a method explains what the logger says of the parts, within the tolerance. */
export function explains(
  parts: readonly Tally[],
  said: LoggerFigure,
  method: LoggerMethod,
  tolerance: LoggerTolerance,
): boolean {
  const { mean, mass } = byLoggerMethod(parts, method);
  if (!isNear(toGrid(said.mean), mean, toGrid(tolerance.mean), tolerance.share)) return false;
  // 1 kg is 1 mg/L in 1000 m³.
  const kg = (value: number) => massOf(toGrid(value), toMillilitres(1000));
  return said.mass === undefined || isNear(kg(said.mass), mass, kg(tolerance.mass), tolerance.share);
}

/** Which method explains it; the logger's usual one first, null where none does: that difference is to be looked into. */
export function explainingMethod(
  parts: readonly Tally[],
  said: LoggerFigure,
  usual: LoggerMethod,
  tolerance: LoggerTolerance,
): LoggerMethod | null {
  const methods = [usual, ...LOGGER_METHODS.filter((method) => method !== usual)];
  return methods.find((method) => explains(parts, said, method, tolerance)) ?? null;
}

function isNear(said: bigint, own: bigint, allowed: bigint, share: number): boolean {
  const difference = said > own ? said - own : own - said;
  const scaled = BigInt(Math.round(share * 1e6));
  return difference * 1_000_000n <= allowed * 1_000_000n + own * scaled;
}
