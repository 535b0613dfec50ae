import { daysIn, type Month, monthOf, monthsFrom, monthText, parseMonth, yearOf } from '../statistics/period.js';
import type { QuantityMonth } from './portion.js';
import { type Reason, reason } from './reason.js';

/** What a year's budget is computed from. */
export interface BudgetFacts {
  /** Of the year, tce or t per 10⁴ CNY. */
  readonly allowedIntensity: number;
  /** Of the whole year, published and expected, 10⁴ CNY. */
  readonly addedValue: number;
  /** What was used from January to `through`; the last month may be cut by it. */
  readonly used: readonly Pick<QuantityMonth, 'month' | 'amount'>[];
  /** The last day that `used` covers, `YYYY-MM-DD`. */
  readonly through: string;
  /** Last year's use by month, January first: the shape of a year. Without it the budget is spread by days. */
  readonly pattern: readonly number[] | null;
  /** What a day will take, tce or t, as the forecast expects; null without one. */
  readonly pacePerDay: number | null;
}

/** One month of the budget. */
export interface BudgetMonth {
  readonly month: string;
  /** Of the year's budget by the pattern; of a month that runs, its part up to `through`. */
  readonly allowed: number;
  /** Null: in the future. */
  readonly used: number | null;
  /** Used minus allowed since January. */
  readonly overSoFar: number | null;
}

/** What a month that is left may take for the target to hold. */
interface MonthLeft {
  readonly month: string;
  /** Days that are left of it. */
  readonly days: number;
  readonly allowance: number;
}

/** A year's budget; amounts are tce or t. */
export interface Budget {
  /** Allowed intensity × added value of the year. */
  readonly allowed: number;
  readonly used: number;
  /** Negative when more was used than the year allows. */
  readonly left: number;
  readonly daysLeft: number;
  /** 0 when nothing is left. */
  readonly perDay: number;
  readonly monthsLeft: readonly MonthLeft[];
  readonly months: readonly BudgetMonth[];
  /** The day on which the whole year's budget was used up, `YYYY-MM-DD`; its month's use is taken as even. */
  readonly spentOn: string | null;
  /** The day on which it will be at `pacePerDay`; null: not this year. */
  readonly runsOutOn: string | null;
  /** What will be left at the end of the year at `pacePerDay`; negative: too much used. */
  readonly leftAtYearEnd: number | null;
}

/**
 * How much the rest of the year may take for the target to hold. Without a positive added value, or with a month of
 * which the use is not known, there is no budget: what is left would look greater than it is.
 */
export function budgetOf(facts: BudgetFacts): { readonly budget: Budget | null; readonly blocks: readonly Reason[] } {
  const { month, day } = dayOf(facts.through);
  const january = monthOf(yearOf(month), 1);
  const use = new Map<Month, number>();
  for (const one of facts.used) use.set(parseMonth(one.month) ?? -1, one.amount);
  const missing = monthsFrom(january, month).filter((one) => !Number.isFinite(use.get(one)));
  const blocks: Reason[] = [];
  if (missing.length > 0) blocks.push(reason('quantity_missing', { list: missing.map(monthText) }));
  const allowed = facts.allowedIntensity * facts.addedValue;
  if (!(facts.addedValue > 0) || !Number.isFinite(allowed)) {
    blocks.push(reason('added_value_missing', { list: [String(yearOf(month))] }));
  }
  if (blocks.length > 0) return { budget: null, blocks };
  const used = monthsFrom(january, month).reduce((sum, one) => sum + (use.get(one) ?? 0), 0);
  const left = allowed - used;
  const shares = sharesOf(facts.pattern, january);
  const rest = restOf(shares, month, day);
  const daysLeft = rest.reduce((sum, one) => sum + one.days, 0);
  const toSpend = Math.max(0, left);
  const pace = facts.pacePerDay;
  return {
    blocks,
    budget: {
      ...{ allowed, used, left, daysLeft, perDay: daysLeft > 0 ? toSpend / daysLeft : 0 },
      monthsLeft: spread(rest, toSpend),
      months: monthRows(shares, use, allowed, month, day),
      spentOn: left > 0 ? null : spentOn(use, allowed, month, day),
      runsOutOn: left > 0 && pace !== null ? runsOutOn(month, day, left, pace, daysLeft) : null,
      leftAtYearEnd: pace === null ? null : left - pace * daysLeft,
    },
  };
}

/** @throws RangeError unless the text is a day, `YYYY-MM-DD` */
function dayOf(text: string): { readonly month: Month; readonly day: number } {
  const month = parseMonth(text.slice(0, 7));
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? Number(text.slice(8)) : 0;
  if (month === null || day < 1 || day > daysIn(month)) throw new RangeError(`not a day: ${text}`);
  return { month, day };
}

