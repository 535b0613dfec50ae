import type { Applied } from '../conversion/convert.js';
import { daysIn, type Month, monthsFrom, monthText, parseMonth, parsePeriod } from '../statistics/period.js';
import type { AddedValue } from '../statistics/value.js';

/** What the meters say of one month. */
export interface QuantityMonth {
  /** `YYYY-MM`. */
  readonly month: string;
  /** tce of energy, t of wastewater. */
  readonly amount: number;
  /** Share of the month that was measured, 0…1. */
  readonly completeness: number;
  /** Share of the amount that was integrated from power or flow, 0…1. */
  readonly estimatedShare: number;
  /** Share of the amount that fills gaps by a declared method, 0…1. */
  readonly filledShare: number;
  /** Share of the amount that a utility billed before there were meters, 0…1; 0 when left out. */
  readonly billedShare?: number;
}

/** Both sides of one enterprise, or of a park that is counted as a whole. */
export interface Member {
  /** `enterprise:{park}/{id}` or `park:{id}`. */
  readonly id: string;
  /** In any order; months beside the period are not looked at. */
  readonly quantity: readonly QuantityMonth[];
  /** Over the months of the figure. */
  readonly addedValue: AddedValue;
  /** The coefficients that made the quantity. */
  readonly coefficients?: readonly Applied[];
  /** Months, `YYYY-MM`, of which a carrier has no coefficient. */
  readonly notConverted?: readonly string[];
  /** The first month of business, `YYYY-MM`: before it both sides are 0, not missing. */
  readonly began?: string;
  /** Names of the sets that the two sides cover, of a park counted as a whole; they have to be the same. */
  readonly covers?: { readonly quantity: string; readonly addedValue: string };
}

/** What one member brings to a figure, and what is against it. */
export interface Portion {
  readonly member: Member;
  /** tce or t over the months that there are. */
  readonly quantity: number;
  /** 10⁴ CNY over the months that there are. */
  readonly addedValue: number;
  readonly completeness: number;
  readonly estimatedShare: number;
  readonly filledShare: number;
  readonly billedShare: number;
  readonly months: readonly QuantityMonth[];
  /** Months, `YYYY-MM`. */
  readonly quantityMissing: readonly string[];
  /** Periods as text. */
  readonly addedValueMissing: readonly string[];
  /** Months, `YYYY-MM`. */
  readonly notConverted: readonly string[];
  readonly setsDiffer: boolean;
}

/** What a member brings to the months first to last, from the month on in which its business began. */
export function portionOf(member: Member, first: Month, last: Month): Portion {
  const began = member.began === undefined ? null : parseMonth(member.began);
  const due = monthsFrom(began === null ? first : Math.max(first, began), last);
  const byMonth = new Map(member.quantity.map((one) => [one.month, one]));
  const months = due.map(monthText).flatMap((month) => byMonth.get(month) ?? []);
  const quantity = sumOver(months, ({ amount }) => amount);
  const gaps = member.addedValue.gaps.filter(
    ({ period }) => began === null || (parsePeriod(period)?.last ?? began) >= began,
  );
  return {
    ...{ member, quantity, addedValue: member.addedValue.known, months },
    completeness: mean(
      months.length === due.length ? months : paddedWith(months, due),
      daysOf,
      (one) => one.completeness,
    ),
    estimatedShare: mean(months, amountOf, (one) => one.estimatedShare),
    filledShare: mean(months, amountOf, (one) => one.filledShare),
    billedShare: mean(months, amountOf, (one) => one.billedShare ?? 0),
    quantityMissing: due.map(monthText).filter((month) => !isUsable(byMonth.get(month))),
    addedValueMissing: gaps.map(({ period }) => period),
    notConverted: (member.notConverted ?? []).filter((month) => due.includes(parseMonth(month) ?? -1)),
    setsDiffer: member.covers !== undefined && member.covers.quantity !== member.covers.addedValue,
  };
}

/** Whether both sides cover the same months of the same enterprises. */
export const isCounted = (portion: Portion): boolean =>
  portion.quantityMissing.length === 0 &&
  portion.addedValueMissing.length === 0 &&
  portion.notConverted.length === 0 &&
  !portion.setsDiffer;

const isUsable = (one: QuantityMonth | undefined): boolean => one !== undefined && Number.isFinite(one.amount);
const daysOf = ({ month }: { readonly month: string }) => daysIn(parseMonth(month) ?? 0);
const amountOf = ({ amount }: QuantityMonth) => Math.abs(amount);

function paddedWith(months: readonly QuantityMonth[], due: readonly Month[]): QuantityMonth[] {
  const byMonth = new Map(months.map((one) => [one.month, one]));
  const nothing = { amount: 0, completeness: 0, estimatedShare: 0, filledShare: 0 };
  return due.map(monthText).map((month) => byMonth.get(month) ?? { month, ...nothing });
}

/** The sum of one number of each. */
export const sumOver = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0);

/** Weighted mean; 0 of nothing, the plain mean when no weight is above 0. */
export function mean<T>(all: readonly T[], weight: (one: T) => number, of: (one: T) => number): number {
  if (all.length === 0) return 0;
  const weights = sumOver(all, weight);
  return weights > 0 ? sumOver(all, (one) => weight(one) * of(one)) / weights : sumOver(all, of) / all.length;
}
