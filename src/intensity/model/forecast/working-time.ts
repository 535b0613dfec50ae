/** Whether the days of a year are known officially, or only Saturdays and Sundays are told from other days. */
export type CalendarCoverage = 'official' | 'weekdays_only';

/** Which days are worked. Months count from 1. */
export interface WorkCalendar {
  /** Working weight of a day: 0 (day off) to 1 (working day, make-up workdays included). */
  weight(year: number, month: number, day: number): number;
  coverage(year: number): CalendarCoverage;
}

/** A stretch of time as the forecast counts it. */
export interface WorkingTime {
  /** Calendar days. */
  readonly days: number;
  /** Days weighted by the calendar. */
  readonly worked: number;
}

/** Official years whose mean stands in for a year that the calendar does not cover. */
const STAND_IN_YEARS = 4;
/** How far back they are looked for. */
const LOOK_BACK_YEARS = 8;

/** Days in a month, 28 to 31; months count from 1. */
export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/**
 * Working time of a month, or of its first `elapsedDays` days (a fraction counts part of the day it falls in). In a year
 * that is not covered, the month has the mean share of worked days that it had in the last four covered years, because
 * weekdays alone would call a holiday week worked; the part elapsed is then shared out by weekdays.
 */
export function workingTime(calendar: WorkCalendar, year: number, month: number, elapsedDays?: number): WorkingTime {
  const days = daysInMonth(year, month);
  const part = Math.min(elapsedDays ?? days, days);
  const counted = countDays(calendar, year, month, part);
  const standIns = calendar.coverage(year) === 'official' ? [] : coveredYearsBefore(calendar, year);
  if (standIns.length === 0) return { days: part, worked: counted };
  const shares = standIns.map((one) => {
    const length = daysInMonth(one, month);
    return countDays(calendar, one, month, length) / length;
  });
  const worked = (shares.reduce((sum, share) => sum + share, 0) / shares.length) * days;
  return { days: part, worked: part === days ? worked : (worked * counted) / countDays(calendar, year, month, days) };
}

function countDays(calendar: WorkCalendar, year: number, month: number, days: number): number {
  let worked = 0;
  for (let day = 1; day < days + 1; day++) worked += Math.min(1, days + 1 - day) * calendar.weight(year, month, day);
  return worked;
}

function coveredYearsBefore(calendar: WorkCalendar, year: number): number[] {
  return Array.from({ length: LOOK_BACK_YEARS }, (_, i) => year - 1 - i)
    .filter((one) => calendar.coverage(one) === 'official')
    .slice(0, STAND_IN_YEARS);
}