/** Each month's share of a year; by days where there is no pattern of twelve amounts. */
function sharesOf(pattern: readonly number[] | null, january: Month): { month: Month; share: number }[] {
  const months = monthsFrom(january, january + 11);
  const sum = pattern?.reduce((total, amount) => total + amount, 0) ?? 0;
  const usable = pattern?.length === 12 && pattern.every((amount) => amount >= 0) && sum > 0 && Number.isFinite(sum);
  const days = months.reduce((total, month) => total + daysIn(month), 0);
  return months.map((month, index) => ({
    month,
    share: usable ? (pattern[index] ?? 0) / sum : daysIn(month) / days,
  }));
}

/** What is left of the year: days of each month and its weight. */
function restOf(shares: readonly { month: Month; share: number }[], month: Month, day: number) {
  return shares
    .map((one) => ({ ...one, days: one.month < month ? 0 : daysIn(one.month) - (one.month === month ? day : 0) }))
    .filter(({ days }) => days > 0)
    .map((one) => ({ ...one, weight: (one.share * one.days) / daysIn(one.month) }));
}

function spread(rest: ReturnType<typeof restOf>, amount: number): MonthLeft[] {
  const weights = rest.reduce((sum, { weight }) => sum + weight, 0);
  const days = rest.reduce((sum, one) => sum + one.days, 0);
  // A pattern may have nothing in the months that are left.
  const shareOf = (one: (typeof rest)[number]) => (weights > 0 ? one.weight / weights : one.days / days);
  return rest.map((one) => ({ month: monthText(one.month), days: one.days, allowance: amount * shareOf(one) }));
}

function monthRows(
  shares: readonly { month: Month; share: number }[],
  use: ReadonlyMap<Month, number>,
  allowed: number,
  month: Month,
  day: number,
): BudgetMonth[] {
  let over = 0;
  return shares.map((one) => {
    const part = one.month === month ? day / daysIn(month) : 1;
    const due = allowed * one.share * part;
    const used = one.month <= month ? (use.get(one.month) ?? 0) : null;
    if (used !== null) over += used - due;
    return { month: monthText(one.month), allowed: due, used, overSoFar: used === null ? null : over };
  });
}

function spentOn(use: ReadonlyMap<Month, number>, allowed: number, last: Month, day: number): string | null {
  let before = 0;
  for (const month of monthsFrom(monthOf(yearOf(last), 1), last)) {
    const used = use.get(month) ?? 0;
    const days = month === last ? day : daysIn(month);
    const share = used > 0 ? Math.max(0, (allowed - before) / used) : 0;
    if (before + used >= allowed) return date(month, Math.max(1, Math.ceil(share * days)));
    before += used;
  }
  return null;
}

/** The day within which the rest runs out. */
function runsOutOn(month: Month, day: number, left: number, pace: number, daysLeft: number): string | null {
  const days = Math.ceil(left / pace);
  return pace > 0 && days <= daysLeft ? date(month, day + days) : null;
}

const date = (month: Month, day: number): string =>
  new Date(Date.UTC(yearOf(month), month % 12, day)).toISOString().slice(0, 10);

/** The `pacePerDay` of a budget, tce or t a day; null without a forecast, and at the end of the year. */
export const paceOf = ({ left, leftAtYearEnd, daysLeft }: Budget): number | null =>
  leftAtYearEnd === null || daysLeft <= 0 ? null : (left - leftAtYearEnd) / daysLeft;

/** What a day took on average of late. */
export interface RecentUse {
  /** tce or t. */
  readonly perDay: number;
  readonly days: number;
  /** First and last day, `YYYY-MM-DD`. */
  readonly from: string;
  readonly through: string;
}

/** Fewer days of a month say little: the month before is taken with them. */
const RECENT_DAYS = 14;

/** The use per day of the month that runs, or of that and the month before. @param through the last day that counts */
export function recentUse({ months }: Pick<Budget, 'months'>, through: string): RecentUse | null {
  const { month, day } = dayOf(through);
  const used = new Map(months.map((one) => [parseMonth(one.month), one.used]));
  const take = day < RECENT_DAYS && used.get(month - 1) != null ? [month - 1, month] : [month];
  const amounts = take.map((one) => used.get(one) ?? null);
  if (amounts.includes(null)) return null;
  const days = take.reduce((sum, one) => sum + (one === month ? day : daysIn(one)), 0);
  const perDay = amounts.reduce<number>((sum, one) => sum + (one ?? 0), 0) / days;
  return { perDay, days, from: date(take[0]!, 1), through };
}
