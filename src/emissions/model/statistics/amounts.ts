import { type Decimal, divideHalfEven } from '../rounding/decimal.js';

/**
 * Amounts are whole numbers, so that sums are exact in any order and a city is the sum of its outlets to the last digit:
 * concentrations (and pH) in 10⁻⁸ of their unit, volumes in mL, masses as their product.
 */
const CONCENTRATION_DIGITS = 8;
const ML_PER_M3 = 1_000_000n;
/** mg/L × mL is µg; with eight digits of the concentration, 10⁻¹⁷ kg. */
const MASS_DIGITS = 17;

/** Largest number that still has eight exact digits behind the point. */
export const MAX_CONCENTRATION = 1e7;

/** A value in 10⁻⁸ of its unit. */
export const toGrid = (value: number): bigint => BigInt(Math.round(value * 10 ** CONCENTRATION_DIGITS));
export const ofGrid = (unscaled: bigint): Decimal => ({ unscaled, digits: CONCENTRATION_DIGITS });

/** m³ to mL. */
export const toMillilitres = (m3: number): bigint => BigInt(Math.round(m3 * Number(ML_PER_M3)));
/** m³, exactly. */
export const cubicMetres = (millilitres: bigint): Decimal => ({ unscaled: millilitres, digits: 6 });
/** Mean flow over a time in L/s to mL (HJ 212-2017, D.1: Q · ΔT · 10⁻³ m³). */
export const millilitresOfFlow = (litresPerSecond: number, ms: number): bigint =>
  BigInt(Math.round(litresPerSecond * ms));

/** Mass of a concentration (mg/L, on the grid) in a volume (mL): C · D · 10⁻³ kg. */
export const massOf = (concentration: bigint, millilitres: bigint): bigint => concentration * millilitres;
export const kilograms = (mass: bigint): Decimal => ({ unscaled: mass, digits: MASS_DIGITS });
/** Concentration of a mass in a volume above 0, on the grid, half to even. */
export const concentrationOf = (mass: bigint, millilitres: bigint): bigint => divideHalfEven(mass, millilitres);
/** Concentration of a mass in a volume with `more` digits behind those of the grid: 20 tell any two means apart. */
export const exactConcentration = (mass: bigint, millilitres: bigint, more = 12): Decimal => ({
  unscaled: divideHalfEven(mass * 10n ** BigInt(more), millilitres),
  digits: CONCENTRATION_DIGITS + more,
});
