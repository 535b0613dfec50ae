import type { MonthFigure, PartialMonth } from '../forecast/figures.js';
import type { AddedValues } from '../statistics/added-value.js';
import { type Month, monthOf, monthsFrom, monthText } from '../statistics/period.js';
import type { Books } from './book.js';
import type { CarrierUse, QuantityBook, RunningMonth } from './quantity-book.js';

/** Members of a scope, each with its quantities. */
export type Counted = readonly { readonly id: string; readonly quantity: QuantityBook }[];

/** The members with the given ids that have quantities. */
export function countedOf({ of }: Pick<Books, 'of'>, ids: readonly string[]): Counted {
  const wanted = new Set(ids);
  return of.flatMap(({ quantities }) =>
    [...quantities].filter(([id]) => wanted.has(id)).map(([id, quantity]) => ({ id, quantity })),
  );
}

/** A sum over members; null where one of them has none. */
function whole<T>(all: readonly T[], of: (one: T) => number | null | undefined): number | null {
  let sum = 0;
  for (const one of all) {
    const value = of(one);
    if (value === null || value === undefined) return null;
    sum += value;
  }
  return all.length > 0 ? sum : null;
}

/** tce or t of all members in a whole month; null where one has none. */
export const quantityIn = (counted: Counted, month: Month): number | null =>
  whole(counted, ({ quantity }) => {
    const text = monthText(month);
    return quantity.notConverted.includes(text) ? null : quantity.months.get(text)?.amount;
  });

/** 10⁴ CNY of all members over some months of one year; null where one has none. */
export const addedValueIn = (counted: Counted, values: AddedValues, first: Month, last: Month): number | null =>
  whole(counted, ({ id }) => values.over(id, first, last).amount);

/** The periods in which a year's statistics came: months, or January and February as one where only that is known. */
export function periodsOf(counted: Counted, values: AddedValues, year: number): { first: Month; last: Month }[] {
  const january = monthOf(year, 1);
  const known = (first: Month, last: Month) => addedValueIn(counted, values, first, last) !== null;
  const isJoint = !(known(january, january) && known(january + 1, january + 1)) && known(january, january + 1);
  const months = monthsFrom(january, january + 11).map((month) => ({ first: month, last: month }));
  return isJoint ? [{ first: january, last: january + 1 }, ...months.slice(2)] : months;
}

const figure = (year: number, first: Month, last: Month, value: number): MonthFigure => ({
  ...{ year, month: (first % 12) + 1, value },
  ...(last > first && { months: 2 as const }),
});

/** Monthly quantities of the members, of the months in which all have one. */
export function quantityFigures(counted: Counted, from: number, year: number): MonthFigure[] {
  return monthsFrom(monthOf(from, 1), monthOf(year, 12)).flatMap((month) => {
    const value = quantityIn(counted, month);
    return value === null ? [] : [figure(Math.floor(month / 12), month, month, value)];
  });
}

/** Monthly added value of the members, of the months in which all have one. */
export function addedValueFigures(counted: Counted, values: AddedValues, from: number, year: number): MonthFigure[] {
  return Array.from({ length: year - from + 1 }, (_, i) => from + i).flatMap((one) =>
    periodsOf(counted, values, one).flatMap(({ first, last }) => {
      const value = addedValueIn(counted, values, first, last);
      return value === null ? [] : [figure(one, first, last, value)];
    }),
  );
}

/** What the running month came to so far, of all members; null where one has none of it. */
export function partialOf(counted: Counted, year: number): (PartialMonth & { readonly text: string }) | null {
  const running = counted.flatMap(({ quantity }) => quantity.running ?? []);
  const [one] = running;
  if (one === undefined || running.length < counted.length || Number(one.month.slice(0, 4)) !== year) return null;
  if (running.some(({ month }) => month !== one.month)) return null;
  const value = running.reduce((sum, { amount }) => sum + amount, 0);
  const weights = running.reduce((sum, { amount }) => sum + Math.abs(amount), 0);
  const share = ({ amount }: RunningMonth) => (weights > 0 ? Math.abs(amount) / weights : 1 / running.length);
  const elapsedDays = running.reduce((sum, month) => sum + share(month) * month.elapsedDays, 0);
  return elapsedDays > 0 ? { text: one.month, month: Number(one.month.slice(5)), elapsedDays, value } : null;
}

/** What each carrier came to over some months, summed over members and months. */
export function usesOver(counted: Counted, first: Month, last: Month): CarrierUse[] {
  const sums = new Map<string, CarrierUse>();
  for (const { quantity } of counted) {
    for (const use of monthsFrom(first, last).flatMap((month) => quantity.uses.get(monthText(month)) ?? [])) {
      const before = sums.get(use.carrier);
      const amount = (before === undefined ? 0 : before.amount) === null ? null : (before?.amount ?? 0);
      sums.set(use.carrier, {
        ...use,
        metered: (before?.metered ?? 0) + use.metered,
        ...((use.billed ?? before?.billed) !== undefined && { billed: (before?.billed ?? 0) + (use.billed ?? 0) }),
        amount: amount === null || use.amount === null ? null : amount + use.amount,
      });
    }
  }
  return [...sums.values()];
}
