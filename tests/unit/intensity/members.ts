import type { Applied } from '../../../src/intensity/model/conversion/convert.js';
import type { AddedValues } from '../../../src/intensity/model/statistics/added-value.js';
import { type Month, monthsFrom, monthText } from '../../../src/intensity/model/statistics/period.js';
import type { AddedValue } from '../../../src/intensity/model/statistics/value.js';
import type { PairedMember } from '../../../src/intensity/model/tracking/comparison.js';
import type { Member, QuantityMonth } from '../../../src/intensity/model/tracking/portion.js';
import { level, period, valuesOf } from './book.js';

export const THRESHOLDS = { minCompleteness: 0.9, minCoverage: 0.9 };
export const ELECTRICITY: Applied = {
  ...{ carrier: 'electricity', kgcePerUnit: 0.1229, unit: 'kWh', basis: 'calorific', mark: 'C' },
  ...{ labelZh: '电力（当量值）', labelEn: 'electricity, calorific value', source: 'GB/T 2589-2020' },
};

export const month = (text: string): Month => period(text).first;

/** The same amount each month, wholly measured unless told otherwise. */
export const quantities = (first: string, last: string, amount: number, over: Partial<QuantityMonth> = {}) =>
  monthsFrom(month(first), month(last)).map((one) => ({
    ...{ month: monthText(one), amount, completeness: 1, estimatedShare: 0, filledShare: 0 },
    ...over,
  }));

/** A whole year: quantity and added value are sums of twelve equal months and one annual figure. */
export function yearOf(id: string, year: number, quantity: number, addedValue: number, over: Partial<Member> = {}) {
  const values = valuesOf([level(id, String(year), addedValue)]);
  const member: Member = {
    ...{ id, quantity: quantities(`${year}-01`, `${year}-12`, quantity / 12), coefficients: [ELECTRICITY] },
    addedValue: values.of(id, period(String(year))),
  };
  return { ...member, ...over };
}

export const nothing = (text: string): AddedValue => valuesOf([]).of('nobody', period(text));

/** Both sides of a member from January to some month of a year and the year before. */
export function paired(
  id: string,
  values: AddedValues,
  last: string,
  quantity: readonly QuantityMonth[],
  over: Partial<PairedMember> = {},
): PairedMember {
  const end = month(last);
  return { id, quantity, addedValue: values.pair(id, end - (end % 12), end), coefficients: [ELECTRICITY], ...over };
}
