/**
 * The arithmetic of a target that compounds. Declines and changes are fractions: a decline of 0.05 is −5 %, a change of
 * −0.05 the same. Null stands for what is not defined, such as a decline from 0.
 */

/** What intensity may be `years` after the base year: `base × (1 − rate)^years`, not `1 − rate × years`. */
export const allowedIntensity = (base: number, rate: number, years: number): number => base * (1 - rate) ** years;

/** Annual average decline from `base` to `value` over some years, `1 − (e_n / e_0)^(1/n)`, as the bureaus compute it. */
export function annualDecline(base: number, value: number, years: number): number | null {
  return base > 0 && value >= 0 && years > 0 ? 1 - (value / base) ** (1 / years) : null;
}

/** Change over all years from yearly changes, each on one set of enterprises: `Π(1 + k) − 1`. */
export const chained = (changes: readonly number[]): number =>
  changes.reduce((index, change) => index * (1 + change), 1) - 1;

/** The yearly decline that makes `total` in some years: 17 % in five years are 3.66 % a year. */
export const annualOfTotal = (total: number, years: number): number => 1 - (1 - total) ** (1 / years);

/** The decline after some years of `rate`. */
export const totalOfAnnual = (rate: number, years: number): number => 1 - (1 - rate) ** years;

/**
 * How much of the target is reached: `ln(1 − achieved) / ln(1 − target)`, the bureaus' own measure. Negative where
 * intensity rose, above 1 beyond the target; null where intensity fell to 0 or the target asks nothing.
 */
export function progressOf(achieved: number, target: number): number | null {
  const progress = Math.log(1 - achieved) / Math.log(1 - target);
  return Number.isFinite(progress) ? progress : null;
}

/** Of the target what is still to do: `1 − (1 − target) / (1 − achieved)`; negative when it is overfulfilled. */
export function remainingOf(achieved: number, target: number): number | null {
  return achieved < 1 ? 1 - (1 - target) / (1 - achieved) : null;
}

/** The yearly decline needed in the years that remain, from `remainingOf`; negative: intensity may rise. */
export function neededAnnual(achieved: number, target: number, yearsLeft: number): number | null {
  const remaining = remainingOf(achieved, target);
  return remaining === null || yearsLeft <= 0 ? null : annualOfTotal(remaining, yearsLeft);
}

/** Shares and declines closer than this are equal: sums of many months and roots differ in their last bits. */
const SAME = 1e-9;

/** Whether a share or decline is at least the threshold. */
export const isAtLeast = (value: number, threshold: number): boolean => value >= threshold - SAME;
