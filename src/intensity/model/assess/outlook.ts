import { forecastingIntensity, type IntensityForecast, type NoIntensityForecast } from '../forecast/intensity.js';
import { type CalendarCoverage, daysInMonth, type WorkCalendar } from '../forecast/working-time.js';
import type { AddedValues } from '../statistics/added-value.js';
import { type Month, monthOf, monthsFrom, monthText } from '../statistics/period.js';
import type { InSteps } from '../steps.js';
import { type Budget, budgetOf } from '../tracking/budget.js';
import type { Policy } from '../tracking/policy.js';
import type { Reason } from '../tracking/reason.js';
import type { PathYear } from '../tracking/standing.js';
import type { Expected } from '../tracking/verdict.js';
import { addedValueFigures, addedValueIn, type Counted, partialOf, quantityFigures, quantityIn } from './series.js';

/** The year-end forecast of a scope, or why there is none. */
export interface Outlook {
  readonly forecast: IntensityForecast | null;
  /** Why there is no forecast; null when there is one. */
  readonly refusal: NoIntensityForecast | null;
  /** Whether the holidays of the year were known officially. */
  readonly calendar: CalendarCoverage;
  /** Whole months known of the year. */
  readonly quantityMonths: number;
  readonly addedValueMonths: number;
}

interface Known {
  readonly counted: Counted;
  readonly values: AddedValues;
  readonly policy: Policy;
  readonly year: number;
  readonly calendar: WorkCalendar;
}

/** The forecast over the members that count, from all months since the base year in which all of them have figures. */
export function* outlookOf({ counted, values, policy, year, calendar }: Known): InSteps<Outlook> {
  const quantity = quantityFigures(counted, policy.baseYear, year);
  yield;
  const addedValue = addedValueFigures(counted, values, policy.baseYear, year);
  yield;
  const partial = partialOf(counted, year);
  const result = yield* forecastingIntensity({
    quantity: { year, figures: quantity, partial, calendar },
    addedValue: { year, figures: addedValue, calendar },
  });
  const ofYear = (figures: typeof quantity) =>
    figures.filter((one) => one.year === year).reduce((sum, { months = 1 }) => sum + months, 0);
  return {
    forecast: result.forecast,
    refusal: result.forecast === null ? result : null,
    calendar: calendar.coverage(year),
    quantityMonths: ofYear(quantity),
    addedValueMonths: ofYear(addedValue),
  };
}

/** The forecast as the verdict takes it; with a chain it is carried on from the year before. */
export function expectedOf({ counted, values, policy, year }: Known, outlook: Outlook, path: readonly PathYear[]) {
  const { forecast } = outlook;
  if (forecast === null) return null;
  const scale = policy.comparison === 'chained' ? chainScale(counted, values, year, path) : 1;
  if (scale === null) return null;
  const { value, low, high } = forecast;
  const expected: Expected = {
    ...{ kind: 'forecast', value: value * scale },
    interval: { low: low * scale, high: high * scale },
  };
  return expected;
}

/** What turns a value of this year's set into one comparable with the path. */
function chainScale(counted: Counted, values: AddedValues, year: number, path: readonly PathYear[]): number | null {
  const before = path.find((row) => row.year === year - 1)?.comparable ?? null;
  const [first, last] = [monthOf(year - 1, 1), monthOf(year - 1, 12)];
  const addedValue = addedValueIn(counted, values, first, last);
  const quantity = monthsFrom(first, last).map((month) => quantityIn(counted, month));
  if (before === null || addedValue === null || addedValue <= 0 || quantity.includes(null)) return null;
  const restated = quantity.reduce<number>((sum, one) => sum + (one ?? 0), 0) / addedValue;
  return restated > 0 ? before / restated : null;
}

/** The budget of a year, or why there is none. */
export interface BudgetAnswer {
  readonly budget: Budget | null;
  readonly blocks: readonly Reason[];
  /** The last day that counts, `YYYY-MM-DD`; null without a month. */
  readonly through: string | null;
}

/** What the rest of the year may take for the target to hold, over the members that count. */
export function budgetFor(
  known: Known,
  allowed: number | null,
  addedValue: number | null,
  outlook: Outlook | null,
): BudgetAnswer {
  const { counted, year } = known;
  const used = monthsFrom(monthOf(year, 1), monthOf(year, 12)).flatMap((month) => {
    const amount = quantityIn(counted, month);
    return amount === null ? [] : [{ month: monthText(month), amount }];
  });
  const partial = partialOf(counted, year);
  // Shares of a month are sums of divisions: 25.999999 days are 26.
  const days = Math.floor((partial?.elapsedDays ?? 0) + 1e-6);
  const isRunning = partial !== null && days >= 1;
  if (isRunning) used.push({ month: partial.text, amount: partial.value });
  const last = used.at(-1)?.month;
  const day = isRunning ? Math.min(days, daysInMonth(year, partial.month)) : daysInMonth(year, Number(last?.slice(5)));
  const through = last === undefined ? null : `${last}-${String(day).padStart(2, '0')}`;
  if (through === null || allowed === null || addedValue === null) return { budget: null, blocks: [], through };
  const pattern = patternOf(counted, year - 1);
  const expected = outlook?.forecast?.quantity.expected ?? null;
  const left = daysLeft(through);
  const pacePerDay = expected !== null && left > 0 ? expected / left : null;
  return { ...budgetOf({ allowedIntensity: allowed, addedValue, used, through, pattern, pacePerDay }), through };
}

/** Last year's quantity by month; null where a month is missing. */
function patternOf(counted: Counted, year: number): number[] | null {
  const months = monthsFrom(monthOf(year, 1), monthOf(year, 12)).map((month: Month) => quantityIn(counted, month));
  return months.every((amount) => amount !== null) ? months : null;
}

function daysLeft(through: string): number {
  const end = Date.UTC(Number(through.slice(0, 4)), 11, 31);
  return Math.round((end - Date.parse(`${through}T00:00:00Z`)) / 86_400_000);
}
