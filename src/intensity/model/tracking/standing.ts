import {
  allowedIntensity,
  annualDecline,
  chained,
  neededAnnual,
  progressOf,
  remainingOf,
  totalOfAnnual,
} from './path.js';
import type { Policy } from './policy.js';

type Target = Pick<Policy, 'baseYear' | 'rate' | 'targetYear'>;

/** What is known of one year. */
export interface YearValue {
  readonly year: number;
  /** Intensity of the year; null: not known. */
  readonly value: number | null;
  /** Change on last year restated on this year's set; null: not known. */
  readonly changeOnSameSet: number | null;
  readonly isPreliminary?: boolean;
}

/** One year of the path. */
export interface PathYear {
  readonly year: number;
  /** Allowed intensity as a share of the base year's. */
  readonly allowedIndex: number;
  readonly allowed: number;
  readonly value: number | null;
  /** Whether some of its added value is; left out in publications of earlier releases. */
  readonly isPreliminary?: boolean;
  /** The value that counts against the path: itself, or the base year × the chain of yearly changes. */
  readonly comparable: number | null;
  /** On last year: on one set where that is known, else of the values themselves. */
  readonly change: number | null;
  readonly changeIsOnSameSet: boolean;
  /** `comparable / allowed − 1`. */
  readonly againstPath: number | null;
}

/** The allowed path from the base year to the target year, with what became of it. */
export function pathYears(
  target: Target & Pick<Policy, 'comparison'>,
  base: number,
  known: readonly YearValue[],
): PathYear[] {
  const byYear = new Map(known.map((one) => [one.year, one]));
  const rows: PathYear[] = [];
  const changes: number[] = [];
  let whole = true;
  for (let year = target.baseYear; year <= target.targetYear; year += 1) {
    const { value = null, changeOnSameSet = null, isPreliminary = false } = byYear.get(year) ?? {};
    if (year > target.baseYear) {
      if (changeOnSameSet === null) whole = false;
      else changes.push(changeOnSameSet);
    }
    const allowedIndex = allowedIntensity(1, target.rate, year - target.baseYear);
    const allowed = base * allowedIndex;
    const link = whole ? base * (1 + chained(changes)) : null;
    const comparable = target.comparison === 'chained' ? link : year === target.baseYear ? base : value;
    const before = rows.at(-1)?.value ?? null;
    const ofValues = value !== null && before !== null && before > 0 ? value / before - 1 : null;
    rows.push({
      ...{ year, allowedIndex, allowed, value, isPreliminary, comparable, change: changeOnSameSet ?? ofValues },
      changeIsOnSameSet: changeOnSameSet !== null,
      againstPath: comparable !== null && allowed > 0 ? comparable / allowed - 1 : null,
    });
  }
  return rows;
}

/** The years up to one that have no change on the same set, by which a chain breaks. */
export const brokenLinks = (rows: readonly PathYear[], baseYear: number, upTo: number): string[] =>
  rows
    .filter(({ year, changeIsOnSameSet }) => year > baseYear && year <= upTo && !changeIsOnSameSet)
    .map(({ year }) => `${year}`);

/** Where a scope stands with the value of one year, measured against the whole target. */
export interface Standing {
  readonly year: number;
  readonly value: number;
  readonly allowed: number;
  /** Decline since the base year. */
  readonly achieved: number;
  /** Annual average decline since the base year; null in the base year itself. */
  readonly achievedAnnual: number | null;
  /** Decline that the whole target asks. */
  readonly target: number;
  /** `ln(1 − achieved) / ln(1 − target)`. */
  readonly progress: number | null;
  /** The years of the target that the progress is worth: `progress` × its years. */
  readonly progressYears: number | null;
  /** Share of the target's time that has passed. */
  readonly timeShare: number;
  readonly remaining: number | null;
  readonly yearsLeft: number;
  /** The annual decline now needed in the years that remain. */
  readonly neededAnnual: number | null;
}

/** The standing with `value` in `year`; null where no decline is defined: the base is not above 0, or the value is below 0. */
export function standingOf(target: Target, base: number, value: number, year: number): Standing | null {
  if (!(base > 0) || !(value >= 0)) return null;
  const passed = year - target.baseYear;
  const years = target.targetYear - target.baseYear;
  const achieved = 1 - value / base;
  const whole = totalOfAnnual(target.rate, years);
  const progress = progressOf(achieved, whole);
  return {
    ...{ year, value, allowed: allowedIntensity(base, target.rate, passed), achieved, target: whole, progress },
    achievedAnnual: annualDecline(base, value, passed),
    progressYears: progress === null ? null : progress * years,
    timeShare: passed / years,
    remaining: remainingOf(achieved, whole),
    yearsLeft: years - passed,
    neededAnnual: neededAnnual(achieved, whole, years - passed),
  };
}
