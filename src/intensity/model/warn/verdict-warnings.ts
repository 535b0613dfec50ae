import type { Assessment } from '../assess/assessment.js';
import type { Scope } from '../assess/scope.js';
import { daysIn, type Month, monthText, parseMonth } from '../statistics/period.js';
import { paceOf } from '../tracking/budget.js';
import type { Policy } from '../tracking/policy.js';
import type { Verdict } from '../tracking/verdict.js';
import { type Warning, warningPart } from './warning.js';

/** Beside a threshold the verdict decides, and not the last bits of a division. */
const JUST = 1e-6;

/**
 * By how much the expected decline misses the rate, in % of `rate − riskRate`, so that the thresholds of the verdict are 0
 * and 100 whatever the policy; null where it is not assessable.
 */
export function pathShortfall({ verdict, decline }: Verdict, { rate, riskRate }: Policy): number | null {
  if (verdict === 'not_assessable' || decline === null) return null;
  const tolerated = rate - riskRate;
  // Without a band between the two each missed per cent of the rate counts as much.
  const share = (100 * (rate - decline)) / (tolerated > 0 ? tolerated : rate);
  if (verdict === 'on_track') return Math.min(share, 0);
  if (verdict === 'at_risk') return Math.min(Math.max(share, JUST), 100);
  return Math.max(share, 100 + JUST);
}

/** What a month uses of its allowance, in %. */
interface MonthUse {
  readonly month: string;
  /** Of the whole month's allowance, used so far. */
  readonly usedPct: number;
  /** At the forecast's pace by its end; null of a month that is over, and without a forecast. */
  readonly expectedPct: number | null;
}

/** The months from `first` on that have begun, against what the year's budget allows each. */
export function monthUses({ budget, through }: Assessment['budget'], first: Month): MonthUse[] {
  const last = through === null ? null : parseMonth(through.slice(0, 7));
  if (budget === null || through === null || last === null) return [];
  const day = Number(through.slice(8));
  return budget.months.flatMap((one) => {
    const month = parseMonth(one.month) ?? Number.NaN;
    if (!(month >= first) || one.used === null) return [];
    const days = daysIn(month);
    const isOver = month < last || day >= days;
    // Of a month that runs the budget says what its part so far may take.
    const allowed = isOver ? one.allowed : (one.allowed * days) / day;
    if (!(allowed > 0)) return [];
    const pace = isOver ? null : paceOf(budget);
    return {
      month: one.month,
      usedPct: (100 * one.used) / allowed,
      expectedPct: pace === null ? null : (100 * (one.used + pace * (days - day))) / allowed,
    };
  });
}

interface JudgedYear {
  readonly scope: Scope;
  readonly carrier: string;
  readonly assessment: Assessment;
  /** The year and the month that run. */
  readonly year: number;
  readonly running: Month;
}

/**
 * What an assessment has to warn of. Of last year's it is the budget of December alone, while that is the last month. What is
 * not assessable has blocks, as soon as anything was ever known of both its sides, and leaves shortfall and pace out: they
 * are waited for, silenced by the blocks. What nobody expects a verdict of, such as a park whose set was withdrawn, is not
 * watched: all three are null. So is each that an assessable year does not have, such as the pace of a month just begun.
 */
export function verdictWarnings({ scope, carrier, assessment, year, running }: JudgedYear): Warning[] {
  const { verdict, policy, budget, base, figure } = assessment;
  const [park, names] = placeOf(scope);
  const of = (metric: Warning['metric'], value: number | null, month?: string): Warning[] => [
    { metric, part: warningPart([...names, carrier], month), park, value },
  ];
  const isBlocked = verdict.verdict === 'not_assessable';
  // A budget on a set that is not covered says nothing of it.
  const uses = isBlocked ? [] : monthUses(budget, running - 1);
  const used = uses.flatMap(({ month, usedPct }) => of('month_budget_used_pct', usedPct, month));
  if (assessment.year !== year) return assessment.year === year - 1 ? used : [];
  const isExpected = base?.value != null || (figure?.coverage.counted ?? 0) > 0;
  const now = uses.find(({ month }) => month === monthText(running));
  if (isBlocked && isExpected) return of('path_blocks', Math.max(1, verdict.reasons.length));
  return [
    ...of('path_blocks', isBlocked ? null : 0),
    ...of('path_shortfall_pct', pathShortfall(verdict, policy)),
    ...of('month_budget_expected_pct', now?.expectedPct ?? null),
    ...used,
  ];
}

/** A district or the city is of no one park. */
function placeOf(scope: Scope): [park: string | null, names: readonly string[]] {
  if (scope.kind === 'park') return [scope.id, [scope.id]];
  if (scope.kind === 'enterprise') return [scope.park, [scope.park, scope.id]];
  return [null, scope.kind === 'city' ? ['city', 'all'] : ['district', scope.id]];
}
