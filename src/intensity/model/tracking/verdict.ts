import type { YearComparison } from './comparison.js';
import type { IntensityFigure, TrackedUnit } from './figure.js';
import { annualDecline, isAtLeast } from './path.js';
import type { Policy } from './policy.js';
import { type Reason, reason } from './reason.js';
import { brokenLinks, type PathYear, type Standing, standingOf } from './standing.js';

/** What a year may be judged as; see `judgeYear`. */
export const VERDICTS = ['on_track', 'at_risk', 'off_track', 'not_assessable'] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** What the year is expected to end at, or has ended at. */
export interface Expected {
  readonly kind: 'forecast' | 'actual';
  /** Comparable with the path: with a chain, the base year × its changes. */
  readonly value: number;
  /** The 80 % interval of a forecast; null without one. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** What a year is judged by. */
export interface VerdictFacts {
  readonly policy: Policy;
  readonly year: number;
  readonly unit: TrackedUnit;
  /** The figure of the base year. */
  readonly base: IntensityFigure | null;
  /** What the year's verdict rests on: the whole year, or the months so far. */
  readonly figure: IntensityFigure | null;
  readonly expected: Expected | null;
  /** From `pathYears`, up to this year at least. */
  readonly path: readonly PathYear[];
  /** Months so far against the same months of last year. */
  readonly comparison: YearComparison | null;
}

/** The verdict on one year of a scope, with why. Declines and shares are fractions. */
export interface Verdict {
  readonly verdict: VerdictName;
  readonly year: number;
  readonly allowed: number | null;
  readonly expected: Expected | null;
  /** Expected annual decline from the base year to this year: what the verdict goes by. */
  readonly decline: number | null;
  /** `expected / allowed − 1`. */
  readonly againstPath: number | null;
  /** Where the scope would stand at the end of the year. */
  readonly standing: Standing | null;
  /** Why, the most weighty first; of `not_assessable` what is missing. */
  readonly reasons: readonly Reason[];
  /** What a reader has to know beside it. */
  readonly notes: readonly Reason[];
}

/**
 * The verdict on a year by its expected annual decline since the base year: at least `rate` on track, at least
 * `riskRate` at risk, below off track. Full values are compared, not rounded ones (GB/T 8170, 全数值比较法), so that the
 * path itself is on track and 4.996 % is not. What is missing makes it not assessable; the numbers beside that are for information.
 */
export function judgeYear(facts: VerdictFacts): Verdict {
  const { policy, year, base, figure, expected } = facts;
  const baseValue = base?.value ?? null;
  const usable = baseValue !== null && baseValue > 0 && expected !== null;
  const row = facts.path.find((one) => one.year === year);
  const allowed = row?.allowed ?? null;
  const years = year - policy.baseYear;
  const decline = usable ? annualDecline(baseValue, expected.value, years) : null;
  const against = expected !== null && allowed !== null && allowed > 0 ? expected.value / allowed - 1 : null;
  const standing = usable ? standingOf(policy, baseValue, expected.value, year) : null;
  const blocks = blocksOf(facts);
  const isAssessable = blocks.length === 0 && decline !== null;
  return {
    verdict: isAssessable ? byDecline(decline, policy) : 'not_assessable',
    ...{ year, allowed, expected, decline, againstPath: against, standing },
    reasons: isAssessable ? reasonsOf(facts, decline, allowed ?? 0, standing) : blocks,
    notes: [...(base?.notes ?? []), ...(base === figure ? [] : (figure?.notes ?? []))],
  };
}

function byDecline(decline: number, { rate, riskRate }: Policy): VerdictName {
  if (isAtLeast(decline, rate)) return 'on_track';
  return isAtLeast(decline, riskRate) ? 'at_risk' : 'off_track';
}

function blocksOf({ policy, year, base, figure, expected, path }: VerdictFacts): Reason[] {
  const blocks: Reason[] = [];
  if (year <= policy.baseYear) blocks.push(reason('not_after_base_year', { year: policy.baseYear }));
  if (base === null || base.value === null || base.value <= 0) {
    blocks.push(reason('base_year_missing', { year: policy.baseYear }));
  }
  blocks.push(...(base?.blocks ?? []), ...(base === figure ? [] : (figure?.blocks ?? [])));
  if (expected === null) blocks.push(reason('nothing_expected', { year }));
  if (policy.comparison === 'chained') {
    // The expected value brings its own change of the year that still runs.
    const broken = brokenLinks(path, policy.baseYear, expected?.kind === 'actual' ? year : year - 1);
    if (broken.length > 0) blocks.push(reason('chain_broken', { list: broken }));
  }
  return blocks;
}

function reasonsOf(
  { policy, year, unit, expected, path, comparison }: VerdictFacts,
  decline: number,
  allowed: number,
  standing: Standing | null,
): Reason[] {
  const reasons: Reason[] = [];
  if (expected === null) return reasons;
  const within = isAtLeast(decline, policy.rate);
  const { value, interval } = expected;
  const { rate } = policy;
  reasons.push(
    reason(within ? 'expected_within_path' : 'expected_above_path', {
      ...{ unit, year, rate, decline, allowed, expected: value },
      ...{ over: value / allowed - 1, years: year - policy.baseYear },
    }),
  );
  if (interval !== null) {
    const { low, high } = interval;
    const code = low > allowed ? 'interval_above' : high <= allowed ? 'interval_within' : 'interval_straddles';
    reasons.push(reason(code, { unit, low, high, allowed }));
  }
  if (comparison?.change != null) {
    const { current, previous, change } = comparison;
    const values = { current: current.value, previous: previous.value };
    reasons.push(reason('year_to_date', { unit, from: current.first, to: current.last, change, ...values }));
  }
  const before = path.find((one) => one.year === year - 1)?.comparable ?? null;
  if (before !== null && before > 0 && expected.kind === 'forecast') {
    reasons.push(reason('change_needed_this_year', { year, change: allowed / before - 1 }));
  }
  const needed = standing?.neededAnnual ?? null;
  if (standing !== null && needed !== null && standing.yearsLeft > 0) {
    const afterwards = { years: standing.yearsLeft, decline: needed };
    reasons.push(
      needed > 0
        ? reason('needed_afterwards', afterwards)
        : reason('target_already_met', { ...afterwards, year: policy.targetYear }),
    );
  }
  return reasons;
}
