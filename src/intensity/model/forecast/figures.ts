import { daysInMonth, type WorkCalendar, type WorkingTime, workingTime } from './working-time.js';

/** What one whole month came to, in any unit. `months: 2` with month 1 is January and February as one figure. */
export interface MonthFigure {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly months?: 1 | 2;
  readonly value: number;
}

/** What the running month came to so far. */
export interface PartialMonth {
  /** 1 to 12, of the year that is forecast. */
  readonly month: number;
  /** Days from the start of the month to the last reading, a fraction for part of a day. */
  readonly elapsedDays: number;
  readonly value: number;
}

/**
 * What is known of one period. A year has 11: January and February are one, because the Spring Festival moves between
 * them and the statistics publish them together; then March to December.
 */
export interface PeriodObservation extends WorkingTime {
  /** 11 · year + period, so that neighbours differ by 1. */
  readonly number: number;
  /** Its middle, in months since the year 0. */
  readonly time: number;
  /** Months of data in it: up to 2 for January and February, less than 1 for a part. */
  readonly months: number;
  readonly value: number;
}

/** A stretch to be forecast: a month, a period, or the rest of one. */
export interface Stretch extends WorkingTime {
  /** 0 to 10. */
  readonly period: number;
  /** Its middle, in months since the year 0. */
  readonly time: number;
  /** Months in it, above 0; the fewer, the noisier. */
  readonly months: number;
}

/** A month, or the rest of one, that is still to be forecast. */
interface OpenPart extends Stretch {
  readonly month: number;
}

/** Periods of a year: January and February as one, then each month. */
export const PERIODS = 11;
/** Periods of a year by month, 1 to 12. */
const periodOf = (month: number) => Math.max(0, month - 2);
const monthNumber = (year: number, month: number) => year * 12 + month - 1;

/**
 * Checks figures and brings them into order.
 * @throws RangeError that names the month: no such month, no finite number, a month twice, two months as one elsewhere
 *   than in January
 */
export function orderedFigures(figures: readonly MonthFigure[]): MonthFigure[] {
  const ordered = [...figures].sort((a, b) => monthNumber(a.year, a.month) - monthNumber(b.year, b.month));
  let taken = Number.NEGATIVE_INFINITY;
  for (const { year, month, months = 1, value } of ordered) {
    const name = `${year}-${String(month).padStart(2, '0')}`;
    if (!Number.isInteger(year) || !Number.isInteger(month) || month < 1 || month > 12) {
      throw new RangeError(`${name} is no month`);
    }
    if (months === 2 && month !== 1) throw new RangeError(`${name}: only January and February come as one`);
    if (!Number.isFinite(value)) throw new RangeError(`${name}: the value has to be a finite number`);
    if (monthNumber(year, month) <= taken) throw new RangeError(`${name} is there twice`);
    taken = monthNumber(year, month) + months - 1;
  }
  return ordered;
}

/** Observations by period, rising; figures in the order of `orderedFigures`, all positive. */
export function observationsOf(
  figures: readonly MonthFigure[],
  year: number,
  partial: PartialMonth | null,
  calendar: WorkCalendar,
): PeriodObservation[] {
  const observations: PeriodObservation[] = [];
  const add = (one: Omit<PeriodObservation, 'time'>, middle: number) => {
    const last = observations.at(-1);
    if (last?.number !== one.number) {
      observations.push({ ...one, time: middle });
      return;
    }
    const months = last.months + one.months;
    observations[observations.length - 1] = {
      ...{ number: one.number, months, value: last.value + one.value },
      ...{ days: last.days + one.days, worked: last.worked + one.worked },
      time: (last.time * last.months + middle * one.months) / months,
    };
  };
  for (const { year: of, month, months = 1, value } of figures) {
    const first = workingTime(calendar, of, month);
    const second = months === 2 ? workingTime(calendar, of, 2) : { days: 0, worked: 0 };
    const time = { days: first.days + second.days, worked: first.worked + second.worked };
    add({ ...time, number: of * PERIODS + periodOf(month), months, value }, monthNumber(of, month) + months / 2);
  }
  if (partial) {
    const { month, elapsedDays, value } = partial;
    const share = elapsedDays / daysInMonth(year, month);
    const time = workingTime(calendar, year, month, elapsedDays);
    // A part in which nobody worked says nothing of a working day.
    if (time.worked > 0 && value > 0) {
      add(
        { ...time, number: year * PERIODS + periodOf(month), months: share, value },
        monthNumber(year, month) + share / 2,
      );
    }
  }
  return observations;
}

/** Months of the year that no figure covers, and the rest of the running one. */
export function openParts(
  figures: readonly MonthFigure[],
  year: number,
  partial: PartialMonth | null,
  calendar: WorkCalendar,
): OpenPart[] {
  const known = new Set(
    figures.filter((one) => one.year === year).flatMap(({ month, months }) => (months === 2 ? [1, 2] : [month])),
  );
  return Array.from({ length: 12 }, (_, i) => i + 1)
    .filter((month) => !known.has(month))
    .map((month) => {
      const whole = workingTime(calendar, year, month);
      const elapsedDays = partial?.month === month ? partial.elapsedDays : 0;
      const elapsed = elapsedDays > 0 ? workingTime(calendar, year, month, elapsedDays) : { days: 0, worked: 0 };
      const share = 1 - elapsedDays / whole.days;
      return {
        ...{ month, period: periodOf(month), months: share, time: monthNumber(year, month) + 1 - share / 2 },
        ...{ days: whole.days - elapsed.days, worked: Math.max(0, whole.worked - elapsed.worked) },
      };
    })
    .filter(({ months }) => months > 1e-9);
}
