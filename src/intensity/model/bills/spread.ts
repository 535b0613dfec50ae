import { DAY_MS } from '../../../model/time/duration.js';
import type { Thousandths } from '../quantity/grid.js';
import { type Bill, inFirstUnit, parseDay } from './bill.js';

/** What a bill brings to one month. Days count from 1970-01-01. */
interface BilledMonth {
  /** `YYYY-MM`. */
  readonly month: string;
  /** In thousandths of `unit`. */
  readonly amount: Thousandths;
  readonly unit: string;
  /** Its days in the month, `toDay` no more. */
  readonly fromDay: number;
  readonly toDay: number;
  /** Whether only part of the bill is in this month: that part is taken by days. */
  readonly isSpread: boolean;
}

/**
 * A bill by months, spread evenly over its days; the parts of a bill add up to it exactly. Meters of our own go before
 * bills: from the day on which the first one counts, `meteredFrom` (days from 1970-01-01), nothing of it is taken.
 * @param meteredFrom Infinity where there is no meter
 */
export function billedMonths(bill: Bill, meteredFrom: number): BilledMonth[] {
  const first = parseDay(bill.from);
  const last = parseDay(bill.through);
  if (first === null || last === null) return [];
  const { amount, unit } = inFirstUnit(bill);
  const whole = Math.round(amount * 1000);
  const days = last + 1 - first;
  const upTo = (day: number): Thousandths => Math.round((whole * (day - first)) / days);
  const end = Math.min(last + 1, meteredFrom);
  const months: BilledMonth[] = [];
  for (let day = first; day < end; ) {
    const date = new Date(day * DAY_MS);
    const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
    const to = Math.min(next, end);
    months.push({
      ...{ month: date.toISOString().slice(0, 7), amount: upTo(to) - upTo(day), unit, fromDay: day, toDay: to },
      isSpread: to - day < days,
    });
    day = to;
  }
  return months;
}

/** How the days of a bill are used. */
export interface BillUse {
  readonly days: number;
  /** Those that count. */
  readonly billedDays: number;
  /** Those from the first meter on, which count by it. */
  readonly meteredDays: number;
  /** Whether the bill is of more than one month, or of some days of it: its amount is spread evenly over its days. */
  readonly isSpread: boolean;
}

/** How many of a bill's days count. @param meteredFrom days from 1970-01-01, as in `billedMonths` */
export function useOf(bill: Bill, meteredFrom: number): BillUse {
  const days = (parseDay(bill.through) ?? 0) + 1 - (parseDay(bill.from) ?? 0);
  const months = billedMonths(bill, meteredFrom);
  const billedDays = months.reduce((sum, { fromDay, toDay }) => sum + toDay - fromDay, 0);
  return { days, billedDays, meteredDays: days - billedDays, isSpread: months.some(({ isSpread }) => isSpread) };
}
