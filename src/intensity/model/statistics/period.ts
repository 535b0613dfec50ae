/**
 * A calendar month of the city, counted from year 0: `year * 12 + (0…11)`. Its text is `YYYY-MM`. Statistics know no
 * finer time, so no zone is needed here.
 */
export type Month = number;

/**
 * What a statistic covers. `jan_feb` is January and February as one figure, as the bureau publishes them because the
 * Spring Festival moves between the two.
 */
const PERIOD_KINDS = ['month', 'jan_feb', 'quarter', 'year'] as const;
export type PeriodKind = (typeof PERIOD_KINDS)[number];

/** Whole months, first to last, both within it. */
export interface StatPeriod {
  readonly kind: PeriodKind;
  readonly first: Month;
  readonly last: Month;
}

const FIRST_YEAR = 1980;
const LAST_YEAR = 2199;
/** The texts of periods, for messages. */
export const PERIOD_FORMS = '2026-03, 2026-01/02 (January and February as one), 2026-Q3 or 2026';

/** The month of a year, 1 to 12, as a `Month`. */
export const monthOf = (year: number, monthOfYear: number): Month => year * 12 + monthOfYear - 1;
export const yearOf = (month: Month): number => Math.floor(month / 12);

/** The text of every month that may be given, written once because figures ask for it very often. */
const MONTH_TEXTS = Array.from({ length: (LAST_YEAR - FIRST_YEAR + 1) * 12 }, (_, i) =>
  writtenMonth(monthOf(FIRST_YEAR, 1) + i),
);

/** A month as `YYYY-MM`. */
export const monthText = (month: Month): string => MONTH_TEXTS[month - monthOf(FIRST_YEAR, 1)] ?? writtenMonth(month);

function writtenMonth(month: Month): string {
  return `${String(yearOf(month)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** Days of the month in the Gregorian calendar. */
export const daysIn = (month: Month): number => new Date(Date.UTC(yearOf(month), (month % 12) + 1, 0)).getUTCDate();

export const monthPeriod = (month: Month): StatPeriod => ({ kind: 'month', first: month, last: month });
export const yearPeriod = (year: number): StatPeriod => ({
  kind: 'year',
  first: monthOf(year, 1),
  last: monthOf(year, 12),
});

/** `YYYY-MM` of a year from 1980 to 2199; null for any other text. */
export function parseMonth(text: string): Month | null {
  const period = parsePeriod(text);
  return period?.kind === 'month' ? period.first : null;
}

/** Periods by the texts that were parsed; a year has 18 texts. */
const periods = new Map<string, StatPeriod>();

/** One of `PERIOD_FORMS`; null for any other text. */
export function parsePeriod(text: string): StatPeriod | null {
  const known = periods.get(text);
  if (known !== undefined) return known;
  const period = readPeriod(text);
  if (period !== null) periods.set(text, period);
  return period;
}

function readPeriod(text: string): StatPeriod | null {
  const [, yearDigits, monthDigits, joint, quarterDigit] = /^(\d{4})(?:-(\d\d)(\/02)?|-Q([1-4]))?$/.exec(text) ?? [];
  const year = Number(yearDigits);
  if (yearDigits === undefined || year < FIRST_YEAR || year > LAST_YEAR) return null;
  if (quarterDigit !== undefined) {
    const first = monthOf(year, Number(quarterDigit) * 3 - 2);
    return { kind: 'quarter', first, last: first + 2 };
  }
  if (monthDigits === undefined) return yearPeriod(year);
  const month = Number(monthDigits);
  if (joint !== undefined) {
    return month === 1 ? { kind: 'jan_feb', first: monthOf(year, 1), last: monthOf(year, 2) } : null;
  }
  return month >= 1 && month <= 12 ? monthPeriod(monthOf(year, month)) : null;
}

/** The text that `parsePeriod` reads. */
export function periodText({ kind, first }: StatPeriod): string {
  const year = monthText(first).slice(0, 4);
  if (kind === 'year') return year;
  if (kind === 'quarter') return `${year}-Q${Math.floor((first % 12) / 3) + 1}`;
  return kind === 'jan_feb' ? `${year}-01/02` : monthText(first);
}

/** The same period some years later; years may be negative. */
export const yearsLater = ({ kind, first, last }: StatPeriod, years: number): StatPeriod => ({
  kind,
  first: first + years * 12,
  last: last + years * 12,
});

/** Whether two periods share a month. */
export const overlaps = (a: StatPeriod, b: StatPeriod): boolean => a.first <= b.last && b.first <= a.last;

/** The months from first to last, both included. */
export const monthsFrom = (first: Month, last: Month): Month[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

/**
 * What a period is made of where it is not published itself: a year of quarters, the first quarter of January–February
 * and March, January–February of two months. A month has no parts.
 */
export function partsOf({ kind, first }: StatPeriod): readonly StatPeriod[] {
  if (kind === 'year') {
    return [0, 3, 6, 9].map((offset) => ({ kind: 'quarter', first: first + offset, last: first + offset + 2 }));
  }
  if (kind === 'jan_feb') return [monthPeriod(first), monthPeriod(first + 1)];
  if (kind === 'month') return [];
  return first % 12 === 0
    ? [{ kind: 'jan_feb', first, last: first + 1 }, monthPeriod(first + 2)]
    : monthsFrom(first, first + 2).map(monthPeriod);
}
