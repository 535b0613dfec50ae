import type { ResultPoint, ResultSpan, ResultTags } from '../../historian/port/results.js';
import type { TimeZone } from '../../model/time/zone.js';
import { monthSpan } from '../local-months.js';
import type { Assessment } from '../model/assess/assessment.js';
import type { MonthRow } from '../model/assess/months.js';
import type { Tracked } from '../model/assess/quantity-book.js';
import { type Month, monthOf, parseMonth } from '../model/statistics/period.js';
import type { BudgetMonth } from '../model/tracking/budget.js';
import type { PathYear } from '../model/tracking/standing.js';
import { VERDICTS } from '../model/tracking/verdict.js';

/** Figures of which some are not known. */
type Figures = Readonly<Record<string, number | string | null | undefined>>;

interface IntensityFacts {
  /** `district`, `level`, `park`, `scope` of the scope. */
  readonly place: ResultTags;
  readonly carrier: Tracked;
  readonly year: number;
  readonly assessment: Assessment;
  /** Whether the year is the current one: then its path from the base year to the target year counts. */
  readonly isRunning: boolean;
  readonly zone: TimeZone;
}

/**
 * An assessment as results: one point of the year, one of each of its months, and, of the year that runs, one of each
 * year of the path. What the year had before and has no longer is gone with it.
 */
export function intensitySpans(facts: IntensityFacts): ResultSpan[] {
  const { assessment, year, zone, isRunning } = facts;
  const from = startOf(zone, monthOf(year, 1));
  // What a clock that was ahead has left behind the year that runs is gone too.
  const span = { from, to: isRunning ? Number.POSITIVE_INFINITY : startOf(zone, monthOf(year + 1, 1)) };
  const of = (period: string, points: readonly (ResultPoint | null)[], within = span): ResultSpan => ({
    measurement: 'intensity',
    tags: { ...facts.place, carrier: facts.carrier, period },
    points: points.filter((point) => point !== null),
    ...within,
  });
  const always = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  const path = assessment.path.map((row) =>
    pointAt(startOf(zone, monthOf(row.year, 1)), pathFigures(row, assessment.unit)),
  );
  return [
    of('month', monthPoints(assessment, zone)),
    of('year', [pointAt(from, yearFigures(facts))]),
    ...(isRunning ? [of('path', path, always)] : []),
  ];
}

/** The same spans, their points of the year with that version of the publications. */
export const withPublication = (spans: readonly ResultSpan[], version: number): readonly ResultSpan[] =>
  spans.map((span) =>
    span.tags.period === 'year'
      ? { ...span, points: span.points.map(({ ts, values }) => ({ ts, values: { ...values, version } })) }
      : span,
  );

/** Null where nothing is known but the unit. */
export function pointAt(ts: number, figures: Figures): ResultPoint | null {
  const known = Object.entries(figures).filter((one): one is [string, number | string] => {
    const [, value] = one;
    return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string';
  });
  return known.every(([name]) => name === 'unit') ? null : { ts, values: Object.fromEntries(known) };
}

function yearFigures({ assessment }: IntensityFacts): Figures {
  const { figure, isWhole, verdict, achieved, comparison, budget, unit } = assessment;
  // Without any data of the scope there is no verdict to show.
  if (figure === null || figure.set.length === 0) return {};
  const { expected } = verdict;
  const forecast = expected?.kind === 'forecast' ? expected : null;
  const standing = achieved ?? verdict.standing;
  return {
    ...{ unit, verdict: verdict.verdict, verdict_code: VERDICTS.indexOf(verdict.verdict) },
    [isWhole ? 'intensity' : 'intensity_to_date']: figure.value,
    ...{ allowed: verdict.allowed, against_path: verdict.againstPath, change: comparison?.change },
    comparable: expected?.kind === 'actual' ? expected.value : null,
    ...{ forecast: forecast?.value, forecast_low: forecast?.interval?.low, forecast_high: forecast?.interval?.high },
    ...{ achieved: standing?.achievedAnnual, needed: standing?.neededAnnual, progress: standing?.progress },
    ...{ budget_allowed: budget.budget?.allowed, budget_used: budget.budget?.used },
    ...{ budget_left: budget.budget?.left, budget_per_day: budget.budget?.perDay },
    ...{ quantity: figure.quantity, added_value: figure.addedValue, coverage: figure.coverage.share },
    ...{ completeness: figure.completeness, estimated_share: figure.estimatedShare, filled_share: figure.filledShare },
  };
}

function monthPoints({ months, budget, verdict, unit }: Assessment, zone: TimeZone): (ResultPoint | null)[] {
  const rows = new Map<Month, Figures>();
  for (const one of budget.budget?.months ?? []) rows.set(parseMonth(one.month) ?? 0, budgetFigures(one));
  for (const row of months) {
    const month = parseMonth(row.first) ?? 0;
    rows.set(month, { ...rows.get(month), ...monthFigures(row), allowed: verdict.allowed });
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([month, figures]) => pointAt(startOf(zone, month), { ...figures, unit }));
}

const budgetFigures = ({ allowed, used, overSoFar }: BudgetMonth): Figures => ({
  ...{ budget_allowed: allowed, budget_used: used, budget_over: overSoFar },
});

/** Of January and February as one, in January; `months` says so. The month that runs has its days so far. */
const monthFigures = (row: MonthRow): Figures => ({
  ...{ intensity: row.intensity, change: row.change, quantity: row.quantity, added_value: row.addedValue },
  ...{ completeness: row.completeness, estimated_share: row.estimatedShare, filled_share: row.filledShare },
  months: (parseMonth(row.last) ?? 0) - (parseMonth(row.first) ?? 0) + 1,
});

const pathFigures = ({ allowed, value, comparable, change, againstPath }: PathYear, unit: string): Figures => ({
  ...{ unit, allowed, intensity: value, comparable, change, against_path: againstPath },
});

const startOf = (zone: TimeZone, month: Month): number => monthSpan(zone, month).from;
