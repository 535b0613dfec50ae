import chineseDays from 'chinese-days';
import type { CalendarCoverage, WorkCalendar } from './model/forecast/working-time.js';

/** Noon, because the library reads dates in the zone of the process. */
const dayDetail = (year: number, month: number, day: number) =>
  chineseDays.getDayDetail(new Date(year, month - 1, day, 12));

/**
 * Official holidays and make-up workdays (调休) of mainland China, as the State Council announces them each November for
 * the year to come: 2004 to 2026 in the version of `chinese-days` that is installed. The library answers plain weekdays for
 * any other year without a word; this calendar says so by `coverage`. Keep one: it remembers what it was asked.
 */
export class ChineseWorkCalendar implements WorkCalendar {
  /** Working days of a year by month and day; a process asks for a few tens of years. */
  readonly #years = new Map<number, { readonly coverage: CalendarCoverage; readonly works: readonly boolean[] }>();

  /** 1 on working days, 0 on days off. */
  weight(year: number, month: number, day: number): number {
    return this.#year(year).works[month * 32 + day] ? 1 : 0;
  }

  coverage(year: number): CalendarCoverage {
    return this.#year(year).coverage;
  }

  #year(year: number) {
    const known = this.#years.get(year);
    if (known) return known;
    const works: boolean[] = [];
    for (
      let day = new Date(Date.UTC(year, 0, 1));
      day.getUTCFullYear() === year;
      day.setUTCDate(day.getUTCDate() + 1)
    ) {
      const [month, date] = [day.getUTCMonth() + 1, day.getUTCDate()];
      works[month * 32 + date] = dayDetail(year, month, date).work;
    }
    // Holidays of every year that was announced; 1 January may be listed a year early.
    const isOfficial = [dayDetail(year, 5, 1), dayDetail(year, 10, 1), dayDetail(year, 10, 2)].every(({ name }) =>
      /劳动节|国庆节/.test(name),
    );
    const made = { coverage: isOfficial ? ('official' as const) : ('weekdays_only' as const), works };
    this.#years.set(year, made);
    return made;
  }
}
