import { NORMAL_90 } from './distribution.js';
import { type MonthFigure, observationsOf, openParts, orderedFigures, type PartialMonth } from './figures.js';
import { type ProjectionBasis, project } from './projection.js';
import { daysInMonth, type WorkCalendar } from './working-time.js';

/** What a year-end forecast is made from. */
export interface ForecastInput {
  readonly year: number;
  /** Monthly history and the whole months known of the year, in any order; what is later than the year is not looked at. */
  readonly figures: readonly MonthFigure[];
  readonly partial?: PartialMonth | null;
  readonly calendar: WorkCalendar;
  /**
   * Standard error of what is known of the year relative to it, for preliminary statistics and estimated readings; 0
   * where it is final.
   */
  readonly knownError?: number;
}

/** Why there is no forecast. */
export interface NoForecast {
  readonly forecast: null;
  readonly reason: 'too_few_months' | 'not_positive' | 'history_ends_too_early';
  readonly zh: string;
  readonly en: string;
}

/** A year's sum as expected at its end, in the unit of the figures. */
export interface YearForecast {
  readonly year: number;
  readonly value: number;
  /** An 80 % interval: one outcome of ten lies below `low`, one above `high`. */
  readonly low: number;
  readonly high: number;
  /** What of it is known, and what is still expected; they sum to `value`. */
  readonly known: number;
  readonly expected: number;
  /** The 12 months; January and February stand in January where they are known as one. They sum to `value`. */
  readonly months: readonly ForecastMonth[];
  /** Years whose holidays the calendar does not know: they were taken as in the last years known. */
  readonly calendarYearsNotCovered: readonly number[];
  /** Half the width of the interval of `expected`, as a logarithm; 0 where nothing is. */
  readonly expectedHalf: number;
  /** Whole months of history and of the year that it rests on. */
  readonly monthsKnown: number;
  /** Null where nothing had to be forecast. */
  readonly basis: ProjectionBasis | null;
}

interface ForecastMonth {
  readonly month: number;
  readonly known: number;
  readonly expected: number;
}

/** Fewest months that show a season. */
export const FEWEST_MONTHS = 13;
const LONGEST_GAP_MONTHS = 12;

/**
 * Forecasts a year's sum of energy (tce), discharge (t) or added value (10⁴ CNY) from monthly figures. The method, its
 * interval and their proof are in docs/decisions/007-year-end-forecast.md. A year of which all is known needs none: its
 * sum is returned.
 * @throws RangeError that names what is wrong in a figure, the part of a month or `knownError`
 */
export function forecastYear(input: ForecastInput): { readonly forecast: YearForecast } | NoForecast {
  const { year, partial = null, calendar, knownError = 0 } = input;
  if (!(knownError >= 0 && knownError < 1)) throw new RangeError('knownError has to be from 0 to below 1');
  const figures = orderedFigures(input.figures).filter((one) => one.year <= year);
  checkPartial(partial, figures, year);
  const open = openParts(figures, year, partial, calendar);
  const monthsKnown = figures.reduce((sum, { months = 1 }) => sum + months, 0);
  const refusal = open.length > 0 ? refusalOf(figures, monthsKnown, year, open[0]!.month) : null;
  if (refusal) return refusal;

  const projection = open.length > 0 ? project(observationsOf(figures, year, partial, calendar), open) : null;
  const months = Array.from({ length: 12 }, (_, i) => {
    const month = i + 1;
    const figure = figures.find((one) => one.year === year && one.month === month);
    const part = partial?.month === month ? partial.value : 0;
    const at = open.findIndex((one) => one.month === month);
    return { month, known: figure?.value ?? part, expected: projection?.values[at] ?? 0 };
  });
  const known = months.reduce((sum, one) => sum + one.known, 0);
  const expected = months.reduce((sum, one) => sum + one.expected, 0);
  const half = projection?.half ?? 0;
  const error = NORMAL_90 * knownError * Math.abs(known);
  const forecast: YearForecast = {
    ...{ year, value: known + expected, known, expected, expectedHalf: half, months, monthsKnown },
    low: known + expected - Math.hypot(expected * (1 - Math.exp(-half)), error),
    high: known + expected + Math.hypot(expected * (Math.exp(half) - 1), error),
    calendarYearsNotCovered: projection ? notCovered(figures, year, calendar) : [],
    basis: projection?.basis ?? null,
  };
  return { forecast };
}

function notCovered(figures: readonly MonthFigure[], year: number, calendar: WorkCalendar): number[] {
  const years = [...new Set([...figures.map((one) => one.year), year])];
  return years.filter((one) => calendar.coverage(one) !== 'official');
}

function checkPartial(partial: PartialMonth | null, figures: readonly MonthFigure[], year: number): void {
  if (!partial) return;
  const { month, elapsedDays, value } = partial;
  if (!Number.isInteger(month) || month < 1 || month > 12) throw new RangeError('the running month is no month');
  if (!(elapsedDays > 0 && elapsedDays <= daysInMonth(year, month)) || !Number.isFinite(value)) {
    throw new RangeError('the running month has no part of its days elapsed, or no finite value');
  }
  const isKnown = figures.some(
    (one) => one.year === year && one.month <= month && month < one.month + (one.months ?? 1),
  );
  if (isKnown) throw new RangeError(`month ${month} is there as a whole and in part`);
}

function refusalOf(
  figures: readonly MonthFigure[],
  months: number,
  year: number,
  firstOpen: number,
): NoForecast | null {
  const refusal = (reason: NoForecast['reason'], zh: string, en: string) => ({ forecast: null, reason, zh, en });
  if (months < FEWEST_MONTHS) {
    return refusal(
      'too_few_months',
      `只有 ${months} 个月的数据，预测至少需要 ${FEWEST_MONTHS} 个月`,
      `${months} months are known, a forecast needs ${FEWEST_MONTHS}`,
    );
  }
  const empty = figures.filter(({ value }) => value <= 0);
  if (empty.length > 0) {
    const names = empty.map((one) => `${one.year}-${String(one.month).padStart(2, '0')}`);
    const text = names.length > 3 ? `${names.slice(0, 3).join(', ')} …` : names.join(', ');
    return refusal('not_positive', `${text} 的数值不大于零，无法预测`, `values of ${text} are not above zero`);
  }
  const last = figures.at(-1)!;
  const gap = year * 12 + firstOpen - (last.year * 12 + last.month + (last.months ?? 1));
  if (gap <= LONGEST_GAP_MONTHS) return null;
  const end = `${last.year}-${String(last.month).padStart(2, '0')}`;
  return refusal(
    'history_ends_too_early',
    `数据止于 ${end}，距预测期超过 ${LONGEST_GAP_MONTHS} 个月`,
    `the history ends in ${end}, more than ${LONGEST_GAP_MONTHS} months before what is to be forecast`,
  );
}
